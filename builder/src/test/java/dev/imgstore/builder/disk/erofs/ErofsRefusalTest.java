package dev.imgstore.builder.disk.erofs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.Bytes;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.Tree;
import dev.imgstore.model.TreeId;
import dev.imgstore.store.StoreException;
import dev.imgstore.store.Trees;
import dev.imgstore.testkit.MemoryBlobStore;
import java.io.IOException;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What EROFS cannot hold is refused by its path before anything is written. */
class ErofsRefusalTest {
  private static final Meta PLAIN = Meta.of(0644, 0, 0);
  private static final Meta ROOT = Meta.of(0755, 0, 0);

  private final MemoryBlobStore blobs = new MemoryBlobStore();

  private ErofsVolume plan(TreeId tree) throws IOException {
    return ErofsVolume.plan(new ErofsRequest(tree, ROOT, tree.digest(), "", 0), blobs, task -> {});
  }

  private TreeId tree(Node node) throws IOException {
    TreeMap<Name, Node> below = new TreeMap<>();
    below.put(Name.of("odd"), node);
    TreeMap<Name, Node> entries = new TreeMap<>();
    entries.put(Name.of("d"), new Node.Directory(Trees.put(blobs, new Tree(below)), ROOT));
    return Trees.put(blobs, new Tree(entries));
  }

  private void assertRefused(Node node, String why) throws IOException {
    TreeId tree = tree(node);
    String message =
        String.valueOf(assertThrows(ErofsException.class, () -> plan(tree)).getMessage());
    assertTrue(message.contains("/d/odd") && message.contains(why), message);
  }

  private static Node with(String name, Bytes value) {
    TreeMap<Name, Bytes> xattrs = new TreeMap<>();
    xattrs.put(Name.of(name), value);
    return new Node.Fifo(new Meta(0644, 0, 0, xattrs));
  }

  @Test
  void attributesThatCannotBeKept() throws IOException {
    assertRefused(with("com.apple.quarantine", Bytes.EMPTY), "com.apple.quarantine");
    assertRefused(with("system.other", Bytes.EMPTY), "system.other");
    assertRefused(with("user.", Bytes.EMPTY), "user.");
    assertRefused(with("user.large", Bytes.of(new byte[65_536])), "at most 65535");
    TreeMap<Name, Bytes> many = new TreeMap<>();
    for (int i = 0; i < 5; i++) {
      many.put(Name.of("user." + i), Bytes.of(new byte[65_000]));
    }
    assertRefused(new Node.Fifo(new Meta(0644, 0, 0, many)), "room for 262148");
  }

  @Test
  void numbersThatDoNotFit() throws IOException {
    assertRefused(new Node.Device(4096, 0, true, PLAIN), "4096:0");
    assertRefused(new Node.Device(0, 1 << 20, false, PLAIN), "0:1048576");
    TreeId huge = tree(new Node.File(Digest.of(new byte[0]), 1L << 44, PLAIN));
    String message =
        String.valueOf(assertThrows(ErofsException.class, () -> plan(huge)).getMessage());
    assertTrue(message.contains("fewer than 4294967295"), message);
  }

  @Test
  void hardLinksThatDiffer() throws IOException {
    TreeMap<Name, Node> entries = new TreeMap<>();
    entries.put(Name.of("a"), new Node.File(blobs.put(new byte[1]), 1, 7, PLAIN));
    entries.put(Name.of("b"), new Node.File(blobs.put(new byte[1]), 1, 7, Meta.of(0600, 0, 0)));
    TreeId tree = Trees.put(blobs, new Tree(entries));
    String message =
        String.valueOf(assertThrows(ErofsException.class, () -> plan(tree)).getMessage());
    assertTrue(message.contains("/b") && message.contains("hard link to /a"), message);
  }

  /** Thirty directories of which each holds the next one twice are a thousand million. */
  @Test
  void treesThatHoldOneAnotherFillNoMemory() throws IOException {
    TreeId tree = Trees.put(blobs, Tree.EMPTY);
    for (int i = 0; i < 30; i++) {
      TreeMap<Name, Node> entries = new TreeMap<>();
      entries.put(Name.of("a"), new Node.Directory(tree, ROOT));
      entries.put(Name.of("b"), new Node.Directory(tree, ROOT));
      tree = Trees.put(blobs, new Tree(entries));
    }
    ErofsRequest request = new ErofsRequest(tree, ROOT, tree.digest(), "", 0);
    String message =
        String.valueOf(
            assertThrows(ErofsException.class, () -> TreeScan.read(request, blobs, 10_000))
                .getMessage());
    assertTrue(message.contains("more than 10000 names"), message);
  }

  @Test
  void contentsThatAreMissingOrOfAnotherSizeEndTheWriting() throws IOException {
    Digest three = blobs.put(new byte[] {1, 2, 3});
    assertFails(
        StoreException.MissingBlob.class, new Node.File(Digest.of(new byte[] {9}), 1, PLAIN));
    assertFails(StoreException.Corrupt.class, new Node.File(three, 4, PLAIN));
    assertFails(StoreException.Corrupt.class, new Node.File(three, 2, PLAIN));
    Digest large = blobs.put(new byte[3 << 20]);
    assertFails(StoreException.Corrupt.class, new Node.File(large, (3 << 20) - 1, PLAIN));
    assertFails(StoreException.Corrupt.class, new Node.File(large, 7 << 19, PLAIN));
  }

  private void assertFails(Class<? extends IOException> how, Node.File file) throws IOException {
    ErofsVolume volume = plan(tree(file));
    assertThrows(how, () -> volume.writeTo((offset, bytes, from, length) -> {}));
  }

  @Test
  void identitiesThatASuperblockCannotHold() {
    TreeId tree = new TreeId(Digest.of(new byte[0]));
    for (String label : new String[] {"sixteen letters.", "a\0b"}) {
      assertThrows(
          IllegalArgumentException.class,
          () -> new ErofsRequest(tree, ROOT, tree.digest(), label, 0));
    }
    assertThrows(
        IllegalArgumentException.class, () -> new ErofsRequest(tree, ROOT, tree.digest(), "", -1));
    assertEquals(8, new ErofsRequest(tree, ROOT, tree.digest(), "", 0).uuid().version());
  }
}
