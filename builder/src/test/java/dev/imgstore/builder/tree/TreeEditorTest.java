package dev.imgstore.builder.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.Bytes;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Node;
import dev.imgstore.model.TreeId;
import dev.imgstore.model.TreePath;
import dev.imgstore.store.BlobStore;
import dev.imgstore.testkit.MemoryBlobStore;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class TreeEditorTest {
  private static final Meta FILE = Meta.of(0644, 0, 0);
  private final CountingStore blobs = new CountingStore();
  private final TreeEditor tree = TreeEditor.empty(blobs);

  private static TreePath path(String text) {
    return TreePath.of(text);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private void link(String at, String target) throws IOException {
    tree.put(path(at), new Node.Symlink(Bytes.utf8(target), Meta.of(0777, 0, 0)));
  }

  @Test
  void writingAndLoadingKeepsEverything() throws IOException {
    tree.putFile(path("etc/a"), utf8("1"), FILE.withOwner(5, 6));
    tree.putDirectory(path("var/empty"), Meta.of(01777, 0, 0));
    link("bin", "usr/bin");
    TreeId written = tree.write();
    TreeEditor again = TreeEditor.of(blobs, written);
    assertEquals(List.of("/bin", "/etc", "/etc/a", "/var", "/var/empty"), paths(again));
    assertEquals(FILE.withOwner(5, 6), again.meta(path("etc/a")).orElseThrow());
    assertEquals(01777, again.meta(path("var/empty")).orElseThrow().mode());
    assertEquals(written, again.write());
  }

  @Test
  void unchangedDirectoriesAreNeitherReadNorWrittenAgain() throws IOException {
    tree.putFile(path("a/b/one"), utf8("1"), FILE);
    tree.putFile(path("c/d/two"), utf8("2"), FILE);
    TreeId before = tree.write();
    TreeEditor again = TreeEditor.of(blobs, before);
    blobs.puts = 0;
    blobs.opens = 0;
    again.put(path("a/b/one"), new Node.Symlink(Bytes.utf8("x"), FILE));
    again.write();
    assertEquals(3, blobs.puts, "the root, a and a/b");
    assertEquals(3, blobs.opens, "the root, a and a/b");
  }

  @Test
  void linksAreFollowedInsideTheTreeOnly() throws IOException {
    tree.putFile(path("usr/bin/x"), utf8("x"), FILE);
    link("bin", "usr/bin");
    link("abs", "/usr/bin");
    link("up", "../../../../usr/./bin");
    link("usr/back", "../bin/x");
    assertEquals(path("usr/bin/x"), tree.resolve(path("bin/x")));
    assertEquals(path("usr/bin/x"), tree.resolve(path("abs/x")));
    assertEquals(path("usr/bin/x"), tree.resolve(path("up/x")));
    assertEquals(path("usr/bin/x"), tree.resolve(path("usr/back")));
    assertEquals(path("usr/bin/new"), tree.resolveParent(path("bin/new")));
    assertEquals(path("bin"), tree.resolveParent(path("bin")));
    assertEquals("x", new String(tree.read(path("usr/back"), 9), StandardCharsets.UTF_8));
  }

  @Test
  void linksInARingAreATreeFault() throws IOException {
    link("a", "b");
    link("b", "a");
    assertThrows(TreeFault.class, () -> tree.resolve(path("a/x")));
    link("long", "n".repeat(300));
    assertThrows(TreeFault.class, () -> tree.resolve(path("long")));
  }

  @Test
  void nothingIsPutBelowALinkOrFile() throws IOException {
    link("bin", "usr/bin");
    TreeFault fault =
        assertThrows(TreeFault.class, () -> tree.putFile(path("bin/x"), utf8("x"), FILE));
    assertEquals(path("bin"), fault.path());
    assertThrows(TreeFault.class, () -> tree.putDirectory(path("bin"), FILE));
    assertThrows(TreeFault.class, () -> tree.remove(TreePath.ROOT));
  }

  @Test
  void metaOfAFileWithTwoNamesChangesOnBoth() throws IOException {
    Node.File file = new Node.File(blobs.put(utf8("x")), 1, 77, FILE);
    tree.put(path("a/one"), file);
    tree.put(path("b/two"), file);
    tree.putFile(path("b/three"), utf8("x"), FILE);
    tree.setMeta(path("b/two"), FILE.withMode(0600));
    assertEquals(0600, tree.meta(path("a/one")).orElseThrow().mode());
    assertEquals(0600, tree.meta(path("b/two")).orElseThrow().mode());
    assertEquals(0644, tree.meta(path("b/three")).orElseThrow().mode());
  }

  @Test
  void removingTakesAllBelow() throws IOException {
    tree.putFile(path("a/b/c"), utf8("x"), FILE);
    assertTrue(tree.remove(path("a/b")));
    assertFalse(tree.remove(path("a/b")));
    assertFalse(tree.exists(path("a/b/c")));
    assertTrue(tree.isDirectory(path("a")));
  }

  @Test
  void makingDirectoriesKeepsThoseThere() throws IOException {
    tree.putDirectory(path("a"), Meta.of(0700, 1, 1));
    tree.makeDirectories(path("a/b"));
    tree.makeDirectories(path("a"));
    assertEquals(Meta.of(0700, 1, 1), tree.meta(path("a")).orElseThrow());
  }

  private static List<String> paths(TreeEditor tree) throws IOException {
    List<String> seen = new ArrayList<>();
    tree.walk(
        new TreeEditor.Visitor() {
          @Override
          public void directory(TreePath path, Meta meta) {
            seen.add(path.toString());
          }

          @Override
          public void leaf(TreePath path, Node node) {
            seen.add(path.toString());
          }
        });
    return seen;
  }

  /** Counts what is asked of a store. */
  private static final class CountingStore implements BlobStore {
    private final MemoryBlobStore store = new MemoryBlobStore();
    private int puts;
    private int opens;

    @Override
    public Digest put(InputStream bytes) throws IOException {
      puts++;
      return store.put(bytes);
    }

    @Override
    public boolean has(Digest blob) {
      return store.has(blob);
    }

    @Override
    public long size(Digest blob) throws IOException {
      return store.size(blob);
    }

    @Override
    public InputStream open(Digest blob) throws IOException {
      opens++;
      return store.open(blob);
    }
  }
}
