package dev.imgstore.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What things cost, held against the bytes that are there. */
final class DuTest {
  private static final int LARGE = 300_000;

  @TempDir Path directory;
  private Desk desk;

  @BeforeEach
  void prepare() throws IOException {
    desk = new Desk(directory);
  }

  @AfterEach
  void storeIsSound() {
    desk.verify();
  }

  /** A recipe with one file of random bytes for each seed: they do not compress. */
  private void build(String name, int... seeds) throws IOException {
    StringBuilder files = new StringBuilder("files:\n");
    for (int seed : seeds) {
      byte[] bytes = new byte[LARGE];
      new Random(seed).nextBytes(bytes);
      Path file = desk.path(name + "/f" + seed);
      Files.createDirectories(file.getParent());
      Files.write(file, bytes);
      files.append("  - {path: /f").append(seed).append(", from: f").append(seed).append("}\n");
    }
    desk.recipe(name, files.toString());
    desk.run("build", name).with(0);
  }

  private JsonNode du(String... refs) {
    String[] args =
        Stream.concat(Stream.of("du", "--json"), Stream.of(refs)).toArray(String[]::new);
    return desk.run(args).with(0).json();
  }

  private static void about(int files, JsonNode bytes) {
    long expected = (long) files * LARGE;
    assertTrue(
        bytes.asLong() >= expected && bytes.asLong() < expected + 30_000,
        files + " files are not " + bytes);
  }

  @Test
  void whatOneNeedsIsAloneAndWhatSeveralNeedIsShared() throws IOException {
    build("web", 1, 2);
    build("web", 2, 3);
    build("db", 3, 4);
    JsonNode du = du();
    about(2, du.path("profiles").path(1).path("alone")); // 1 and 2
    about(1, du.path("profiles").path(1).path("shared")); // 3
    about(1, du.path("profiles").path(0).path("alone")); // 4
    about(1, du.path("between"));
    JsonNode first = du.path("generations").path(1);
    assertEquals("web", first.path("profile").asText());
    about(1, first.path("alone")); // 1
    about(1, first.path("shared")); // 2
    JsonNode second = du.path("generations").path(2);
    assertTrue(second.path("current").asBoolean());
    about(0, second.path("alone"));
    about(2, second.path("shared"));
    JsonNode one = du("web@1");
    assertEquals(1, one.path("generations").size());
    assertEquals(first, one.path("generations").path(0));
    assertEquals(2, du("web").path("generations").size());
  }

  @Test
  void allTogetherIsTheSizeOfTheStore() throws IOException {
    build("web", 1, 2);
    build("web", 2, 3);
    build("db", 3, 4);
    desk.run("delete", "web@1").with(0);
    JsonNode du = du();
    long files = 0;
    try (Stream<Path> all = Files.walk(desk.store())) {
      for (Path each : all.filter(Files::isRegularFile).toList()) {
        files += Files.size(each);
      }
    }
    assertEquals(files, du.path("total").asLong());
    long parts = du.path("between").asLong() + du.path("pins").path("alone").asLong();
    for (JsonNode each : du.path("profiles")) {
      parts += each.path("alone").asLong();
    }
    for (String each : new String[] {"unkept", "headers", "beside"}) {
      parts += du.path(each).asLong();
    }
    assertEquals(files, parts);
    about(1, du.path("unkept"));
  }

  @Test
  void peopleSeeProfilesTotalsAndGenerations() throws IOException {
    build("web", 1);
    build("web", 1, 2);
    String all = desk.run("du").with(0).out();
    assertTrue(all.contains("PROFILE  GENERATIONS"), all);
    assertTrue(all.contains("the whole store"), all);
    String web = desk.run("du", "web").with(0).out();
    assertEquals(3, web.lines().count(), web);
    assertTrue(web.lines().toList().get(2).startsWith("*  web@2"), web);
    desk.run("du", "wob").with(5).complains("did you mean web?");
  }

  @Test
  void withoutAProfileEverythingIsUnkept() throws IOException {
    build("web", 1);
    desk.run("delete", "web").with(0);
    JsonNode du = du();
    about(1, du.path("unkept"));
    assertEquals(0, du.path("profiles").size());
  }

  @Test
  void packagesHaveWhatTheirListsNameAndWhatWasFetched() throws IOException {
    Mirror mirror = new Mirror(desk).with("good", "1.2-3", "");
    desk.recipe(
        "web",
        Mirror.recipe("good")
            + """
            files:
              - {path: /usr/bin/tool, text: "%s"}
              - {path: /bin, symlink: usr/bin}
              - {path: /etc/mine, text: "mine"}
              - {path: /var/lib/dpkg/info/tool:amd64.list, text: "/.\\n/bin\\n/bin/tool\\n"}
            """
                .formatted("x".repeat(5000)));
    desk.run("build", "web").with(0);
    JsonNode packages = du("--packages").path("packages");
    Map<String, JsonNode> byName = new TreeMap<>();
    packages.forEach(each -> byName.put(each.path("package").asText(), each));
    long deb = Files.size(mirror.file("good"));
    assertTrue(
        byName.getOrDefault("good", packages).path("alone").asLong() >= deb, byName::toString);
    long tool = byName.getOrDefault("tool", packages).path("alone").asLong();
    assertTrue(tool > 64 && tool < 300, byName::toString);
    assertTrue(byName.keySet().stream().anyMatch(each -> each.startsWith("layer ")));
    assertTrue(byName.containsKey(""), byName::toString);
    long sum = 0;
    for (JsonNode each : packages) {
      assertEquals(0, each.path("shared").asLong(), each::toString);
      sum += each.path("alone").asLong();
    }
    assertEquals(du().path("profiles").path(0).path("alone").asLong(), sum);
    assertTrue(desk.run("du", "--packages", "web@1").with(0).out().contains("good"));
    desk.run("build", "web", "--profile", "other").with(0);
    JsonNode one = du("--packages", "web").path("packages");
    for (JsonNode each : one) {
      if (!each.path("package").asText().isEmpty()) {
        assertEquals(0, each.path("alone").asLong(), each::toString);
      }
    }
  }
}
