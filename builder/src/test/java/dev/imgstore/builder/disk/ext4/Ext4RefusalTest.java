package dev.imgstore.builder.disk.ext4;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.Bytes;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.Tree;
import dev.imgstore.model.TreeId;
import dev.imgstore.store.BlobReader;
import dev.imgstore.store.StoreException;
import dev.imgstore.store.Trees;
import dev.imgstore.testkit.MemoryBlobStore;
import java.io.IOException;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

/** What ext4 cannot hold is refused by its path before anything is written. */
class Ext4RefusalTest {
  private static final Meta PLAIN = Meta.of(0644, 0, 0);

  private final MemoryBlobStore blobs = new MemoryBlobStore();

  private TreeId tree(Node node) throws IOException {
    return tree("odd", node);
  }

  private TreeId tree(String name, Node node) throws IOException {
    TreeMap<Name, Node> below = new TreeMap<>();
    below.put(Name.of(name), node);
    TreeMap<Name, Node> entries = new TreeMap<>();
    entries.put(
        Name.of("d"), new Node.Directory(Trees.put(blobs, new Tree(below)), Meta.of(0755, 0, 0)));
    return Trees.put(blobs, new Tree(entries));
  }

  private String refusal(TreeId tree, Ext4Space space) {
    return String.valueOf(
        assertThrows(
                Ext4Exception.class,
                () -> Ext4.plan(Ext4Trees.request(tree, space), blobs, task -> {}))
            .getMessage());
  }

  private void assertRefused(Node node, String why) throws IOException {
    String message = refusal(tree(node), new Ext4Space.Free(0));
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
    assertRefused(with("user.", Bytes.EMPTY), "user.");
    assertRefused(with("user.large", Bytes.of(new byte[4100])), "room for 4064");
    assertRefused(with("system.posix_acl_access", Bytes.of(new byte[11])), "access control list");
    assertRefused(
        with("system.posix_acl_default", Bytes.of(new byte[] {2, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0})),
        "unknown kind 3");
  }

  @Test
  void numbersThatDoNotFit() throws IOException {
    assertRefused(new Node.Device(4096, 0, true, PLAIN), "4096:0");
    assertRefused(new Node.Device(0, 1 << 20, false, PLAIN), "0:1048576");
    assertRefused(
        new Node.File(Digest.of(new byte[0]), 1L << 44, PLAIN), "at most 17592186040320; cut it");
  }

  @Test
  void sizesThatDoNotFit() throws IOException {
    TreeId tree = tree(new Node.File(blobs.put(new byte[3_000_000]), 3_000_000, PLAIN));
    String small = refusal(tree, new Ext4Space.Exactly(5 << 20));
    assertTrue(small.contains("needs a file system of at least") && small.contains("MiB"), small);
    assertTrue(refusal(tree, new Ext4Space.Exactly(100)).contains("at least"));
    for (Ext4Space space : List.of(new Ext4Space.Exactly(1L << 44), new Ext4Space.Free(1L << 44))) {
      String large = refusal(tree, space);
      assertTrue(large.contains("17592186040320 (16 TiB") && large.contains("ask for less"), large);
    }
    Node huge = new Node.File(blobs.put(new byte[1]), (1L << 44) - 4096, PLAIN);
    BlobReader zeros = new SyntheticBlobs(blobs);
    assertThrows(
        Ext4Exception.class,
        () ->
            Ext4.plan(
                Ext4Trees.request(tree("a", huge), new Ext4Space.Free(0)), zeros, task -> {}));
  }

  /** One group has 32,768 inodes, however small the files are. */
  @Test
  void moreFilesThanASizeHasRoomFor() throws IOException {
    TreeMap<Name, Node> entries = new TreeMap<>();
    for (int i = 0; i < 33_000; i++) {
      entries.put(Name.of("n" + i), new Node.Fifo(PLAIN));
    }
    TreeId tree = Trees.put(blobs, new Tree(entries));
    String few = refusal(tree, new Ext4Space.Exactly(100 << 20));
    assertTrue(few.contains("room for 32768 files") && few.contains("enlarge it"), few);
    Ext4Volume enough =
        Ext4.plan(Ext4Trees.request(tree, new Ext4Space.Free(0)), blobs, task -> {});
    assertTrue(few.contains("at least " + enough.size() + " bytes"), few);
    assertTrue(enough.size() > 128 << 20 && enough.freeInodes() > 0);
  }

  @Test
  void moreFilesThanAnyFileSystemTakes() throws IOException {
    TreeMap<Name, Node> entries = new TreeMap<>();
    for (int i = 0; i < 10; i++) {
      entries.put(Name.of("n" + i), new Node.Fifo(PLAIN));
    }
    Ext4Request request =
        Ext4Trees.request(Trees.put(blobs, new Tree(entries)), new Ext4Space.Free(0));
    NameHash hash = new NameHash(request.identity().hashSeed());
    int all = entries.size() + 1; // and lost+found
    assertEquals(10 + all, TreeScan.read(request, blobs, task -> {}, hash, all).used());
    String most =
        String.valueOf(
            assertThrows(
                    Ext4Exception.class,
                    () -> TreeScan.read(request, blobs, task -> {}, hash, all - 1))
                .getMessage());
    assertTrue(most.contains("/n9") && most.contains("10 files and directories before"), most);
    assertTrue(most.contains("leave some out"), most);
  }

  @Test
  void moreNamesOfAFileThanItCounts() throws IOException {
    TreeMap<Name, Node> entries = new TreeMap<>();
    Node file = new Node.File(blobs.put(new byte[1]), 1, 7, PLAIN);
    for (int i = 0; i < 65_000; i++) {
      entries.put(Name.of("n" + i), file);
    }
    Ext4.plan(
        Ext4Trees.request(Trees.put(blobs, new Tree(entries)), new Ext4Space.Free(0)),
        blobs,
        task -> {});
    entries.put(Name.of("one more"), file);
    String message = refusal(Trees.put(blobs, new Tree(entries)), new Ext4Space.Free(0));
    assertTrue(message.contains("/one more") && message.contains("65000 names of one"), message);
    assertTrue(message.contains("/n0 has more; copy it"), message);
  }

  @Test
  void hardLinksThatDiffer() throws IOException {
    TreeMap<Name, Node> entries = new TreeMap<>();
    entries.put(Name.of("a"), new Node.File(blobs.put(new byte[1]), 1, 7, PLAIN));
    entries.put(Name.of("b"), new Node.File(blobs.put(new byte[1]), 1, 7, Meta.of(0600, 0, 0)));
    String message = refusal(Trees.put(blobs, new Tree(entries)), new Ext4Space.Free(0));
    assertTrue(message.contains("/b") && message.contains("hard link to /a"), message);
  }

  @Test
  void aFileNamedLostAndFound() throws IOException {
    TreeMap<Name, Node> entries = new TreeMap<>();
    entries.put(Name.of("lost+found"), new Node.Fifo(PLAIN));
    assertTrue(
        refusal(Trees.put(blobs, new Tree(entries)), new Ext4Space.Free(0))
            .contains("/lost+found"));
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
    assertFails(StoreException.Corrupt.class, new Node.File(large, 5 << 19, PLAIN));
  }

  private void assertFails(Class<? extends IOException> how, Node.File file) throws IOException {
    ExecutorService pool = Executors.newFixedThreadPool(2);
    try {
      Ext4Volume volume =
          Ext4.plan(Ext4Trees.request(tree(file), new Ext4Space.Free(0)), blobs, pool);
      assertThrows(how, () -> volume.writeTo((offset, bytes, from, length) -> {}));
    } finally {
      pool.shutdownNow();
    }
  }

  @Test
  void identitiesThatASuperblockCannotHold() {
    Digest seed = Digest.of(new byte[0]);
    assertThrows(
        IllegalArgumentException.class, () -> new Ext4Identity(seed, "seventeen letters", 0));
    assertThrows(IllegalArgumentException.class, () -> new Ext4Identity(seed, "", -1));
    assertThrows(IllegalArgumentException.class, () -> new Ext4Identity(seed, "", 1L << 34));
    Ext4Identity identity = new Ext4Identity(seed, "\u00e9".repeat(8), 1L << 33);
    assertEquals(8, identity.uuid().version());
    assertEquals(2, identity.uuid().variant());
    assertFalse(identity.uuid().equals(identity.hashSeed()));
  }
}
