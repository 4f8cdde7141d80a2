package dev.imgstore.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.imgstore.model.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** An image that imgstore made, as the base of another. */
@Timeout(120)
final class OciInputsTest {
  @TempDir Path directory;
  private Desk desk;
  private String digest = "";

  @BeforeEach
  void prepare() throws IOException {
    desk = new Desk(directory);
    desk.recipe(
        "base",
        "files:\n  - {path: /etc/motd, text: \"hello\\n\"}\n  - {path: /link, symlink: etc/motd}\n");
    desk.run("build", "base").with(0);
    desk.run("export", "oci", "base", "layout").with(0);
    digest =
        new ObjectMapper()
            .readTree(desk.path("layout/index.json").toFile())
            .at("/manifests/0/digest")
            .asText();
    recipe(digest);
  }

  @AfterEach
  void end() {
    desk.verify();
  }

  private void recipe(String image) throws IOException {
    desk.recipe(
        "web",
        "inputs:\n  base: {oci: ../layout, digest: \"%s\"}\nfiles:\n  - {path: /, input: base}\n"
            .formatted(image));
  }

  @Test
  void theBaseIsTakenAndKept() throws IOException {
    String image = desk.run("build", "web").with(0).image();
    assertEquals("hello\n", desk.run("cat", "web", "/etc/motd").with(0).out());
    Bits.remove(desk.path("layout"));
    Bits.remove(desk.store().resolve("actions"));
    assertEquals(image, desk.run("build", "web", "--offline", "--no-switch").with(0).image());
    assertTrue(Files.readString(desk.path("web/recipe.lock")).contains("\"oci\""));
  }

  @Test
  void whatIsNotThereIsNamed() throws IOException {
    recipe("sha256:" + "0".repeat(64));
    Desk.Said said = desk.run("lock", "web").with(5);
    assertTrue(said.err().contains("has no blob sha256:000"), said::toString);
    Files.delete(desk.path("layout/oci-layout"));
    desk.run("lock", "web").with(5).complains("is no image layout");
  }

  @Test
  void aChangedBlobIsRefused() throws IOException {
    Path manifest = desk.path("layout/blobs/sha256/" + digest.substring(7));
    manifest.toFile().setWritable(true);
    Files.writeString(manifest, Files.readString(manifest) + " ");
    desk.set("IMGSTORE_HOME", desk.path("fresh").toString());
    Desk.Said said = desk.run("lock", "web").with(1);
    assertTrue(said.err().contains("what is called " + digest + " is"), said::toString);
    desk.set("IMGSTORE_HOME", desk.store().toString());
  }

  @Test
  void whatADiskLostIsReadAgainFromTheLayout() throws IOException {
    desk.recipe(
        "web",
        "inputs:\n  base: {oci: %s, digest: \"%s\"}\nfiles:\n  - {path: /, input: base}\n"
            .formatted(desk.path("layout"), digest));
    desk.set("IMGSTORE_HOME", desk.path("fresh").toString());
    desk.run("build", "web").with(0);
    Bits.Body body = Bits.body(desk.path("fresh"), Digest.parse(digest));
    Bits.zero(body.segment(), body.at(), 40);
    desk.run("verify").with(3);
    Desk.Said said = desk.run("verify", "--repair").with(0);
    assertTrue(said.out().contains("fetched again"), said::toString);
    desk.set("IMGSTORE_HOME", desk.store().toString());
  }
}
