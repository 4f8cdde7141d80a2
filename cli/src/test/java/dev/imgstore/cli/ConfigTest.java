package dev.imgstore.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Settings: three files, the last wins, and mistakes are named with their place. */
final class ConfigTest {
  @TempDir Path directory;
  private Desk desk;

  @BeforeEach
  void prepare() throws IOException {
    desk = new Desk(directory);
  }

  @Test
  void theStoresOwnFileIsStrongestAndEachSettingSaysWhereItIsFrom() throws IOException {
    desk.write("etc/config.yaml", "max-size: 20G\nretention: {keep: 5, for: 30d}\n");
    desk.write("config/imgstore/config.yaml", "# mine\nretention:\n  keep: 7\n");
    desk.write(
        "store/config.yaml", "retention:\n  profiles:\n    web: {keep: 9}\n    a.b: {for: 8w}\n");
    JsonNode json = desk.run("config", "--show", "--json").with(0).json();
    List<String> lines = new ArrayList<>();
    for (JsonNode each : json.path("settings")) {
      String from = each.path("from").asText().replace(directory.toString(), "");
      lines.add(each.path("key").asText() + " " + each.path("value").asText() + " " + from);
    }
    assertEquals(
        List.of(
            "max-size 20G /etc/config.yaml",
            "retention.for 30d /etc/config.yaml",
            "retention.keep 7 /config/imgstore/config.yaml",
            "retention.profiles.a.b.for 8w /store/config.yaml",
            "retention.profiles.web.keep 9 /store/config.yaml"),
        lines);
    assertTrue(desk.run("config").with(0).out().contains("read " + directory.resolve("store")));
  }

  @Test
  void thePasswordOfACatalogIsNotShown() throws IOException {
    desk.write(
        "store/config.yaml",
        "catalog: {url: 'jdbc:postgresql://db/x?user=a&password=secret&ssl=true'}\n");
    String shown = desk.run("config").with(0).out();
    assertTrue(shown.contains("user=a&password=...&ssl=true"), shown);
    desk.write("store/config.yaml", "catalog: {url: 'jdbc:h2:mem:x'}\n");
    String err = desk.run("config").with(2).err();
    assertTrue(err.contains("begins with jdbc:postgresql:"), err);
  }

  @Test
  void withoutFilesNothingIsSet() {
    assertEquals(0, desk.run("config", "--json").with(0).json().path("settings").size());
  }

  @Test
  void allMistakesOfAFileAreSaidAtOnceWithTheirPlaces() throws IOException {
    desk.write(
        "store/config.yaml",
        "max-sise: 20G\nmax-size: much\nretention:\n  keep: 0\n  for: 1y\n  profiles:\n    a/b: {}\n");
    String err = desk.run("config").with(2).err();
    assertTrue(err.contains("5 mistakes"), err);
    for (String each :
        List.of(
            "config.yaml:1:1: unknown setting `max-sise`; did you mean `max-size`?",
            "config.yaml:2:11: `max-size`: not a size: much",
            "config.yaml:4:9: `keep`: `0` is no number from 1",
            "config.yaml:5:8: `for`: not a time: 1y",
            "config.yaml:7:5: `a/b` names no profile")) {
      assertTrue(err.contains(each), each + " in " + err);
    }
  }

  @Test
  void aFileThatIsNoMappingIsRefused() throws IOException {
    desk.write("store/config.yaml", "- keep\n");
    assertTrue(desk.run("config").with(2).err().contains("a settings file is a mapping"));
    desk.write("store/config.yaml", "retention: [");
    assertTrue(desk.run("config").with(2).err().contains("this is not YAML"));
    desk.write("store/config.yaml", "");
    desk.run("config").with(0);
  }
}
