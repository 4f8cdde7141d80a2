package dev.imgstore.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.imgstore.model.Digest;
import dev.imgstore.store.Profiles.Because;
import dev.imgstore.store.Store;
import dev.imgstore.store.disk.DiskStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What contains a package or a file, through the command line. */
final class FindCommandTest {
  @TempDir Path directory;
  private Desk desk;

  /** web@1 and db@1 with openssl 3.0.15-1, web@2 with 3.0.17-1, which is current. */
  @BeforeEach
  void prepare() throws IOException {
    desk = new Desk(directory);
    Mirror mirror = new Mirror(desk).with("openssl", "3.0.15-1", "");
    desk.recipe("web", Mirror.recipe("openssl") + "scripts: none\n");
    desk.recipe("db", Mirror.recipe("openssl") + "scripts: none\n");
    desk.run("build", "web").with(0);
    desk.run("build", "db").with(0);
    mirror.with("openssl", "3.0.17-1", "");
    desk.run("lock", "web", "--update").with(0);
    desk.run("build", "web").with(0);
  }

  @AfterEach
  void storeIsSound() {
    desk.verify();
  }

  private List<String> found(String... args) {
    List<String> words = new ArrayList<>(List.of("find", "--json"));
    words.addAll(List.of(args));
    JsonNode json = desk.run(words.toArray(String[]::new)).with(0).json();
    List<String> found = new ArrayList<>();
    for (String list : List.of("packages", "files")) {
      json.path(list)
          .forEach(
              each ->
                  found.add(each.path("profile").asText() + "@" + each.path("generation").asInt()));
    }
    return found;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "openssl           | db@1 web@1 web@2",
        "openssl<3.0.17    | db@1 web@1",
        "openssl < 3.0.17  | db@1 web@1",
        "openssl<3.0.15-1  | ''",
        "openssl<=3.0.15-1 | db@1 web@1",
        "openssl=3.0.15-1  | db@1 web@1",
        "openssl=0:3.0.15-1 | db@1 web@1",
        "openssl>=3.0.17-1 | web@2",
        "openssl>3.0.9     | db@1 web@1 web@2",
        "openss            | ''",
      })
  void packagesAreFoundByVersion(String wanted, String generations) {
    assertEquals(generations, String.join(" ", found(wanted)));
  }

  @Test
  void scopeNarrowsWhatIsFound() {
    assertEquals(List.of("db@1", "web@2"), found("openssl", "--current"));
    assertEquals(List.of("web@1", "web@2"), found("openssl", "--profile", "web"));
    assertEquals(List.of(), found("openssl<3.0.17", "--profile", "web", "--current"));
  }

  @Test
  void filesAreFoundByPath() {
    assertEquals(List.of("db@1", "web@1", "web@2"), found("--file", "/usr/share/openssl"));
    assertEquals(List.of("db@1", "web@1", "web@2"), found("--file", "share/openssl"));
    assertEquals(
        List.of("web@2"), found("--file", "share/openssl", "--profile", "web", "--current"));
    assertEquals(List.of(), found("--file", "/share/openssl"));
  }

  @Test
  void peopleSeeATableOrThatThereIsNothing() {
    List<String> lines = desk.run("find", "openssl<3.0.17").with(0).out().lines().toList();
    assertEquals(3, lines.size(), lines::toString);
    assertTrue(lines.get(1).startsWith("*  db@1        openssl  3.0.15-1  amd64"), lines.get(1));
    assertTrue(lines.get(2).startsWith("   web@1       openssl  3.0.15-1  amd64"), lines.get(2));
    assertEquals("no generation contains nginx\n", desk.run("find", "nginx").with(0).out());
    assertEquals(
        "no current generation of web contains openssl<3.0.17\n",
        desk.run("find", "openssl<3.0.17", "--current", "--profile", "web").with(0).out());
  }

  @Test
  void pinsOfWhatIsFoundAreNamed() throws IOException {
    String old = desk.run("show", "web@1").with(0).image();
    pin("deploy/web.yaml", old);
    pin("deploy/other.yaml", old);
    JsonNode hits = desk.run("find", "openssl", "--profile", "web", "--json").json();
    assertEquals(
        "[\"deploy/other.yaml\",\"deploy/web.yaml\"]",
        hits.path("packages").path(0).path("pins").toString());
    assertEquals("[]", hits.path("packages").path(1).path("pins").toString());
    String table = desk.run("find", "--file", "/usr/share/openssl").with(0).out();
    assertTrue(table.contains("/usr/share/openssl  deploy/other.yaml, deploy/web.yaml"), table);
    desk.file("none", "x");
    String other = desk.run("build", "none", "--no-switch").with(0).image();
    pin("deploy/none.yaml", other);
    Desk.Said said = desk.run("find", "openssl").with(0);
    assertTrue(said.err().contains("pin deploy/none.yaml keeps an image that is no"), said::err);
  }

  private void pin(String name, String image) throws IOException {
    try (Store store = DiskStore.open(desk.store(), notice -> {})) {
      Because because = new Because(Desk.NOW, "ann", "");
      store.roots().pin(name, Digest.parse(image), because);
    }
  }

  @Test
  void checkingFailsIfSomethingIsFound() {
    desk.run("find", "--check", "openssl<3.0.17").with(3);
    desk.run("find", "--check", "openssl<3.0.17", "--current", "--profile", "web").with(0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"delete", "truncate", "empty", "flip", "garbage", "no sum"})
  void aDamagedCatalogChangesNoAnswer(String damage) throws IOException {
    String before = desk.run("find", "openssl", "--json").with(0).out();
    Path file = desk.store().resolve("catalog.mv.db");
    byte[] bytes = Files.readAllBytes(file);
    switch (damage) {
      case "delete" -> Files.delete(file);
      case "truncate" -> Files.write(file, java.util.Arrays.copyOf(bytes, bytes.length / 2));
      case "empty" -> Files.write(file, new byte[0]);
      case "garbage" ->
          Files.write(file, "garbage".getBytes(java.nio.charset.StandardCharsets.UTF_8));
      case "no sum" -> Files.delete(desk.store().resolve("catalog.sum"));
      default -> {
        bytes[bytes.length - 5000] ^= 4;
        Files.write(file, bytes);
      }
    }
    assertEquals(before, desk.run("find", "openssl", "--json").with(0).out());
    assertEquals("", desk.run("find", "openssl", "--json").with(0).err());
  }

  @Test
  void anUrlOfAnotherDatabaseIsRefused() throws IOException {
    desk.set("IMGSTORE_CATALOG", "jdbc:h2:mem:x");
    desk.run("find", "openssl").with(2).complains("jdbc:postgresql:");
    desk.set("IMGSTORE_CATALOG", "jdbc:postgresql://127.0.0.1:1/x");
    Desk.Said said = desk.run("find", "openssl<3.0.17").with(0);
    assertTrue(said.err().contains("asked the store itself"), said::err);
    assertEquals(3, said.out().lines().count());
  }

  @Test
  void commandsThatDoNotAskTheCatalogDoNotMakeIt() {
    desk.run("ls").with(0);
    desk.run("show", "web").with(0);
    desk.run("log").with(0);
    assertFalse(Files.exists(desk.store().resolve("catalog.mv.db")));
    desk.run("find", "openssl").with(0);
    assertTrue(Files.exists(desk.store().resolve("catalog.mv.db")));
  }
}
