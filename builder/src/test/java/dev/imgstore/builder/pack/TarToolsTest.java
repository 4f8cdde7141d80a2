package dev.imgstore.builder.pack;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.imgstore.model.Bytes;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Layer;
import dev.imgstore.model.Node;
import dev.imgstore.model.TreePath;
import dev.imgstore.testkit.MemoryBlobStore;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** GNU tar and zstd as judges: they list what went in. */
@Tag("tools")
class TarToolsTest {
  private static final String RWX = "rwxrwxrwx";

  @TempDir Path directory;
  private final MemoryBlobStore blobs = new MemoryBlobStore();

  @Test
  void gnuTarListsTheEntriesOfAStitchedLayer() throws Exception {
    assertListed(Samples.layer(blobs));
  }

  @Test
  void gnuTarListsTheEntriesOfRandomTrees() throws Exception {
    for (long seed = 0; seed < 10; seed++) {
      assertListed(LayerContent.of("random", RandomTrees.entries(seed, 150, blobs)));
    }
  }

  private void assertListed(LayerContent content) throws Exception {
    Layer layer = ZstdLayer.pack(content, blobs);
    try (InputStream in = blobs.open(layer.blob().digest())) {
      Files.write(directory.resolve("layer.zst"), in.readAllBytes());
    }
    byte[] tar = run(List.of("zstd", "-dc", "layer.zst"));
    assertEquals(layer.diffId().digest(), Digest.of(tar));
    Files.write(directory.resolve("layer.tar"), tar);
    List<String> command =
        List.of(
            "tar", "--numeric-owner", "--full-time", "--quoting-style=escape", "-tvf", "layer.tar");
    String listing = new String(run(command), StandardCharsets.US_ASCII);
    List<String> seen = listing.lines().map(line -> line.replaceAll(" +", " ")).toList();
    List<String> expected = expected(content);
    for (int i = 0; i < Math.min(expected.size(), seen.size()); i++) {
      assertEquals(expected.get(i).replaceAll(" +", " "), seen.get(i));
    }
    assertEquals(expected.size(), seen.size());
  }

  private byte[] run(List<String> command) throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
    builder.environment().putAll(Map.of("LC_ALL", "C", "TZ", "UTC"));
    Process process = builder.redirectError(directory.resolve("stderr").toFile()).start();
    byte[] out = process.getInputStream().readAllBytes();
    assertEquals(0, process.waitFor(), () -> String.join(" ", command));
    assertEquals("", Files.readString(directory.resolve("stderr")));
    return out;
  }

  private static List<String> expected(LayerContent content) {
    Map<Long, TreePath> first = new HashMap<>();
    List<String> lines = new ArrayList<>();
    content
        .entries()
        .forEach(
            (path, node) -> {
              TreePath linked =
                  node instanceof Node.File file && file.linkGroup() != 0
                      ? first.computeIfAbsent(file.linkGroup(), group -> path)
                      : path;
              long time = content.times().getOrDefault(path, CanonicalTar.TIME);
              lines.add(
                  type(node, !linked.equals(path))
                      + permissions(node.meta().mode())
                      + (" " + node.meta().uid() + "/" + node.meta().gid() + " ")
                      + (size(node, !linked.equals(path)) + " ")
                      + Instant.ofEpochSecond(time).toString().replace("T", " ").replace("Z", "")
                      + (" " + escaped(path.bytes()))
                      + (node instanceof Node.Directory ? "/" : "")
                      + (linked.equals(path) ? "" : " link to " + escaped(linked.bytes()))
                      + (node instanceof Node.Symlink link ? " -> " + escaped(link.target()) : ""));
            });
    return lines;
  }

  private static char type(Node node, boolean link) {
    if (node instanceof Node.File) {
      return link ? 'h' : '-';
    } else if (node instanceof Node.Device device) {
      return device.block() ? 'b' : 'c';
    }
    return node instanceof Node.Directory ? 'd' : node instanceof Node.Symlink ? 'l' : 'p';
  }

  private static String size(Node node, boolean link) {
    if (node instanceof Node.Device device) {
      return device.major() + "," + device.minor();
    }
    return node instanceof Node.File file && !link ? Long.toString(file.size()) : "0";
  }

  private static String permissions(int mode) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 9; i++) {
      text.append((mode >> (8 - i) & 1) == 1 ? RWX.charAt(i) : '-');
    }
    special(text, 2, (mode & 04000) != 0, 's');
    special(text, 5, (mode & 02000) != 0, 's');
    special(text, 8, (mode & 01000) != 0, 't');
    return text.toString();
  }

  private static void special(StringBuilder text, int at, boolean set, char mark) {
    if (set) {
      text.setCharAt(at, text.charAt(at) == 'x' ? mark : Character.toUpperCase(mark));
    }
  }

  private static String escaped(Bytes name) {
    StringBuilder text = new StringBuilder();
    for (byte each : name.toArray()) {
      int c = each & 0xff;
      int named = "\007\b\f\n\r\t\013".indexOf(c);
      if (named >= 0) {
        text.append('\\').append("abfnrtv".charAt(named));
      } else if (c == '\\') {
        text.append("\\\\");
      } else if (c < ' ' || c > '~') {
        text.append(String.format(Locale.ROOT, "\\%03o", c));
      } else {
        text.append((char) c);
      }
    }
    return text.toString();
  }
}
