package dev.imgstore.builder.recipe;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.imgstore.model.Problem;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What settings mean. */
final class SettingsTest {
  private static Settings read(String yaml) {
    List<Problem> problems = new ArrayList<>();
    Settings settings = SettingsReader.read("config.yaml", yaml.getBytes(UTF_8), problems);
    assertEquals(List.of(), problems);
    return settings;
  }

  @Test
  void aProfileHasTheStoresRulesButForItsOwn() {
    Settings settings =
        read("retention: {keep: 5, for: 30d, profiles: {web: {keep: 9}, a.b: {for: 1h}}}");
    assertEquals("keep 5, for 30d", settings.retention().toString());
    assertEquals("keep 5, for 30d", settings.retention("db").toString());
    assertEquals("keep 9, for 30d", settings.retention("web").toString());
    assertEquals("keep 5, for 1h", settings.retention("a.b").toString());
    assertEquals("keep all", Settings.NONE.retention("web").toString());
  }

  @Test
  void whatIsStrongerWinsKeyByKey() {
    Settings weak = read("max-size: 20G\nretention: {keep: 5}");
    Settings strong = read("retention: {keep: 6, for: 2d}");
    assertEquals("keep 6, for 2d", strong.over(weak).retention().toString());
    assertEquals("keep 5, for 2d", weak.over(strong).retention().toString());
    assertEquals(20L << 30, strong.over(weak).maxSize());
    assertEquals(0, strong.maxSize());
  }

  @Test
  void sizesArePowersOfTwo() {
    assertEquals(500L << 20, Settings.bytes("500M"));
    assertEquals(2L << 40, Settings.bytes("2 TiB"));
    for (String text : List.of("", "5", "0G", "-1G", "1.5G", "5GB", "9999999999G", "G")) {
      assertThrows(IllegalArgumentException.class, () -> Settings.bytes(text), text);
    }
  }
}
