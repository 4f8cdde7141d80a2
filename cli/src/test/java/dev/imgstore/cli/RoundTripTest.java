package dev.imgstore.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.luben.zstd.Zstd;
import dev.imgstore.model.Digest;
import dev.imgstore.testkit.DockerRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What others wrote, to Debian's docker-registry and back into a store that knows nothing. */
@Timeout(120)
final class RoundTripTest {
  private static final String OCI = "application/vnd.oci.image.layer.v1.tar";
  private static final String DOCKER = "application/vnd.docker.";

  @TempDir Path directory;
  private Desk desk;
  private TinyRegistry others;

  /** Descriptors without the last brace, by tag. */
  private final Map<String, String> made = new LinkedHashMap<>();

  @BeforeEach
  void prepare() throws IOException {
    desk = new Desk(directory);
    others = new TinyRegistry();
  }

  @AfterEach
  void end() {
    others.close();
    desk.verify();
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    }
    return out.toByteArray();
  }

  /** An image of one layer, in a spelling of its own. */
  private void image(String tag, String types, String layerType, byte[] tar, byte[] layer) {
    boolean isDocker = types.startsWith(DOCKER);
    String config =
        others.blob(
            isDocker ? types + "container.image.v1+json" : TinyRegistry.CONFIG,
            "{\"os\":\"linux\",\"architecture\":\"%s\", \"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"%s\"]}}"
                .formatted(tag, Digest.of(tar))
                .getBytes(UTF_8));
    String type = isDocker ? types + "distribution.manifest.v2+json" : TinyRegistry.MANIFEST;
    made.put(
        tag,
        others.manifest(
            tag,
            type,
            """
            {"schemaVersion": 2, "mediaType": "%s", "config": %s},
              "layers": [ %s, "annotations": {"z": "1", "a": "\\u00fc"}} ],
              "annotations": {"org.example/%s": "<&>"}, "x-unknown": {"n": [1.50, null]}}
            """
                .formatted(type, config, others.blob(layerType, layer), tag)));
  }

  /** The digest of an index of all that there is. */
  private String everything() throws IOException {
    byte[] zstd = TinyRegistry.tar("etc/kind", "zstd");
    byte[] gzip = TinyRegistry.tar("etc/kind", "gzip");
    byte[] docker = TinyRegistry.tar("etc/kind", "docker");
    byte[] plain = TinyRegistry.tar("etc/kind", "plain");
    image("amd64", "", OCI + "+zstd", zstd, Zstd.compress(zstd, 19));
    image("arm", "", OCI + "+gzip", gzip, gzip(gzip));
    image("arm64", DOCKER, DOCKER + "image.rootfs.diff.tar.gzip", docker, gzip(docker));
    image("s390x", "", OCI, plain, plain);
    made.put(
        "artifact",
        others.manifest(
            "artifact",
            TinyRegistry.MANIFEST,
            "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"artifactType\":\"application/x.sbom\",\"config\":%s},\"layers\":[%s}]}"
                .formatted(
                    TinyRegistry.MANIFEST,
                    others.blob("application/vnd.oci.empty.v1+json", "{}".getBytes(UTF_8)),
                    others.blob("application/x.nobody-knows; v=1", "thing".getBytes(UTF_8)))));
    String all =
        others.manifest(
            "all",
            TinyRegistry.INDEX,
            """
            {"schemaVersion": 2, "mediaType": "%s", "artifactType": "application/x.set", "manifests": [
              %s, "platform": {"architecture": "amd64", "os": "linux", "os.features": ["a"]}},
              %s, "platform": {"architecture": "arm", "os": "linux", "variant": "v7"}},
              %s, "platform": {"architecture": "arm64", "os": "linux", "variant": "v8"}},
              %s, "platform": {"architecture": "s390x", "os": "linux"}, "annotations": {"k": "v"}},
              %s, "annotations": {"vnd.docker.reference.type": "attestation-manifest"}}],
              "annotations": {"b": "2", "a": "1"}, "unknown": 1.0}
            """
                .formatted(
                    TinyRegistry.INDEX,
                    made.get("amd64"),
                    made.get("arm"),
                    made.get("arm64"),
                    made.get("s390x"),
                    made.get("artifact")));
    made.put("all", all);
    return digest(all);
  }

  private static String digest(String descriptor) {
    return descriptor.replaceFirst("(?s).*?\"digest\": \"([^\"]*)\".*", "$1");
  }

  private static byte[] skopeo(String... words) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("skopeo", "inspect", "--tls-verify=false"));
    command.addAll(List.of(words));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    byte[] said = process.getInputStream().readAllBytes();
    assertEquals(0, process.waitFor(), command::toString);
    return said;
  }

  @Test
  void whatIsPushedComesBackByteForByteIntoAnEmptyStore() throws IOException, InterruptedException {
    String all = everything();
    desk.run("pull", others.name("team/web:all")).with(0);
    desk.run("export", "oci", "web", "before").with(0);
    try (DockerRegistry server = DockerRegistry.plain(directory)) {
      String name = server.host() + "/shop/web";
      desk.run("push", "web", name + ":1").with(0);
      others.close();
      desk.set("IMGSTORE_HOME", desk.path("another").toString());
      desk.run("ls").with(5); // there is nothing
      assertEquals("web@1 " + all + "\n", desk.run("pull", name + ":1").with(0).out());
      for (Map.Entry<String, String> each : made.entrySet()) {
        String digest = digest(each.getValue());
        byte[] raw = skopeo("--raw", "docker://" + name + "@" + digest);
        assertEquals(digest, Digest.of(raw).toString(), each.getKey());
        assertArrayEquals(raw, Files.readAllBytes(blob("before", digest)), each.getKey());
      }
      String said = new String(skopeo("--raw", "docker://" + name + ":1"), UTF_8);
      assertEquals(all, Digest.of(said.getBytes(UTF_8)).toString());
    }
    desk.run("export", "oci", "web", "after").with(0);
    int files = 0;
    try (var before = Files.list(desk.path("before/blobs/sha256"))) {
      for (Path each : before.toList()) {
        files++;
        Path same = desk.path("after/blobs/sha256").resolve(each.getFileName());
        assertArrayEquals(Files.readAllBytes(each), Files.readAllBytes(same));
      }
    }
    assertEquals(6 + 4 * 2 + 2, files);
    for (String platform : List.of("amd64 zstd", "arm/v7 gzip", "arm64/v8 docker", "s390x plain")) {
      String[] words = platform.split(" ", -1);
      Desk.Said kind =
          desk.run("cat", "web", "/etc/kind", "--platform", "linux/" + words[0]).with(0);
      assertEquals(words[1], kind.out());
    }
    assertTrue(desk.run("log", "web").with(0).out().contains("pulled from"));
    desk.set("IMGSTORE_HOME", desk.store().toString());
  }

  private Path blob(String layout, String digest) {
    return desk.path(layout + "/blobs/sha256/" + digest.substring("sha256:".length()));
  }
}
