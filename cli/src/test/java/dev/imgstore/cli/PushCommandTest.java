package dev.imgstore.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.imgstore.testkit.DockerRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images on their way to Debian's docker-registry. */
final class PushCommandTest {
  @TempDir Path directory;
  private Desk desk;

  @BeforeEach
  void prepare() throws IOException {
    desk = new Desk(directory);
    desk.file("web", "one");
    desk.run("build", "web").with(0);
    desk.file("web", "two");
    desk.run("build", "web").with(0);
  }

  private static String skopeoDigest(String image) throws IOException, InterruptedException {
    Process skopeo =
        new ProcessBuilder(
                "skopeo",
                "inspect",
                "--tls-verify=false",
                "--format",
                "{{.Digest}}",
                "docker://" + image)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String digest = new String(skopeo.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, skopeo.waitFor());
    return digest.strip();
  }

  @Test
  void whatWasPushedIsRevokedByItsDigestThereAlsoWhenItsPackingIsForgotten() throws IOException {
    desk.write("d/f", "one");
    desk.run("import", "d", "--name", "imp").with(0);
    desk.write("d/f", "two");
    desk.run("import", "d", "--name", "imp").with(0);
    String there;
    try (DockerRegistry server = DockerRegistry.plain(directory)) {
      String to = server.host() + "/shop/imp:1";
      there = desk.run("--json", "push", "imp@1", to).with(0).json().path("image").asText();
    }
    desk.run("gc").with(0);
    assertEquals(5, desk.run("show", there).code()); // what was packed is gone
    desk.run("revoke", there, "--reason", "CVE").with(0);
    desk.run("switch", "imp", "1").with(3);
    desk.run("revoke", "--undo", there).with(0);
    desk.run("switch", "imp", "1").with(0);
  }

  @Test
  void whatIsRevokedWhileItIsPushedGetsNoTag() throws IOException {
    try (DockerRegistry server = DockerRegistry.plain(directory)) {
      String to = server.host() + "/shop/web:prod";
      desk.run("push", "web@1", to).with(0);
      AtomicBoolean first = new AtomicBoolean(true);
      Runnable meanwhile =
          () -> {
            if (first.getAndSet(false)) {
              desk.run("revoke", "web@2", "--reason", "CVE").with(0);
            }
          };
      Desk.Said said = desk.runAtTerminal(meanwhile, "push", "web@2", to).with(3);
      assertTrue(said.err().contains("was revoked by"), said::toString);
      assertFalse(first.get());
      desk.run("revoke", "--undo", "web@2").with(0);
      String again = desk.run("push", "web@1", to).with(0).out();
      assertTrue(again.contains(" was and is "), again); // the tag never moved
    }
  }

  @Test
  void whatIsPushedHasTheSameDigestForSkopeo() throws IOException, InterruptedException {
    try (DockerRegistry server = DockerRegistry.plain(directory)) {
      String to = server.host() + "/shop/web:prod";
      JsonNode said = desk.run("--json", "push", "web", to).with(0).json();
      assertEquals(
          Set.of(
              "format",
              "ref",
              "image",
              "destination",
              "fresh",
              "blobs",
              "mounted",
              "manifests",
              "bytes"),
          names(said));
      assertTrue(said.path("fresh").asBoolean());
      assertEquals(said.path("image").asText(), skopeoDigest(to));
      assertTrue(desk.run("log", "web").with(0).out().contains("push web@2 to " + to));
    }
  }

  private static Set<String> names(JsonNode object) {
    Set<String> names = new TreeSet<>();
    object.fieldNames().forEachRemaining(names::add);
    return names;
  }

  @Test
  void aSecondPushAsksOnceAndSendsNothing() throws IOException {
    try (DockerRegistry server = DockerRegistry.plain(directory)) {
      String to = server.host() + "/web:prod";
      desk.run("push", "web", to).with(0);
      Desk.Said again = desk.run("push", "web", to).with(0);
      assertTrue(again.out().contains("was and is web@2"), again::toString);
      assertEquals(1, desk.run("log", "web").out().lines().filter(a -> a.contains("push")).count());
      List<String> requests = server.requests();
      assertEquals(2, Collections.frequency(requests, "HEAD /v2/web/manifests/prod"));
      assertEquals(1, Collections.frequency(requests, "PUT /v2/web/manifests/prod"));
    }
  }

  @Test
  void whatARegistryHasLostIsSentAgainIfForced() throws IOException {
    try (DockerRegistry server = DockerRegistry.plain(directory)) {
      String to = server.host() + "/web:prod";
      desk.run("push", "web", to).with(0);
      assertFalse(
          desk.run("--json", "push", "web", to, "--force").json().path("fresh").asBoolean());
      try (Stream<Path> lost =
          Files.walk(directory.resolve("registry/docker/registry/v2/repositories/web/_layers"))) {
        for (Path each : lost.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(each);
        }
      }
      assertFalse(desk.run("--json", "push", "web", to).json().path("fresh").asBoolean());
      desk.run("--store", desk.path("other").toString(), "pull", to).with(5).complains("--force");
      JsonNode said = desk.run("--json", "push", "web", to, "--force").with(0).json();
      assertEquals(2, said.path("blobs").asInt(), said::toString);
      desk.run("--store", desk.path("other").toString(), "pull", to).with(0);
    }
  }

  @Test
  void goingBackIsOneManifest() throws IOException {
    try (DockerRegistry server = DockerRegistry.plain(directory)) {
      String to = server.host() + "/web:prod";
      desk.run("push", "web@1", to).with(0);
      desk.run("push", "web@2", to).with(0);
      JsonNode said = desk.run("--json", "push", "web@1", to).with(0).json();
      assertEquals(0, said.path("blobs").asInt());
      assertEquals(1, said.path("manifests").asInt());
      List<String> requests = server.requests(); // in whatever order it finished them
      assertEquals(3, Collections.frequency(requests, "HEAD /v2/web/manifests/prod"));
      assertEquals(3, Collections.frequency(requests, "PUT /v2/web/manifests/prod"));
    }
  }

  @Test
  void aChangedFileSendsItsLayerAlone() throws IOException {
    try (DockerRegistry server = DockerRegistry.plain(directory)) {
      desk.run("push", "web@1", server.host() + "/web:prod").with(0);
      JsonNode said = desk.run("--json", "push", "web@2", server.host() + "/web:prod").json();
      assertTrue(said.path("bytes").asLong() < 20_000, said::toString);
      assertEquals(2, said.path("blobs").asInt(), said::toString); // layer and configuration
    }
  }

  @Test
  void anotherRepositoryOfTheRegistryLendsItsLayers() throws IOException {
    try (DockerRegistry server = DockerRegistry.plain(directory)) {
      desk.run("push", "web", server.host() + "/one:1").with(0);
      JsonNode said =
          desk.run("--json", "push", "web", server.host() + "/two:1", "--mount-from", "one")
              .with(0)
              .json();
      assertEquals(0, said.path("blobs").asInt(), said::toString);
      assertEquals(2, said.path("mounted").asInt(), said::toString);
    }
  }

  @Test
  void anIndexGoesWithAllItsImages() throws IOException, InterruptedException {
    desk.recipe("two", "platforms: [linux/amd64, linux/arm64]\nfiles: [{path: /a, text: a}]\n");
    String image = desk.run("build", "two").with(0).image();
    try (DockerRegistry server = DockerRegistry.plain(directory)) {
      JsonNode said = desk.run("--json", "push", "two", server.host() + "/two:1").with(0).json();
      assertEquals(3, said.path("manifests").asInt(), said::toString);
      assertEquals(image, said.path("image").asText());
      desk.run("push", "two", server.host() + "/two@" + image).with(0);
    }
  }

  @Test
  void whatIsUnknownOrWronglyWrittenIsToldApart() {
    desk.run("push", "nothing", "localhost:1/a").with(5).complains("no profile nothing");
    desk.run("push", "web", "a/b").with(2);
    desk.run("push", "web", "localhost:1/a@sha256:" + "0".repeat(64)).with(2);
    desk.run("push", "web", "localhost:1/a").with(1).complains("no registry listens");
  }

  @Test
  void aPasswordIsSentAndNeverShown() throws IOException {
    try (DockerRegistry server = DockerRegistry.withLogin(directory)) {
      String to = server.host() + "/web:prod";
      desk.run("push", "web", to).with(1).complains("docker login " + server.host());
      for (String password : List.of("wrong secret", DockerRegistry.PASSWORD)) {
        boolean right = password.equals(DockerRegistry.PASSWORD);
        String auth = DockerRegistry.USER + ":" + password;
        String coded = Base64.getEncoder().encodeToString(auth.getBytes(StandardCharsets.UTF_8));
        Path file = directory.resolve("auth.json");
        Files.writeString(
            file, "{\"auths\": {\"" + server.host() + "\": {\"auth\": \"" + coded + "\"}}}");
        desk.set("REGISTRY_AUTH_FILE", file.toString());
        Desk.Said said = desk.run("--json", "-vv", "push", "web", to).with(right ? 0 : 1);
        for (String text : List.of(said.out(), said.err(), desk.run("log").out())) {
          assertFalse(text.contains(password) || text.contains(coded), said::toString);
        }
      }
    }
  }
}
