package dev.imgstore.cli;

import static dev.imgstore.store.disk.DiskStore.open;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.imgstore.model.Digest;
import dev.imgstore.store.Profiles;
import dev.imgstore.store.Store;
import dev.imgstore.store.Transaction;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every way in which something is kept. */
final class WhyTest {
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

  private static String digest(String text) {
    return Digest.of(text.getBytes(UTF_8)).hex();
  }

  private List<String> chains(String object) {
    return desk.run("why", object).with(0).out().lines().skip(1).toList();
  }

  private String head(String object) {
    return desk.run("why", object).with(0).out().lines().findFirst().orElseThrow();
  }

  @Test
  void aFileIsKeptByLayersAndTreesOfGenerations() throws IOException {
    desk.recipe("web", "files:\n  - {path: /etc/a, text: one}\n  - {path: /etc/b, text: same}\n");
    desk.run("build", "web").with(0);
    desk.recipe("web", "files:\n  - {path: /etc/a, text: two}\n  - {path: /etc/b, text: same}\n");
    desk.run("build", "web").with(0);
    assertEquals(
        List.of(
            "profile web → web@1-2 (current) → image → layer state → frame",
            "profile web → web@1-2 (current) → build record → linux/amd64 tree → /etc/b"),
        chains(digest("same")));
    assertEquals(
        List.of(
            "profile web → web@1 → image → layer state → frame",
            "profile web → web@1 → build record → linux/amd64 tree → /etc/a"),
        chains("sha256:" + digest("one").substring(0, 12)));
    assertTrue(head(digest("same")).contains(" is a file's content, 4 B, "), head(digest("same")));
    assertEquals(4, desk.run("why", "--all", digest("same")).with(0).out().lines().skip(1).count());
  }

  @Test
  void partsOfAnImageAreNamed() throws IOException {
    desk.file("web", "one");
    String image = desk.run("build", "web").with(0).image();
    JsonNode show = desk.run("show", "web", "--json").with(0).json();
    JsonNode platform = show.path("platforms").path(0);
    String to = "profile web → web@1 (current) → ";
    assertEquals(List.of(to + "image"), chains("web"));
    assertEquals(List.of(to + "image"), chains(image));
    assertEquals(List.of(to + "image → configuration"), chains(platform.path("config").asText()));
    String layer = platform.path("layers").path(0).path("digest").asText();
    assertEquals(List.of(to + "image → layer state"), chains(layer));
    assertTrue(head(layer).contains(" is a layer, "), head(layer));
    assertEquals(List.of(to + "build record → recipe"), chains(show.path("recipe").asText()));
    assertEquals(List.of(to + "build record → lock"), chains(show.path("lock").asText()));
    String tree = platform.path("tree").asText();
    assertEquals(List.of(to + "build record → linux/amd64 tree"), chains(tree));
    assertTrue(head(tree).contains(" is a directory, "), head(tree));
  }

  @Test
  void aPartOfALargeFileIsNamedWithTheFile() throws IOException {
    Path file = desk.path("web/large");
    Files.createDirectories(desk.path("web"));
    byte[] large = new byte[1 << 20];
    new Random(1).nextBytes(large);
    Files.write(file, large);
    desk.recipe("web", "files:\n  - {path: /large, from: large}\n");
    desk.run("build", "web").with(0);
    JsonNode why = desk.run("why", Digest.of(large).hex(), "--json").with(0).json();
    assertEquals(1 << 20, why.path("bytes").asInt());
    Digest chunk;
    try (Store store = open(desk.store(), notice -> {});
        Transaction reading = store.begin()) {
      chunk = reading.chunks(Digest.of(large)).get(1).digest();
    }
    List<String> chains = chains(chunk.hex());
    assertTrue(
        chains.contains(
            "profile web → web@1 (current) → build record → linux/amd64 tree → /large → chunk"),
        chains::toString);
    assertTrue(
        chains.contains("profile web → web@1 (current) → image → layer state → frame"),
        chains::toString);
  }

  @Test
  void aPackageIsNamedWithVersionAndPath() throws IOException {
    Mirror mirror = new Mirror(desk).with("good", "1.2-3", "");
    desk.recipe("web", Mirror.recipe("good"));
    desk.run("build", "web").with(0);
    String deb = Digest.of(Files.readAllBytes(mirror.file("good"))).hex();
    assertEquals(
        List.of(
            "profile web → web@1 (current) → build record → locked input good 1.2-3"
                + " (pool/good.deb)"),
        chains(deb));
    JsonNode link =
        desk.run("why", deb, "--json").with(0).json().path("chains").path(0).path("links").path(1);
    assertEquals("input", link.path("step").asText());
    assertEquals("good 1.2-3 (pool/good.deb)", link.path("name").asText());
    List<String> file = chains(digest("1.2-3\n"));
    assertTrue(
        file.contains(
            "profile web → web@1 (current) → build record → linux/amd64 tree → /usr/share/good"),
        file::toString);
  }

  @Test
  void pinsAndHoldsKeepImagesOnTheirOwn() throws IOException {
    desk.file("web", "one");
    String image = desk.run("build", "web").with(0).image();
    desk.run("hold", "web", "--reason", "case 7", "--owner", "legal").with(0);
    try (Store store = open(desk.store(), notice -> {})) {
      store
          .roots()
          .pin("deploy/web.yaml", Digest.parse(image), new Profiles.Because(Desk.NOW, "ann", ""));
    }
    assertEquals(
        List.of(
            "profile web → web@1 (current) → image",
            "pin deploy/web.yaml → image",
            "hold of legal (case 7) → image"),
        chains("web"));
    List<String> file = chains(digest("one"));
    assertTrue(file.contains("pin deploy/web.yaml → image → layer state → frame"), file::toString);
  }

  @Test
  void whatNothingKeepsSaysSo() throws IOException {
    desk.file("web", "one");
    desk.run("build", "web").with(0);
    desk.run("delete", "web").with(0);
    Desk.Said said = desk.run("why", digest("one")).with(0);
    assertTrue(said.out().contains("nothing keeps it; the next collection removes "), said.out());
    JsonNode json = desk.run("why", digest("one"), "--json").with(0).json();
    assertEquals(0, json.path("count").asInt());
    assertTrue(json.path("stored").asInt() > 64, json::toString);
  }

  @Test
  void whatIsNotThereOrNotClearIsUnknown() throws IOException {
    for (int i = 0; i < 20; i++) {
      desk.file("web", "text " + i);
      desk.run("build", "web").with(0);
    }
    desk.run("why", digest("nowhere")).with(5).complains("nothing in the store has the digest");
    desk.run("why", "wob").with(5).complains("did you mean web?");
    desk.run("why", "web@99").with(5).complains("web has no generation 99");
    desk.run("why").with(2);
  }

  @Test
  void manyChainsAreCountedAndAllArePrintedOnRequest() throws IOException {
    StringBuilder files = new StringBuilder("files:\n");
    for (int i = 10; i < 60; i++) {
      files.append("  - {path: /f").append(i).append(", text: same}\n");
    }
    desk.recipe("web", files.toString());
    desk.run("build", "web").with(0);
    List<String> some = chains(digest("same"));
    assertEquals(21, some.size(), some::toString);
    assertEquals("and 31 more chains; --all prints them", some.get(20));
    List<String> all = desk.run("why", digest("same"), "--all").with(0).out().lines().toList();
    assertEquals(1 + 51, all.size());
    assertTrue(all.get(51).endsWith("/f59"), all::toString);
  }
}
