package dev.imgstore.builder.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.imgstore.builder.lock.Lock;
import dev.imgstore.builder.recipe.InputSource;
import dev.imgstore.builder.source.url.UrlTree;
import dev.imgstore.builder.tar.HostileArchive;
import dev.imgstore.builder.tree.TreeEditor;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Node;
import dev.imgstore.model.TreeId;
import dev.imgstore.model.TreePath;
import dev.imgstore.testkit.MemoryBlobStore;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What tar, zip and python3 really write is read, or refused by name. */
@Tag("tools")
@Timeout(120)
final class ArchiveToolsTest {
  private static final String LONG = "directory-with-a-long-name-".repeat(8);
  private static final String PYTHON =
      """
      import os, sys, tarfile, zipfile
      how, out = sys.argv[1], sys.argv[2]
      if how == 'zip':
          with zipfile.ZipFile(out, 'w', zipfile.ZIP_DEFLATED) as z:
              for base, dirs, files in os.walk('top'):
                  for f in sorted(files):
                      path = os.path.join(base, f)
                      if not os.path.islink(path):
                          with z.open(zipfile.ZipInfo.from_file(path), 'w', force_zip64=True) as to:
                              to.write(open(path, 'rb').read())
      else:
          with tarfile.open(out, 'w:' + sys.argv[3], format=getattr(tarfile, how)) as t:
              t.add('top')
      """;

  @TempDir Path directory;
  private final MemoryBlobStore blobs = new MemoryBlobStore();

  @BeforeEach
  void files() throws IOException {
    Path top = Files.createDirectories(directory.resolve("top"));
    Files.writeString(top.resolve("a"), "content\n");
    Files.createLink(top.resolve("b"), top.resolve("a"));
    Files.createSymbolicLink(top.resolve("link"), Path.of("a"));
    Files.writeString(top.resolve("A"), "another case\n");
    Files.writeString(top.resolve("na\u00efve \u6f22"), "characters\n");
    Path deep = Files.createDirectories(top.resolve(LONG).resolve(LONG));
    Files.writeString(deep.resolve("leaf"), "deep\n");
    Files.createSymbolicLink(top.resolve("far"), Path.of(LONG).resolve(LONG).resolve("leaf"));
    Path script = Files.writeString(top.resolve("run"), "#!/bin/sh\n");
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private void run(String... command) throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
    builder.environment().putAll(Map.of("LC_ALL", "C.UTF-8", "TZ", "UTC"));
    Path log = directory.resolve("log");
    Process process = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
    assertEquals(0, process.waitFor(), () -> String.join(" ", command));
  }

  private void python(String... words) throws IOException, InterruptedException {
    Files.writeString(directory.resolve("make.py"), PYTHON);
    List<String> command = new ArrayList<>(List.of("python3", "make.py"));
    command.addAll(List.of(words));
    run(command.toArray(String[]::new));
  }

  private TreeId tree(String file, int strip) throws IOException {
    byte[] bytes = Files.readAllBytes(directory.resolve(file));
    InputSource.Url source =
        new InputSource.Url(
            List.of("https://h/" + file), "", InputSource.Unpack.AUTO, strip, false);
    Digest digest = blobs.put(bytes);
    return UrlTree.make(
        "src",
        source,
        new Lock.Fetched(
            "src", "0".repeat(16), "url", file, "", digest, bytes.length, file, "requested"),
        blobs);
  }

  private TreeEditor check(String file) throws IOException {
    TreeEditor tree = TreeEditor.of(blobs, tree(file, 1));
    assertEquals("content\n", text(tree, "a"));
    assertEquals("another case\n", text(tree, "A"));
    assertEquals("characters\n", text(tree, "na\u00efve \u6f22"));
    assertEquals("deep\n", text(tree, LONG + "/" + LONG + "/leaf"));
    return tree;
  }

  private static String text(TreeEditor tree, String path) throws IOException {
    return new String(tree.read(TreePath.of(path), 100), java.nio.charset.StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @ValueSource(strings = {"gnu", "oldgnu", "posix"})
  void everyFormatOfGnuTarGivesTheSameTree(String format) throws Exception {
    run("tar", "--format=" + format, "-cf", "t.tar", "top");
    TreeEditor tree = check("t.tar");
    assertEquals("deep\n", text(tree, "far"));
    assertEquals(0755, tree.meta(TreePath.of("run")).orElseThrow().mode());
    long group = ((Node.File) tree.leaf(TreePath.of("a")).orElseThrow()).linkGroup();
    assertEquals(group, ((Node.File) tree.leaf(TreePath.of("b")).orElseThrow()).linkGroup());
    run("tar", "--format=gnu", "-czf", "other.tar.gz", "top");
    assertEquals(tree("other.tar.gz", 1), tree("t.tar", 1));
  }

  @ParameterizedTest
  @ValueSource(strings = {"gz", "xz", "zst", "bz2"})
  void everyCompressionOfTarIsRead(String ending) throws Exception {
    run("tar", "-caf", "t.tar." + ending, "top");
    check("t.tar." + ending);
  }

  @ParameterizedTest
  @ValueSource(strings = {"gz", "xz", "zst", "bz2"})
  void archivesCompressedInPartsAreRead(String ending) throws Exception {
    run("tar", "-cf", "t.tar", "top");
    String tool = Map.of("gz", "gzip", "xz", "xz", "zst", "zstd -q", "bz2", "bzip2").get(ending);
    run(
        "sh",
        "-c",
        "(head -c 5000 t.tar | "
            + tool
            + " -c; tail -c +5001 t.tar | "
            + tool
            + " -c) > p.tar."
            + ending);
    assertEquals(tree("t.tar", 1), tree("p.tar." + ending, 1));
  }

  @ParameterizedTest
  @ValueSource(strings = {"GNU_FORMAT", "PAX_FORMAT"})
  void whatPythonsTarfileWritesIsRead(String format) throws Exception {
    python(format, "t.tar.xz", "xz");
    assertEquals("deep\n", text(check("t.tar.xz"), "far"));
  }

  @Test
  void whatZipWritesIsRead() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/zip")), "zip is installed");
    run("zip", "-q", "-r", "-y", "z.zip", "top");
    TreeEditor tree = check("z.zip");
    assertTrue(tree.leaf(TreePath.of("far")).orElseThrow() instanceof Node.Symlink, "a link");
    assertEquals(0755, tree.meta(TreePath.of("run")).orElseThrow().mode());
    run("zip", "-q", "-r", "-y", "-fz", "forced.zip", "top");
    assertEquals(tree("z.zip", 1), tree("forced.zip", 1));
    Files.writeString(directory.resolve("top/big"), "compressed ".repeat(10_000));
    run("sh", "-c", "zip -q - top/big | cat > piped.zip"); // sizes follow the content
    assertTrue(TreeEditor.of(blobs, tree("piped.zip", 1)).exists(TreePath.of("big")));
  }

  @Test
  void whatPythonsZipfileWritesIsRead() throws Exception {
    python("zip", "z.zip");
    check("z.zip");
  }

  @Test
  void sparseFilesOfGnuTarAreRefusedByName() throws Exception {
    try (RandomAccessFile file =
        new RandomAccessFile(directory.resolve("top/hole").toFile(), "rw")) {
      file.seek(20 << 20);
      file.write(1);
    }
    for (String format : List.of("gnu", "posix")) {
      run("tar", "-S", "--format=" + format, "-cf", "s.tar", "top/hole");
      HostileArchive refused = assertThrows(HostileArchive.class, () -> tree("s.tar", 0));
      assertTrue(refused.fault().contains("sparse"), refused.fault());
    }
  }

  @Test
  void whatToolsCanBeToldToWriteThatLeadsOutIsRefused() throws Exception {
    run("tar", "-P", "-cf", "up.tar", "../" + directory.getFileName() + "/top");
    run("tar", "-P", "-cf", "abs.tar", directory.resolve("top").toString());
    run("tar", "-cf", "twice.tar", "top/a", "top/A");
    run("tar", "-rf", "twice.tar", "top/a");
    run("tar", "-cf", "volume.tar", "-V", "label", "top");
    for (String file : List.of("up.tar", "abs.tar", "twice.tar", "volume.tar")) {
      assertThrows(HostileArchive.class, () -> tree(file, 0), file);
    }
  }
}
