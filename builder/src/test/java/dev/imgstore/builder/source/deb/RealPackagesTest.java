package dev.imgstore.builder.source.deb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.imgstore.builder.tree.TreeEditor;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.TreeId;
import dev.imgstore.model.TreePath;
import dev.imgstore.testkit.MemoryBlobStore;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Packages of the machine's own mirror, read by us and by dpkg-deb with GNU tar. */
@Tag("network")
final class RealPackagesTest {
  private static final List<String> NAMES =
      List.of(
          "base-files", "coreutils", "iputils-ping", "nginx-light", "openssh-server", "perl-base");

  @TestFactory
  List<DynamicTest> dpkgReadsTheSame(@TempDir Path directory) throws Exception {
    assumeTrue(new File("/usr/bin/apt-get").canExecute(), "needs apt-get");
    List<String> download = new ArrayList<>(List.of("apt-get", "-q", "download"));
    download.addAll(NAMES);
    String said = run(directory, download);
    List<Path> debs;
    try (Stream<Path> files = Files.list(directory)) {
      debs = files.filter(file -> file.toString().endsWith(".deb")).sorted().toList();
    }
    assertEquals(NAMES.size(), debs.size(), said);
    return debs.stream()
        .map(deb -> DynamicTest.dynamicTest(fileName(deb), () -> compare(directory, deb)))
        .toList();
  }

  private static String fileName(Path path) {
    return String.valueOf(path.getFileName());
  }

  private static void compare(Path directory, Path deb) throws Exception {
    MemoryBlobStore blobs = new MemoryBlobStore();
    UnpackedDeb unpacked;
    try (InputStream in = Files.newInputStream(deb)) {
      unpacked = DebUnpacker.unpack(fileName(deb), in, blobs);
    }
    String list =
        "dpkg-deb --fsys-tarfile '"
            + fileName(deb)
            + "' | tar -tv --numeric-owner --quoting-style=literal";
    SortedMap<String, String> theirs = new TreeMap<>();
    for (String line : run(directory, List.of("sh", "-c", list)).lines().toList()) {
      // mode owner/group size date time ./path[ -> target| link to path]
      String[] fields = line.split(" +", 6);
      String[] ends = fields[5].split(" -> | link to ", 2);
      String path = ends[0].replaceFirst("^\\./", "").replaceFirst("/$", "");
      boolean linked = fields[5].contains(" link to ");
      String size = linked || fields[0].startsWith("d") ? "" : fields[2];
      String target = fields[0].startsWith("l") ? ends[1] : "";
      if (!path.isEmpty()) {
        theirs.put(path, fields[0].replaceFirst("^h", "-") + " " + fields[1] + " " + size + target);
      }
    }
    SortedMap<String, String> ours = ours(blobs, unpacked.files());
    assertTrue(theirs.size() > 3, "GNU tar listed nothing");
    // A hard link is listed without its size.
    theirs.replaceAll(
        (path, text) ->
            text.endsWith(" ") && text.startsWith("-") ? ours.getOrDefault(path, "") : text);
    assertEquals(print(theirs), print(ours));
    checkSums(blobs, unpacked);
  }

  private static String print(SortedMap<String, String> entries) {
    StringBuilder text = new StringBuilder();
    entries.forEach((path, what) -> text.append(path).append("  ").append(what).append('\n'));
    return text.toString();
  }

  private static SortedMap<String, String> ours(MemoryBlobStore blobs, TreeId root)
      throws IOException {
    SortedMap<String, String> ours = new TreeMap<>();
    TreeEditor.of(blobs, root)
        .walk(
            new TreeEditor.Visitor() {
              @Override
              public void directory(TreePath path, Meta meta) {
                ours.put(path.bytes().text(), line('d', meta, ""));
              }

              @Override
              public void leaf(TreePath path, Node node) {
                String text =
                    node instanceof Node.File file
                        ? line('-', node.meta(), "" + file.size())
                        : line('l', node.meta(), "0" + ((Node.Symlink) node).target().text());
                ours.put(path.bytes().text(), text);
              }
            });
    return ours;
  }

  private static String line(char kind, Meta meta, String rest) {
    StringBuilder mode = new StringBuilder().append(kind);
    String letters = "rwxrwxrwx";
    for (int i = 0; i < 9; i++) {
      mode.append((meta.mode() & (0400 >> i)) != 0 ? letters.charAt(i) : '-');
    }
    special(mode, meta.mode() & 04000, 3, 's');
    special(mode, meta.mode() & 02000, 6, 's');
    special(mode, meta.mode() & 01000, 9, 't');
    return mode + " " + meta.uid() + "/" + meta.gid() + " " + rest;
  }

  private static void special(StringBuilder mode, int bit, int at, char letter) {
    if (bit != 0) {
      boolean executable = mode.charAt(at) == 'x';
      mode.setCharAt(at, executable ? letter : Character.toUpperCase(letter));
    }
  }

  /** The package's own list of MD5 sums agrees with the contents. */
  private static void checkSums(MemoryBlobStore blobs, UnpackedDeb unpacked) throws Exception {
    TreeEditor control = TreeEditor.of(blobs, unpacked.control());
    TreeEditor files = TreeEditor.of(blobs, unpacked.files());
    String sums = new String(control.read(TreePath.of("md5sums"), 1 << 22), StandardCharsets.UTF_8);
    for (String line : sums.lines().toList()) {
      byte[] bytes = files.read(TreePath.of(line.substring(34)), 1 << 28);
      byte[] sum = MessageDigest.getInstance("MD5").digest(bytes);
      assertEquals(line.substring(0, 32), HexFormat.of().formatHex(sum), line);
    }
    if (unpacked.name().equals("perl-base")) {
      Map<Long, Integer> groups = new TreeMap<>();
      for (Name name : files.list(TreePath.of("usr/bin"))) {
        if (files.leaf(TreePath.of("usr/bin").child(name)).orElseThrow()
            instanceof Node.File file) {
          groups.merge(file.linkGroup(), 1, Integer::sum);
        }
      }
      assertTrue(groups.keySet().stream().anyMatch(group -> group != 0), "no hard links found");
    }
  }

  private static String run(Path directory, List<String> command) throws Exception {
    ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
    builder.environment().put("LC_ALL", "C");
    builder.redirectErrorStream(true);
    Process process = builder.start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), said);
    return said;
  }
}
