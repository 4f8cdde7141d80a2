package dev.imgstore.store;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.Digest;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.Tree;
import dev.imgstore.model.TreeId;
import dev.imgstore.store.disk.DiskStore;
import dev.imgstore.testkit.MemoryFilesystem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class TreesTest {
  private static final int LEVELS = 60;

  /** Directories of two equal directories each: few blobs, and more paths than can be walked. */
  private static TreeId doubling(BlobStore blobs, Digest leaf) throws IOException {
    TreeMap<Name, Node> entries = new TreeMap<>();
    entries.put(Name.of("f"), new Node.File(leaf, 4, Meta.of(0644, 0, 0)));
    TreeId id = Trees.put(blobs, new Tree(entries));
    for (int i = 0; i < LEVELS; i++) {
      TreeMap<Name, Node> both = new TreeMap<>();
      both.put(Name.of("a"), new Node.Directory(id, Meta.of(0755, 0, 0)));
      both.put(Name.of("b"), new Node.Directory(id, Meta.of(0755, 0, 0)));
      id = Trees.put(blobs, new Tree(both));
    }
    return id;
  }

  @Test
  void completenessReadsEachDirectoryOnce() throws IOException {
    byte[] leaf = "leaf".getBytes(StandardCharsets.US_ASCII);
    try (DiskStore store = DiskStore.open(new MemoryFilesystem(), notice -> {});
        Transaction put = store.begin()) {
      TreeId root = doubling(put, Digest.of(leaf));
      assertTimeoutPreemptively(
          Duration.ofSeconds(60),
          () -> {
            assertFalse(Trees.isComplete(put, root), "the file is not there");
            put.put(leaf);
            assertTrue(Trees.isComplete(put, root));
          });
    }
  }
}
