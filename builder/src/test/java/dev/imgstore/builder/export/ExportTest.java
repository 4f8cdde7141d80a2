package dev.imgstore.builder.export;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.imgstore.builder.disk.Volume;
import dev.imgstore.builder.disk.VolumeSink;
import dev.imgstore.builder.disk.container.RawContainer;
import dev.imgstore.builder.pack.ImageDocument;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Platform;
import dev.imgstore.store.BlobReader;
import dev.imgstore.testkit.MemoryBlobStore;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExportTest {
  @TempDir Path directory;
  private final MemoryBlobStore blobs = new MemoryBlobStore();
  private ImageDocument web;
  private ImageDocument other;

  @BeforeEach
  void images() throws IOException {
    web = ExportSamples.image(blobs, "web");
    other = ExportSamples.image(blobs, "other");
  }

  /** Files of a directory by path; what is not there is not there. */
  private static SortedMap<String, String> files(Path root) throws IOException {
    SortedMap<String, String> files = new TreeMap<>();
    try (Stream<Path> walk = Files.walk(root)) {
      for (Path path : walk.toList()) {
        String digest =
            Files.isRegularFile(path) ? Digest.of(Files.readAllBytes(path)).hex() : "directory";
        files.put(root.relativize(path).toString(), digest);
      }
    }
    return files;
  }

  private SortedMap<String, String> fresh(ImageDocument image, String ref) throws IOException {
    Path fresh = directory.resolve("fresh");
    OciLayout.write(image, ref, blobs, fresh);
    SortedMap<String, String> files = files(fresh);
    Temporary.deleteAll(fresh);
    return files;
  }

  @Test
  void aLayoutHoldsTheImageAndNothingElse() throws IOException {
    Exported exported = OciLayout.write(web, "web", blobs, directory.resolve("out"));
    assertEquals(web.root().digest(), exported.digest());
    SortedMap<String, String> expected = new TreeMap<>();
    web.blobs().forEach(b -> expected.put("blobs/sha256/" + b.digest().hex(), b.digest().hex()));
    SortedMap<String, String> files = files(directory.resolve("out"));
    assertEquals(
        expected.size() + 5, files.size(), "root, blobs, sha256, oci-layout, index.json and blobs");
    assertTrue(files.entrySet().containsAll(expected.entrySet()));
    assertEquals(
        "{\"imageLayoutVersion\":\"1.0.0\"}",
        Files.readString(directory.resolve("out/oci-layout")));
    assertEquals(
        """
        {"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json",\
        "manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json",\
        "digest":"%s","size":%d,"annotations":{"org.opencontainers.image.ref.name":"web"}}],\
        "annotations":{"dev.imgstore.export":"1"}}"""
            .formatted(web.root().digest(), web.root().size()),
        Files.readString(directory.resolve("out/index.json")));
  }

  @Test
  void exportingAgainOrAnotherImageReplacesTheLayoutWhole() throws IOException {
    Path out = directory.resolve("out");
    OciLayout.write(web, "web", blobs, out);
    OciLayout.write(web, "web", blobs, out);
    assertEquals(fresh(web, "web"), files(out));
    OciLayout.write(other, "other", blobs, out);
    assertEquals(fresh(other, "other"), files(out));
  }

  @Test
  void anEmptyDirectoryIsFilledInPlace() throws IOException {
    Path out = Files.createDirectory(directory.resolve("out"));
    OciLayout.write(web, "", blobs, out);
    assertEquals(fresh(web, ""), files(out));
  }

  @Test
  void whatNoExportWroteIsLeftAlone() throws IOException {
    Path out = Files.createDirectory(directory.resolve("out"));
    Files.writeString(out.resolve("mine"), "precious");
    SortedMap<String, String> before = files(out);
    IOException refusal =
        assertThrows(IOException.class, () -> OciLayout.write(web, "web", blobs, out));
    assertTrue(String.valueOf(refusal.getMessage()).contains("empty directory"));
    assertEquals(before, files(out));

    Path foreign = directory.resolve("foreign");
    OciLayout.write(web, "web", blobs, foreign);
    Files.writeString(foreign.resolve("index.json"), "{\"schemaVersion\":2,\"manifests\":[]}");
    assertThrows(IOException.class, () -> OciLayout.write(web, "web", blobs, foreign));
    assertThrows(IOException.class, () -> OciLayout.write(web, "web", blobs, out.resolve("mine")));
    assertThrows(
        IOException.class, () -> OciLayout.write(web, "web", blobs, directory.resolve("no/out")));
  }

  @Test
  void afterAKilledExportTheNextOneSucceeds() throws IOException {
    Path out = directory.resolve("out");
    OciLayout.write(web, "web", blobs, out);
    Files.delete(out.resolve("index.json"));
    Files.writeString(out.resolve(".imgstore-1.tmp"), "half");
    Files.writeString(out.resolve("blobs/sha256/" + "0".repeat(64)), "half");
    OciLayout.write(other, "other", blobs, out);
    assertEquals(fresh(other, "other"), files(out));
  }

  @Test
  void aFailureLeavesWhatWasThereBefore() throws IOException {
    int blobsOfOther = other.blobs().size();
    for (int failAt = 0; failAt < blobsOfOther; failAt++) {
      Path out = directory.resolve("absent");
      BlobReader failing = new FailingReader(blobs, failAt);
      assertThrows(IOException.class, () -> OciLayout.write(other, "other", failing, out));
      assertEquals(Map.of("", "directory"), files(directory));

      Path empty = Files.createDirectory(directory.resolve("empty"));
      BlobReader failing2 = new FailingReader(blobs, failAt);
      assertThrows(IOException.class, () -> OciLayout.write(other, "other", failing2, empty));
      assertEquals(Map.of("", "directory"), files(empty));
      Files.delete(empty);

      Path old = directory.resolve("old");
      OciLayout.write(web, "web", blobs, old);
      SortedMap<String, String> before = files(old);
      BlobReader failing3 = new FailingReader(blobs, failAt);
      assertThrows(IOException.class, () -> OciLayout.write(other, "other", failing3, old));
      assertEquals(before, files(old));
      Temporary.deleteAll(old);

      Path file = Files.writeString(directory.resolve("file"), "old");
      BlobReader failing4 = new FailingReader(blobs, failAt);
      IOException failure =
          assertThrows(
              IOException.class,
              () -> ArchiveFile.write(new OciArchive(), other, "other", failing4, file));
      assertTrue(String.valueOf(failure.getMessage()).contains("No space left"));
      assertEquals("old", Files.readString(file));
      Files.delete(file);
      assertEquals(Map.of("", "directory"), files(directory));
    }
  }

  @Test
  void archivesAreTheSameEachTimeAndAsAStream() throws IOException {
    for (ArchiveExporter exporter : List.of(new OciArchive(), DockerArchive.ofOnlyImage())) {
      Path file = directory.resolve("a.tar");
      Exported first = ArchiveFile.write(exporter, web, "web", blobs, file);
      byte[] bytes = Files.readAllBytes(file);
      assertEquals(first, ArchiveFile.write(exporter, web, "web", blobs, file));
      assertArrayEquals(bytes, Files.readAllBytes(file));
      ByteArrayOutputStream stream = new ByteArrayOutputStream();
      exporter.write(web, "web", blobs, stream);
      assertArrayEquals(bytes, stream.toByteArray());
    }
  }

  @Test
  void anOciArchiveIsTheLayoutInATar() throws IOException {
    ByteArrayOutputStream stream = new ByteArrayOutputStream();
    new OciArchive().write(web, "web", blobs, stream);
    SortedMap<String, String> expected = fresh(web, "web");
    expected.remove("");
    assertEquals(expected, untar(stream.toByteArray()));
  }

  @Test
  void aDockerArchiveHoldsPlainLayers() throws IOException {
    ByteArrayOutputStream stream = new ByteArrayOutputStream();
    Exported exported = DockerArchive.ofOnlyImage().write(web, "team/web", blobs, stream);
    Digest config = web.images().get(0).image().config().digest();
    assertEquals(config, exported.digest());
    SortedMap<String, String> files = untar(stream.toByteArray());
    assertEquals(config.hex(), files.get(config.hex() + ".json"));
    web.images()
        .get(0)
        .image()
        .layers()
        .forEach(
            layer -> {
              String diffId = layer.diffId().digest().hex();
              assertEquals(diffId, files.get(diffId + ".tar"));
            });
    String tar = stream.toString(StandardCharsets.ISO_8859_1);
    assertTrue(tar.contains("\"RepoTags\":[\"team/web:latest\"]"));
  }

  @Test
  void aDockerArchiveOfSeveralPlatformsAsksForOne() throws IOException {
    ImageDocument index = ExportSamples.index(blobs);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    IllegalArgumentException refusal =
        assertThrows(
            IllegalArgumentException.class,
            () -> DockerArchive.ofOnlyImage().write(index, "", blobs, out));
    assertTrue(String.valueOf(refusal.getMessage()).contains("linux/amd64, linux/arm64"));
    DockerArchive.of(Platform.parse("linux/arm64")).write(index, "", blobs, out);
    assertFalse(untar(out.toByteArray()).isEmpty());
  }

  @Test
  void namesThatTheFormDoesNotTakeAreRefused() {
    for (String ref : List.of("web ", "/web", "web/", "a//b", "w\u00e9b", "-web")) {
      assertThrows(
          IllegalArgumentException.class,
          () -> OciLayout.write(web, ref, blobs, directory.resolve("out")),
          ref);
      assertThrows(
          IllegalArgumentException.class,
          () -> DockerArchive.ofOnlyImage().write(web, ref, blobs, new ByteArrayOutputStream()),
          ref);
    }
    assertThrows(
        IllegalArgumentException.class,
        () -> DockerArchive.ofOnlyImage().write(web, "Web", blobs, new ByteArrayOutputStream()));
  }

  @Test
  void aPipeOrDeviceIsWrittenToAsItStands() throws IOException {
    ArchiveFile.write(new OciArchive(), web, "web", blobs, Path.of("/dev/null"));
    assertFalse(Files.isRegularFile(Path.of("/dev/null")));
    Path link = Files.createSymbolicLink(directory.resolve("link"), Path.of("target"));
    Files.writeString(directory.resolve("target"), "old");
    ArchiveFile.write(new OciArchive(), web, "web", blobs, link);
    assertTrue(Files.isSymbolicLink(link));
    assertTrue(Files.size(directory.resolve("target")) > 1000);
    assertThrows(
        IOException.class, () -> ArchiveFile.write(new OciArchive(), web, "web", blobs, directory));
  }

  private void raw(Path target, long size) throws IOException {
    Volume disk =
        new Volume() {
          @Override
          public long size() {
            return size;
          }

          @Override
          public void writeTo(VolumeSink sink) throws IOException {
            byte[] bytes = new byte[200_000];
            java.util.Arrays.fill(bytes, 70_000, 70_010, (byte) 7);
            sink.write(0, new byte[] {1}, 0, 1);
            sink.write(4095, bytes, 0, bytes.length);
            if (size < 300_000) {
              throw new IOException("No space left on device");
            }
          }
        };
    DiskFile.write(new RawContainer(), disk, target);
  }

  @Test
  void aDiskHasHolesWhereItIsZeroAndTheBytesElsewhere() throws IOException {
    Path file = directory.resolve("disk");
    raw(file, 400_000);
    byte[] wanted = new byte[400_000];
    wanted[0] = 1;
    java.util.Arrays.fill(wanted, 4095 + 70_000, 4095 + 70_010, (byte) 7);
    assertArrayEquals(wanted, Files.readAllBytes(file));
    assertEquals(Map.of("", "directory", "disk", files(directory).get("disk")), files(directory));
  }

  @Test
  void aDiskThatReplacesAFileKeepsItsModeAndTheLinkToIt() throws IOException {
    Path file = Files.writeString(directory.resolve("target"), "old");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    Path link = Files.createSymbolicLink(directory.resolve("link"), Path.of("target"));
    raw(link, 400_000);
    assertTrue(Files.isSymbolicLink(link));
    assertEquals(400_000, Files.size(file));
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
  }

  @Test
  void whatRootReplacesKeepsItsOwner() throws IOException {
    assumeTrue("root".equals(System.getProperty("user.name")), "only root gives files away");
    Path file = Files.writeString(directory.resolve("target"), "old");
    Files.setAttribute(file, "unix:uid", 12_345);
    Files.setAttribute(file, "unix:gid", 23_456);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--r-----"));
    raw(file, 400_000);
    assertEquals(400_000, Files.size(file));
    assertEquals(12_345, Files.getAttribute(file, "unix:uid"));
    assertEquals(23_456, Files.getAttribute(file, "unix:gid"));
    assertEquals("r--r-----", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
  }

  @Test
  void aLinkToNothingIsRefused() throws IOException {
    Path link = Files.createSymbolicLink(directory.resolve("link"), Path.of("nothing"));
    IOException failure = assertThrows(ExportException.class, () -> raw(link, 400_000));
    assertTrue(String.valueOf(failure.getMessage()).contains("a link to nothing"));
    assertTrue(Files.isSymbolicLink(link));
    assertFalse(Files.exists(directory.resolve("nothing")));
  }

  @Test
  void aFullDiskLeavesNothingAndIsToldOfTheTarget() throws IOException {
    Path file = directory.resolve("disk");
    IOException failure = assertThrows(ExportException.class, () -> raw(file, 1000));
    String said = String.valueOf(failure.getMessage());
    assertTrue(said.contains("cannot export to " + file + ": No space left"), said);
    assertTrue(said.contains("make room there") && !said.contains(Temporary.PREFIX), said);
    assertEquals(Map.of("", "directory"), files(directory));
  }

  private static SortedMap<String, String> untar(byte[] bytes) throws IOException {
    SortedMap<String, String> files = new TreeMap<>();
    try (TarArchiveInputStream tar = new TarArchiveInputStream(new ByteArrayInputStream(bytes))) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        String name = entry.getName().replaceAll("/$", "");
        files.put(name, entry.isDirectory() ? "directory" : Digest.of(tar.readAllBytes()).hex());
      }
    }
    return files;
  }

  /** Fails in the middle of the n-th blob, as a full disk or a damaged store would. */
  private static final class FailingReader implements BlobReader {
    private final BlobReader blobs;
    private int left;

    FailingReader(BlobReader blobs, int left) {
      this.blobs = blobs;
      this.left = left;
    }

    @Override
    public boolean has(Digest blob) throws IOException {
      return blobs.has(blob);
    }

    @Override
    public long size(Digest blob) throws IOException {
      return blobs.size(blob);
    }

    @Override
    public InputStream open(Digest blob) throws IOException {
      if (left-- > 0) {
        return blobs.open(blob);
      }
      return new InputStream() {
        private boolean begun;

        @Override
        public int read() throws IOException {
          return read(new byte[1], 0, 1) < 0 ? -1 : 'x';
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
          if (!begun) {
            begun = true;
            target[offset] = 'x';
            return 1;
          }
          throw new IOException("No space left on device");
        }
      };
    }
  }
}
