package dev.imgstore.store.disk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.Digest;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.RelPath;
import dev.imgstore.model.Tree;
import dev.imgstore.model.TreeCodec;
import dev.imgstore.store.Arrival;
import dev.imgstore.store.BadPack;
import dev.imgstore.store.Body;
import dev.imgstore.store.Frames;
import dev.imgstore.store.Pack;
import dev.imgstore.store.Packs;
import dev.imgstore.store.Reachable;
import dev.imgstore.store.StoreException;
import dev.imgstore.store.Transaction;
import dev.imgstore.testkit.CrashFilesystem;
import dev.imgstore.testkit.MemoryFilesystem;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Packs between stores: that all comes, whole and in order, and that a lying pack does no harm. */
class PacksTest {
  private final ExecutorService pool = Executors.newFixedThreadPool(2);
  private final MemoryFilesystem from = new MemoryFilesystem();
  private DiskStore store;

  @BeforeEach
  void open() throws IOException {
    store = open(from);
  }

  @AfterEach
  void end() throws IOException {
    store.close();
    pool.shutdownNow();
  }

  private static DiskStore open(Filesystem files) throws IOException {
    return DiskStore.open(files, notice -> {});
  }

  /** A pack as it travels; nobody compares them. */
  @SuppressWarnings("ArrayRecordComponent")
  private record Sent(byte[] bytes, List<Body> bodies) {}

  private static Sent sent(Packs packs, List<Packs.Stored> bodies) throws IOException {
    Pack pack = packs.pack(bodies);
    try (InputStream in = pack.open()) {
      byte[] bytes = in.readAllBytes();
      assertEquals(pack.size(), bytes.length);
      assertEquals(pack.digest(), Digest.of(bytes));
      return new Sent(bytes, bodies.stream().map(Packs.Stored::body).toList());
    }
  }

  /** Everything these blobs are made of, a pack for each purpose. */
  private List<Sent> sent(Collection<Digest> blobs) throws IOException {
    TreeMap<Integer, List<Packs.Stored>> groups = new TreeMap<>();
    for (Packs.Stored each : store.packs().bodies(blobs)) {
      groups.computeIfAbsent(each.purpose(), number -> new ArrayList<>()).add(each);
    }
    List<Sent> packs = new ArrayList<>();
    for (List<Packs.Stored> each : groups.values()) {
      packs.add(sent(store.packs(), each));
    }
    return packs;
  }

  private static Set<Digest> reached(DiskStore store, Images.Built built) throws IOException {
    List<Digest> missing = new ArrayList<>();
    Reachable reachable = new Reachable(store.blobs(), (blob, why) -> missing.add(blob));
    reachable.markTold(built.record(), "it");
    assertEquals(List.of(), missing);
    return new TreeSet<>(reachable.digests());
  }

  private void arrive(Filesystem to, List<Sent> packs, long step) throws IOException {
    try (DiskBlobs blobs = new DiskBlobs(to);
        DiskTransaction into = blobs.begin();
        Arrival arrival = new DiskArrival(to, new Scratch(to), into, step)) {
      for (Sent each : packs) {
        arrival.take(
            "p", new ByteArrayInputStream(each.bytes()), each.bytes().length, each.bodies());
      }
      arrival.finish(pool, 1);
      into.flush();
    }
  }

  private static MemoryFilesystem empty() throws IOException {
    MemoryFilesystem files = new MemoryFilesystem();
    open(files).close();
    return files;
  }

  private static List<RelPath> left(Filesystem files) throws IOException {
    List<RelPath> left = new ArrayList<>();
    for (RelPath each : files.list(RelPath.of("tmp"))) {
      left.addAll(files.list(each));
    }
    left.removeIf(each -> List.of("owner", "leases").contains(each.name()));
    return left;
  }

  @Test
  void allThatABuildReachesTravels() throws IOException {
    Images.Built built = Images.build(store, 200_000, 1, 2, 3);
    Set<Digest> all = reached(store, built);
    MemoryFilesystem to = empty();
    try (DiskStore other = open(to);
        Transaction into = other.begin()) {
      List<Sent> packs = sent(all);
      assertEquals(3, packs.size());
      try (Arrival arrival = other.packs().arrive(into)) {
        for (Sent each : packs) {
          assertTrue(arrival.lacks(each.bodies().get(0)));
          arrival.take(
              "p", new ByteArrayInputStream(each.bytes()), each.bytes().length, each.bodies());
        }
        arrival.finish(pool, 2);
        for (Sent each : packs) {
          assertFalse(arrival.lacks(each.bodies().get(0)));
        }
      }
      into.flush();
      assertEquals(all, reached(other, built));
      assertEquals(List.of(), other.check().findings());
    }
    assertEquals(List.of(), left(to));
  }

  @Test
  void theSameBodiesGiveTheSamePack() throws IOException {
    Set<Digest> all = reached(store, Images.build(store, 3000, 1, 2));
    MemoryFilesystem disk = empty();
    List<Sent> first = sent(all);
    arrive(disk, first, 1 << 30);
    try (DiskStore other = open(disk)) {
      for (Sent each : first) {
        List<Packs.Stored> again = new ArrayList<>();
        for (Packs.Stored stored : other.packs().bodies(all)) {
          if (each.bodies().contains(stored.body())) {
            again.add(stored);
          }
        }
        assertArrayEquals(each.bytes(), sent(other.packs(), again).bytes());
      }
    }
  }

  @Test
  void whereverAnArrivalDiesNothingInTheStoreLacksAPart() throws IOException {
    List<Sent> packs = sent(reached(store, Images.build(store, 3000, 1, 2, 3)));
    MemoryFilesystem start = empty();
    CrashFilesystem whole = new CrashFilesystem(start.afterKill());
    arrive(whole, packs, 0);
    int operations = whole.operations().size();
    assertTrue(operations > 60, operations + " operations");
    for (int operation = 1; operation <= operations; operation++) {
      MemoryFilesystem to = start.afterKill();
      CrashFilesystem dying = new CrashFilesystem(to, operation);
      try {
        arrive(dying, packs, 0);
      } catch (CrashFilesystem.Crash e) {
        assertTrue(dying.isDead());
      }
      try (DiskStore other = open(to)) {
        CollectionCrashTest.everythingThatIsFoundIsWhole(to, other);
      }
    }
  }

  @Test
  void whateverByteIsWrongNothingWrongIsTaken() throws IOException {
    List<Sent> packs = sent(reached(store, Images.build(store, 100, 1)));
    int refused = 0;
    int all = 0;
    for (int number = 0; number < packs.size(); number++) {
      for (int at = 0; at < packs.get(number).bytes().length; at++) {
        all++;
        byte[] wrong = packs.get(number).bytes().clone();
        wrong[at] ^= 1;
        List<Sent> changed = new ArrayList<>(packs);
        changed.set(number, new Sent(wrong, packs.get(number).bodies()));
        MemoryFilesystem to = empty();
        try {
          arrive(to, changed, 0);
        } catch (BadPack e) {
          refused++;
        }
        try (DiskStore other = open(to)) {
          assertEquals(List.of(), other.check().findings());
          CollectionCrashTest.everythingThatIsFoundIsWhole(to, other);
        }
        assertEquals(List.of(), left(to));
      }
    }
    assertTrue(refused > all / 2, refused + " of " + all);
  }

  /** What lies in a layer is the frame, and not what it holds. */
  @Test
  void framesThatOurEncoderDidNotMakeAreMadeAnew() throws IOException {
    byte[] plain = Samples.text(7, 5000);
    Digest blob = Digest.of(plain);
    byte[] right = Frames.encode(plain, 0, plain.length);
    byte[] hidden = {0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 'E', 'V', 'I', 'L'}; // RFC 8878, 3.1.2
    byte[] wrong = Arrays.copyOf(right, right.length + hidden.length);
    System.arraycopy(hidden, 0, wrong, right.length, hidden.length);
    for (int variant : List.of(Frames.ENCODER, Frames.ENCODER + 1)) {
      MemoryFilesystem poisoned = empty();
      try (DiskBlobs blobs = new DiskBlobs(poisoned);
          DiskTransaction into = blobs.begin()) {
        Entry entry = new Entry(blob, Form.FRAME, variant, 0, 0, wrong.length, plain.length);
        into.adopt(Purpose.CONTENT, entry, wrong, wrong.length);
        into.flush();
      }
      MemoryFilesystem to = empty();
      try (DiskStore other = open(poisoned)) {
        arrive(to, List.of(sent(other.packs(), other.packs().bodies(Set.of(blob)))), 0);
      }
      try (DiskStore other = open(to);
          Transaction into = other.begin()) {
        assertArrayEquals(right, into.frame(blob));
        assertArrayEquals(plain, into.read(blob, plain.length));
      }
    }
  }

  private BadPack refusal(List<Sent> packs) throws IOException {
    MemoryFilesystem to = empty();
    BadPack refused = assertThrows(BadPack.class, () -> arrive(to, packs, 0));
    assertEquals(List.of(), left(to));
    return refused;
  }

  private static void assertSaid(String text, Exception failure) {
    String said = String.valueOf(failure.getMessage());
    assertTrue(said.contains(text), said);
  }

  private Sent one() throws IOException {
    Digest blob;
    try (Transaction put = store.begin()) {
      blob = put.put(Samples.text(1, 1000));
      put.flush();
    }
    return sent(Set.of(blob)).get(0);
  }

  private static byte[] with(byte[] bytes, int at, long value) {
    byte[] changed = bytes.clone();
    ByteBuffer.wrap(changed).putLong(at, value);
    return changed;
  }

  @Test
  void aPackThatIsNoneIsRefusedByName() throws IOException {
    Sent good = one();
    byte[] bytes = good.bytes();
    int trailer = bytes.length - SegmentFormat.TRAILER;
    int entry = trailer - Entry.BYTES;
    for (byte[] each :
        List.of(
            new byte[0],
            new byte[40],
            new byte[1000],
            with(bytes, 0, 0x696d677365670002L),
            with(bytes, trailer + 8, 1L << 40),
            with(bytes, trailer + 8, -1),
            with(bytes, trailer, 8),
            with(bytes, trailer + 16, 0x0900000000000000L),
            with(bytes, entry + 40, Long.MAX_VALUE),
            with(bytes, entry + 48, 1L << 50),
            with(bytes, entry + 56, 1L << 50))) {
      BadPack refused = refusal(List.of(new Sent(each, good.bodies())));
      assertSaid("the pack p ", refused);
    }
  }

  @Test
  void aPackOfAnotherSizeIsRefusedAndNotReadOn() throws IOException {
    Sent good = one();
    MemoryFilesystem to = empty();
    InputStream endless =
        new InputStream() {
          private long given;

          @Override
          public int read() {
            return 0;
          }

          @Override
          public int read(byte[] target, int offset, int length) {
            given += length;
            assertTrue(given <= good.bytes().length + 1, "read on after the end");
            return length;
          }
        };
    try (DiskStore other = open(to);
        Transaction into = other.begin();
        Arrival arrival = other.packs().arrive(into)) {
      BadPack longer =
          assertThrows(
              BadPack.class, () -> arrival.take("p", endless, good.bytes().length, good.bodies()));
      assertSaid("has more than its", longer);
      BadPack shorter =
          assertThrows(
              BadPack.class,
              () ->
                  arrival.take(
                      "p",
                      new ByteArrayInputStream(good.bytes()),
                      good.bytes().length + 9,
                      good.bodies()));
      assertSaid("ends after", shorter);
      assertEquals(List.of(), left(to));
    }
  }

  @Test
  void aPackThatLacksWhatItShouldHaveIsRefused() throws IOException {
    Sent good = one();
    Body other = new Body(Digest.of(new byte[1]), 1, 1);
    BadPack refused = refusal(List.of(new Sent(good.bytes(), List.of(other))));
    assertSaid("lacks " + other.blob(), refused);
  }

  @Test
  void whatNamesWhatDidNotComeIsRefused() throws IOException {
    int tried = 0;
    Images.Built built = Images.build(store, 3000, 1, 2);
    for (Digest missing : reached(store, built)) {
      if (!missing.equals(built.record())) {
        Set<Digest> rest = reached(store, built);
        rest.remove(missing);
        List<Packs.Stored> bodies = store.packs().bodies(rest);
        if (bodies.stream().anyMatch(each -> each.body().blob().equals(missing))) {
          continue; // a file's chunk, which a layer is stitched of as well
        }
        tried++;
        MemoryFilesystem to = empty();
        try {
          arrive(to, sent(rest), 0);
        } catch (BadPack e) {
          assertSaid(missing.toString(), e);
        }
        try (DiskStore other = open(to)) {
          assertFalse(other.blobs().has(built.record()), missing.toString());
          CollectionCrashTest.everythingThatIsFoundIsWhole(to, other);
        }
      }
    }
    assertTrue(tried > 8, tried + " tried");
  }

  @Test
  void aFileWithTheBytesOfATreeTravelsToo() throws IOException {
    Digest file;
    Digest tree;
    byte[] bytes;
    try (Transaction put = store.begin()) {
      file = put.put(Samples.text(1, 3000));
      TreeMap<Name, Node> entries = new TreeMap<>();
      entries.put(Name.of("f"), new Node.File(file, 3000, Meta.of(0644, 0, 0)));
      bytes = TreeCodec.encode(new Tree(entries));
      tree = put.put(bytes); // in a frame, as content
      put.flush();
    }
    MemoryFilesystem to = empty();
    arrive(to, sent(List.of(file, tree)), 0);
    try (DiskStore other = open(to)) {
      assertArrayEquals(bytes, other.blobs().read(tree, 1 << 20));
    }
    MemoryFilesystem without = empty();
    BadPack refused = assertThrows(BadPack.class, () -> arrive(without, sent(List.of(tree)), 0));
    assertSaid(file.toString(), refused);
    try (DiskStore other = open(without)) {
      assertFalse(other.blobs().has(tree));
    }
  }

  @Test
  void aDamagedBodyIsNotSent() throws IOException {
    Images.build(store, 3000, 1);
    store.close();
    RelPath content =
        from.list(Purpose.DIRECTORY).stream()
            .filter(each -> each.name().startsWith("content"))
            .findFirst()
            .orElseThrow();
    Rot.replace(from, content, Rot.flipped(Rot.bytes(from, content), SegmentFormat.HEADER + 9));
    store = open(from);
    List<Digest> all = new ArrayList<>();
    all.add(Digest.of(Samples.text(1, 3001)));
    assertThrows(StoreException.Corrupt.class, () -> sent(all));
  }
}
