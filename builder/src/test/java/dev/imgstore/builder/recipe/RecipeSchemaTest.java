package dev.imgstore.builder.recipe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaId;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SpecVersion;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RecipeSchemaTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @ParameterizedTest
  @EnumSource(Part.class)
  void readerAndSchemaKnowTheSameKeys(Part part) throws IOException {
    JsonNode properties = object(part).get("properties");
    List<String> keys = new ArrayList<>();
    properties.fieldNames().forEachRemaining(keys::add);
    assertEquals(part.keys(), keys);
  }

  @ParameterizedTest
  @EnumSource(Part.class)
  void theSchemaRefusesUnknownKeys(Part part) throws IOException {
    assertEquals(false, object(part).get("additionalProperties").booleanValue());
  }

  @Test
  void theSchemaHasNoOtherObjectsThanTheReader() throws IOException {
    JsonNode schema = JSON.readTree(RecipeSchema.text());
    TreeSet<String> objects = new TreeSet<>();
    schema
        .get("$defs")
        .properties()
        .forEach(
            def -> {
              if (def.getValue().has("properties")) {
                objects.add(def.getKey());
              }
            });
    TreeSet<String> parts = new TreeSet<>();
    for (Part part : Part.values()) {
      if (part != Part.RECIPE) {
        parts.add(part.name().toLowerCase(Locale.ROOT));
      }
    }
    assertEquals(parts, objects);
  }

  @Test
  void wordsAreTheSame() throws IOException {
    JsonNode schema = JSON.readTree(RecipeSchema.text());
    assertEquals(DebianPart.SCRIPTS.keySet(), words(schema.at("/properties/scripts/anyOf/0/enum")));
    assertEquals(
        ImagePart.COMPRESSIONS.keySet(),
        words(schema.at("/$defs/image/properties/compression/anyOf/0/enum")));
    JsonNode boot = schema.at("/$defs/disk/properties/boot/anyOf");
    assertEquals(DiskPart.STARTERS.keySet(), words(boot.at("/0/enum")));
    assertEquals(DiskPart.STARTERS.keySet(), words(boot.at("/1/items/anyOf/0/enum")));
    assertEquals(
        DiskPart.INITRDS.keySet(), words(schema.at("/$defs/disk/properties/initrd/anyOf/0/enum")));
    Set<String> platforms = words(schema.at("/properties/platforms/items/anyOf/0/enum"));
    assertFalse(platforms.isEmpty());
    for (String platform : platforms) {
      assertTrue(Rules.PLATFORM.complaint(platform).isEmpty(), platform);
    }
    String refusal = Rules.PLATFORM.complaint("plan9/vax").orElse("");
    for (String platform : platforms) {
      assertTrue(refusal.contains("`" + platform + "`"), refusal);
    }
    assertEquals(platforms.size(), refusal.split("`", -1).length / 2 - 1, refusal);
  }

  @Test
  void theSchemaIsItselfOne() throws IOException {
    var meta =
        JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
            .getSchema(SchemaLocation.of(SchemaId.V202012));
    assertEquals(
        List.of(),
        meta.validate(JSON.readTree(RecipeSchema.text())).stream().map(Object::toString).toList());
  }

  private static Set<String> words(JsonNode array) {
    Set<String> words = new TreeSet<>();
    array.forEach(word -> words.add(word.textValue()));
    return words;
  }

  private static JsonNode object(Part part) throws IOException {
    JsonNode schema = JSON.readTree(RecipeSchema.text());
    return part == Part.RECIPE
        ? schema
        : schema.get("$defs").get(part.name().toLowerCase(Locale.ROOT));
  }
}
