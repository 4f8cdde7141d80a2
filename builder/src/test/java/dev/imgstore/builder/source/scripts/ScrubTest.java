package dev.imgstore.builder.source.scripts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.builder.tree.TreeEditor;
import dev.imgstore.model.Bytes;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Node;
import dev.imgstore.model.TreeId;
import dev.imgstore.model.TreePath;
import dev.imgstore.testkit.MemoryBlobStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class ScrubTest {
  private static final long EPOCH = 20_000 * 86_400L + 5;
  private final MemoryBlobStore blobs = new MemoryBlobStore();
  private final TreeEditor tree = TreeEditor.empty(blobs);
  private final TreeEditor shipped = TreeEditor.empty(blobs);

  private static void put(TreeEditor into, String path, String text) throws IOException {
    TreePath at = TreePath.of(path);
    into.makeDirectories(at.parent());
    into.putFile(at, text.getBytes(StandardCharsets.ISO_8859_1), Meta.of(0640, 0, 42));
  }

  private TreeEditor scrubbed() throws IOException {
    TreeId id = Scrub.of(blobs, tree.write(), shipped.write(), EPOCH);
    return TreeEditor.of(blobs, id);
  }

  @Test
  void whatDiffersFromRunToRunGoes() throws IOException {
    List<String> gone =
        List.of(
            "var/cache/ldconfig/aux-cache",
            "var/lib/dpkg/status-old",
            "etc/passwd-",
            "var/log/dpkg.log",
            "var/log/apt/term.log",
            "run/lock",
            "tmp/a/b",
            "var/tmp/c",
            "etc/ssh/ssh_host_rsa_key",
            "etc/ssh/ssh_host_rsa_key.pub",
            "usr/lib/python3/__pycache__/a.pyc");
    List<String> kept =
        List.of(
            "etc/passwd",
            "var/lib/dpkg/status",
            "etc/ssh/sshd_config",
            "usr/lib/python3/a.py",
            "srv/__pycache__/mine.pyc");
    for (String path : gone) {
      put(tree, path, "x");
    }
    for (String path : kept) {
      put(tree, path, "x");
    }
    TreeEditor after = scrubbed();
    for (String path : gone) {
      assertFalse(after.exists(TreePath.of(path)), path);
    }
    for (String path : kept) {
      assertTrue(after.exists(TreePath.of(path)), path);
    }
    assertTrue(after.isDirectory(TreePath.of("var/log/apt")));
    assertTrue(after.isDirectory(TreePath.of("tmp/a")));
  }

  @Test
  void emptyFilesAndShippedOnesStayAmongLogs() throws IOException {
    put(tree, "var/log/wtmp", "");
    put(tree, "var/log/README", "shipped");
    put(shipped, "var/log/README", "shipped");
    TreeEditor after = scrubbed();
    assertTrue(after.exists(TreePath.of("var/log/wtmp")));
    assertTrue(after.exists(TreePath.of("var/log/README")));
  }

  @Test
  void theMachineIdIsEmptyWithItsMeta() throws IOException {
    put(tree, "etc/machine-id", "0123456789abcdef\n");
    Node.File file = (Node.File) scrubbed().leaf(TreePath.of("etc/machine-id")).orElseThrow();
    assertEquals(0, file.size());
    assertEquals(Meta.of(0640, 0, 42), file.meta());
  }

  @Test
  void aMachineIdThatIsALinkStays() throws IOException {
    tree.makeDirectories(TreePath.of("etc"));
    Node link = new Node.Symlink(Bytes.utf8("/run/machine-id"), Meta.of(0777, 0, 0));
    tree.put(TreePath.of("etc/machine-id"), link);
    assertEquals(link, scrubbed().leaf(TreePath.of("etc/machine-id")).orElseThrow());
  }

  private static String shadow(String day) {
    return """
    root:*:%s:0:99999:7:::
    new:x:0:0:99999:7:::
    old:x::0:99999:7:::
    caf\u00e9:!:%s::::::
    odd:19837

    """
        .formatted(day, day);
  }

  @Test
  void passwordsWereLastChangedAtTheEpoch() throws IOException {
    put(tree, "etc/shadow", shadow("19837"));
    TreeEditor after = scrubbed();
    assertEquals(
        shadow("20000"),
        new String(after.read(TreePath.of("etc/shadow"), 1 << 20), StandardCharsets.ISO_8859_1));
    assertEquals(Meta.of(0640, 0, 42), after.leaf(TreePath.of("etc/shadow")).orElseThrow().meta());
  }

  @Test
  void placesThatWereMountedOverAreAsUsual() throws IOException {
    for (String path : List.of("proc", "dev", "run", "tmp")) {
      tree.putDirectory(TreePath.of(path), Meta.of(0700, 1, 1));
    }
    TreeEditor after = scrubbed();
    assertEquals(Meta.of(01777, 0, 0), after.meta(TreePath.of("tmp")).orElseThrow());
    assertEquals(Meta.of(0755, 0, 0), after.meta(TreePath.of("run")).orElseThrow());
  }

  @Test
  void anEmptyTreeStaysEmptyAndTwiceIsOnce() throws IOException {
    assertEquals(tree.write(), scrubbed().write());
    put(tree, "etc/shadow", "a:*:1:0:9:7:::\n");
    put(tree, "var/log/x", "x");
    TreeId once = Scrub.of(blobs, tree.write(), shipped.write(), EPOCH);
    assertEquals(once, Scrub.of(blobs, once, shipped.write(), EPOCH));
  }
}
