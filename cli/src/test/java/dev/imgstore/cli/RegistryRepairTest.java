package dev.imgstore.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.Digest;
import dev.imgstore.testkit.DockerRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a store lost and a registry still has. */
@Timeout(120)
final class RegistryRepairTest {
  private static final String TEXT = text();

  @TempDir Path directory;
  private Desk desk;

  @BeforeEach
  void prepare() throws IOException {
    desk = new Desk(directory);
  }

  private static String text() {
    Random random = new Random(7);
    StringBuilder text = new StringBuilder();
    while (text.length() < 9_000) {
      text.append(Long.toString(random.nextLong(), 36));
    }
    return text.toString();
  }

  /** Rubs out the stored bytes of these. */
  private void damage(byte[]... blobs) throws IOException {
    for (byte[] each : blobs) {
      for (Bits.Body body : Bits.bodies(desk.store(), Digest.of(each))) {
        Bits.zero(body.segment(), body.at(), 100);
      }
    }
  }

  @Test
  void whatWasPulledIsPulledAgainByItsDigest() throws IOException {
    byte[] layer = TinyRegistry.tar("etc/text", TEXT);
    try (TinyRegistry registry = new TinyRegistry()) {
      registry.image("1", "amd64", layer);
      String image = desk.run("pull", registry.name("team/web:1")).with(0).image();
      registry.image("1", "amd64", TinyRegistry.tar("etc/text", "moved on"));
      damage(layer, TEXT.getBytes(UTF_8));
      desk.run("cat", "web", "/etc/text").with(3);
      Desk.Said offline = desk.run("verify", "--repair", "--offline").with(3);
      assertTrue(offline.out().contains("not whole any more: web@1"), offline::toString);
      Desk.Said said = desk.run("verify", "--repair").with(0);
      assertTrue(said.out().contains("pulled again"), said::toString);
      assertEquals(TEXT, desk.run("cat", "web", "/etc/text").with(0).out());
      assertTrue(desk.run("show", "web").with(0).out().contains(image));
      String log = desk.run("log", "web").with(0).out();
      assertTrue(log.contains("pull web@1 from " + registry.name("team/web:1@" + image)), log);
    }
  }

  @Test
  void whatTheRegistryChangedIsNotTaken() throws IOException {
    byte[] layer = TinyRegistry.tar("etc/text", TEXT);
    try (TinyRegistry registry = new TinyRegistry()) {
      registry.image("1", "amd64", layer);
      desk.run("pull", registry.name("team/web:1")).with(0);
      damage(layer);
      byte[] other = layer.clone();
      other[other.length / 2] ^= 1;
      registry.instead(Digest.of(layer), other);
      Desk.Said said = desk.run("verify", "--repair").with(3);
      assertTrue(said.out().contains("not tried to the end: pulled again"), said::toString);
      registry.instead(Digest.of(layer), layer);
      desk.run("verify", "--repair").with(0);
    }
    desk.verify();
  }

  @Test
  void whatLayBesideARecipeComesBackFromWhereItWasPushed() throws IOException {
    desk.recipe("web", "files:\n  - {path: /local, from: local}\n");
    desk.write("web/local", TEXT);
    desk.run("build", "web").with(0);
    try (DockerRegistry server = DockerRegistry.plain(directory)) {
      desk.run("push", "web", server.host() + "/shop/web:prod").with(0);
      Files.delete(desk.path("web/local"));
      damage(TEXT.getBytes(UTF_8));
      desk.run("cat", "web", "/local").with(3);
      desk.run("verify", "--repair", "--offline").with(3);
      Desk.Said said = desk.run("verify", "--repair").with(0);
      assertTrue(said.out().contains("pulled again"), said::toString);
    }
    for (String each : List.of("cat", "checkout")) {
      desk.run(each, "web", each.equals("cat") ? "/local" : "tree").with(0);
    }
    assertEquals(TEXT, Files.readString(desk.path("tree/local")));
    desk.verify();
  }
}
