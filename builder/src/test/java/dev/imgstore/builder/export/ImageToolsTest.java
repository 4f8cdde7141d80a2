package dev.imgstore.builder.export;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.imgstore.builder.pack.ImageDocument;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Image;
import dev.imgstore.model.Layer;
import dev.imgstore.testkit.MemoryBlobStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What skopeo makes of each form of export. */
@Tag("tools")
class ImageToolsTest {
  @TempDir Path directory;
  private final MemoryBlobStore blobs = new MemoryBlobStore();
  private ImageDocument web;

  @BeforeEach
  void image() throws IOException {
    web = ExportSamples.image(blobs, "web");
  }

  private Image only() {
    return web.images().get(0).image();
  }

  private byte[] run(String... command) throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
    builder.environment().putAll(Map.of("LC_ALL", "C", "TZ", "UTC"));
    Path errors = directory.resolve("stderr");
    Process process = builder.redirectError(errors.toFile()).start();
    byte[] out = process.getInputStream().readAllBytes();
    assertEquals(0, process.waitFor(), () -> String.join(" ", command) + ": " + read(errors));
    return out;
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }

  private void assertSkopeoReads(String image) throws Exception {
    JsonNode seen = new ObjectMapper().readTree(run("skopeo", "inspect", image));
    assertEquals(web.root().digest().toString(), seen.path("Digest").asText());
    assertEquals("amd64", seen.path("Architecture").asText());
    assertEquals(2, seen.path("Layers").size());
    run("skopeo", "--insecure-policy", "copy", image, "dir:copied");
    Path copied = directory.resolve("copied");
    assertEquals(
        web.root().digest(), Digest.of(Files.readAllBytes(copied.resolve("manifest.json"))));
    for (Layer layer : only().layers()) {
      Digest digest = layer.blob().digest();
      assertEquals(digest, Digest.of(Files.readAllBytes(copied.resolve(digest.hex()))));
    }
    Temporary.deleteAll(copied);
  }

  @Test
  void skopeoReadsALayout() throws Exception {
    OciLayout.write(web, "web", blobs, directory.resolve("out"));
    assertSkopeoReads("oci:out:web");
  }

  @Test
  void skopeoReadsAnOciArchive() throws Exception {
    ArchiveFile.write(new OciArchive(), web, "web", blobs, directory.resolve("web.tar"));
    assertSkopeoReads("oci-archive:web.tar:web");
  }

  @Test
  void skopeoReadsADockerArchive() throws Exception {
    Exported exported =
        ArchiveFile.write(
            DockerArchive.ofOnlyImage(), web, "web:42", blobs, directory.resolve("web.tar"));
    run("skopeo", "--insecure-policy", "copy", "docker-archive:web.tar:web:42", "dir:copied");
    JsonNode manifest =
        new ObjectMapper().readTree(Files.readAllBytes(directory.resolve("copied/manifest.json")));
    assertEquals(exported.digest().toString(), manifest.path("config").path("digest").asText());
    for (int i = 0; i < 2; i++) {
      assertEquals(
          only().layers().get(i).diffId().toString(),
          manifest.path("layers").get(i).path("digest").asText());
    }
  }

  @Test
  void skopeoChoosesThePlatformOfAnIndex() throws Exception {
    OciLayout.write(ExportSamples.index(blobs), "web", blobs, directory.resolve("out"));
    for (String arch : List.of("amd64", "arm64")) {
      JsonNode seen =
          new ObjectMapper()
              .readTree(run("skopeo", "--override-arch", arch, "inspect", "oci:out:web"));
      assertEquals(arch, seen.path("Architecture").asText());
    }
    String raw =
        new String(run("skopeo", "inspect", "--raw", "oci:out:web"), StandardCharsets.UTF_8);
    assertTrue(raw.contains("\"architecture\":\"arm64\""), raw);
  }
}
