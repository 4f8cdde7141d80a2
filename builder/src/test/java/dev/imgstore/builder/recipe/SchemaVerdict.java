package dev.imgstore.builder.recipe;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.util.List;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/** What an ordinary JSON Schema validator says of a recipe, as an editor would. */
final class SchemaVerdict {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final JsonSchema SCHEMA =
      JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012).getSchema(RecipeSchema.text());

  private SchemaVerdict() {}

  /** Messages; none if the recipe fits. */
  static List<String> of(String yaml) {
    LoadSettings settings = LoadSettings.builder().setSchema(new CoreSchema()).build();
    Object loaded = new Load(settings).loadFromString(yaml);
    JsonNode tree = JSON.valueToTree(loaded);
    return SCHEMA.validate(tree).stream().map(Object::toString).sorted().toList();
  }
}
