package dev.imgstore.store.disk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.Digest;
import dev.imgstore.model.Generation;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.RelPath;
import dev.imgstore.model.Tree;
import dev.imgstore.model.TreeCodec;
import dev.imgstore.model.TreeId;
import dev.imgstore.store.Reachable;
import dev.imgstore.store.StoreException;
import dev.imgstore.store.Transaction;
import dev.imgstore.store.Trees;
import dev.imgstore.testkit.CrashFilesystem;
import dev.imgstore.testkit.MemoryFilesystem;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Copying between stores: what becomes visible when, and what damage does to it. */
class StoreCopyTest {
  private final ExecutorService pool = Executors.newFixedThreadPool(2);

  @AfterEach
  void end() {
    pool.shutdownNow();
  }

  private static DiskStore open(Filesystem files) throws IOException {
    return DiskStore.open(files, notice -> {});
  }

  /** Flushes after every blob. */
  private void copy(Filesystem from, Filesystem to, SortedSet<Digest> blobs) throws IOException {
    try (DiskBlobs source = new DiskBlobs(from);
        DiskBlobs target = new DiskBlobs(to);
        DiskTransaction into = target.begin()) {
      new StoreCopy(source.segments(), into, 0).run(blobs, pool, 1);
      into.flush();
    }
  }

  @Test
  void whereverACopyDiesNothingInTheOtherStoreLacksAPart() throws IOException {
    MemoryFilesystem from = new MemoryFilesystem();
    SortedSet<Digest> blobs = new TreeSet<>();
    try (DiskStore store = open(from)) {
      Generation made = Images.commit(store, "web", 3000, 1, 2, 3);
      Reachable reachable = new Reachable(store.blobs(), (blob, why) -> {});
      reachable.mark("web", made);
      blobs.addAll(reachable.digests());
    }
    MemoryFilesystem start = new MemoryFilesystem();
    open(start).close();
    CrashFilesystem whole = new CrashFilesystem(start.afterKill());
    copy(from, whole, blobs);
    int operations = whole.operations().size();
    assertTrue(operations > 60, operations + " operations");
    for (int operation = 1; operation <= operations; operation++) {
      MemoryFilesystem to = start.afterKill();
      CrashFilesystem dying = new CrashFilesystem(to, operation);
      try {
        copy(from, dying, blobs);
      } catch (CrashFilesystem.Crash e) {
        assertTrue(dying.isDead());
      }
      try (DiskStore store = open(to)) {
        CollectionCrashTest.everythingThatIsFoundIsWhole(to, store);
      }
    }
  }

  /** The same blob from two writers that did not see each other; the first copy is damaged. */
  private static Digest twice(MemoryFilesystem disk, byte[] bytes, boolean verbatim)
      throws IOException {
    Digest digest = Digest.of(bytes);
    try (DiskStore one = open(disk);
        DiskStore two = open(disk);
        Transaction first = one.begin();
        Transaction second = two.begin()) {
      for (Transaction each : List.of(first, second)) {
        InputStream in = new ByteArrayInputStream(bytes);
        assertEquals(digest, verbatim ? each.putVerbatim(in) : each.put(in));
      }
      first.flush();
      second.flush();
    }
    return digest;
  }

  private static void damage(MemoryFilesystem disk, int most) throws IOException {
    int left = most;
    for (RelPath each : disk.list(Purpose.DIRECTORY)) {
      if (left-- > 0) {
        Rot.replace(disk, each, Rot.flipped(Rot.bytes(disk, each), SegmentFormat.HEADER + 50));
      }
    }
  }

  @Test
  void aDamagedCopyIsPassedOverForAGoodOne() throws IOException {
    for (boolean verbatim : new boolean[] {true, false}) {
      for (int length : new int[] {3000, 100_000, 6 << 20}) {
        MemoryFilesystem from = new MemoryFilesystem();
        byte[] bytes = Samples.text(length, length);
        Digest blob = twice(from, bytes, verbatim);
        damage(from, 1);
        MemoryFilesystem to = new MemoryFilesystem();
        open(to).close();
        copy(from, to, new TreeSet<>(List.of(blob)));
        try (DiskStore store = open(to)) {
          assertArrayEquals(bytes, store.blobs().read(blob, 8 << 20));
          assertEquals(List.of(), store.check().findings());
        }
      }
    }
  }

  @Test
  void withoutAGoodCopyItIsDamage() throws IOException {
    MemoryFilesystem from = new MemoryFilesystem();
    Digest blob = twice(from, Samples.text(1, 100_000), true);
    damage(from, 2);
    MemoryFilesystem to = new MemoryFilesystem();
    open(to).close();
    assertThrows(StoreException.Corrupt.class, () -> copy(from, to, new TreeSet<>(List.of(blob))));
  }

  @Test
  void aLongDamagedBlobIsNotBegunWith() throws IOException {
    MemoryFilesystem disk = new MemoryFilesystem();
    byte[] bytes = Samples.text(1, 300_000);
    Digest blob = twice(disk, bytes, true);
    damage(disk, 1);
    try (DiskStore store = open(disk);
        InputStream in = store.blobs().open(blob)) {
      assertArrayEquals(bytes, in.readAllBytes());
    }
  }

  private static byte[] top(Transaction put, int names) throws IOException {
    TreeMap<Name, Node> inner = new TreeMap<>();
    inner.put(Name.of("f"), new Node.File(put.put(Samples.text(1, 300)), 300, Meta.of(0644, 0, 0)));
    TreeId below = Trees.put(put, new Tree(inner));
    TreeMap<Name, Node> top = new TreeMap<>();
    for (int i = 0; i < names; i++) {
      top.put(Name.of("d" + i), new Node.Directory(below, Meta.of(0755, 0, 0)));
    }
    return TreeCodec.encode(new Tree(top));
  }

  /** Because a file that was taken in before has the same bytes. */
  @Test
  void aTreeThatIsStoredInFramesIsCopiedAfterItsSubtrees() throws IOException {
    for (int names : new int[] {1, 3000}) {
      MemoryFilesystem from = new MemoryFilesystem();
      Digest top;
      Digest below;
      try (DiskStore store = open(from);
          Transaction put = store.begin()) {
        byte[] bytes = top(put, names);
        below =
            ((Node.Directory) TreeCodec.decode(bytes).entries().values().iterator().next())
                .tree()
                .digest();
        top = put.put(new ByteArrayInputStream(bytes));
        put.flush();
      }
      SortedSet<Digest> blobs = new TreeSet<>(List.of(top, below));
      MemoryFilesystem start = new MemoryFilesystem();
      open(start).close();
      CrashFilesystem whole = new CrashFilesystem(start.afterKill());
      copy(from, whole, blobs);
      for (int operation = 1; operation <= whole.operations().size(); operation++) {
        MemoryFilesystem to = start.afterKill();
        CrashFilesystem dying = new CrashFilesystem(to, operation);
        try {
          copy(from, dying, blobs);
        } catch (CrashFilesystem.Crash e) {
          assertTrue(dying.isDead());
        }
        try (DiskStore store = open(to)) {
          assertTrue(!store.blobs().has(top) || store.blobs().has(below), "at " + operation);
        }
      }
      try (DiskStore store = open(whole)) {
        assertEquals(top, Digest.of(store.blobs().read(top, 1 << 20)));
      }
    }
  }

  @Test
  void aFileThatOnlyBeginsLikeATreeIsCopied() throws IOException {
    byte[] bytes = "imgtree\u0001and goes on like none".getBytes(StandardCharsets.ISO_8859_1);
    for (boolean verbatim : new boolean[] {true, false}) {
      MemoryFilesystem from = new MemoryFilesystem();
      Digest blob = twice(from, bytes, verbatim);
      MemoryFilesystem to = new MemoryFilesystem();
      open(to).close();
      copy(from, to, new TreeSet<>(List.of(blob)));
      try (DiskStore store = open(to)) {
        assertArrayEquals(bytes, store.blobs().read(blob, 100));
      }
    }
  }
}
