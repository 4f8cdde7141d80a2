package dev.imgstore.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.RelPath;
import dev.imgstore.store.disk.Filesystem;
import dev.imgstore.store.disk.Filesystem.Kind;
import dev.imgstore.store.disk.Filesystem.Stat;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What every {@link Filesystem} does. */
@SuppressWarnings("try") // a lock is held, not used
public abstract class FilesystemContract {
  private static final RelPath FILE = new RelPath("file");
  private static final RelPath OTHER = new RelPath("other");
  private static final RelPath DIRECTORY = new RelPath("a/b");

  /** An empty one, fresh for each test. */
  protected abstract Filesystem files() throws IOException;

  @Test
  void whatWasCreatedIsRead() throws IOException {
    Filesystem files = files();
    write(files, FILE, "some bytes");
    assertEquals("some bytes", text(files, FILE));
    assertEquals(Optional.of(new Stat(Kind.FILE, 10)), files.stat(FILE));
  }

  @Test
  void createRefusesANameThatIsTaken() throws IOException {
    Filesystem files = files();
    write(files, FILE, "first");
    assertThrows(FileAlreadyExistsException.class, () -> files.create(FILE).close());
    assertEquals("first", text(files, FILE));
  }

  @Test
  void createNeedsItsDirectory() throws IOException {
    Filesystem files = files();
    assertThrows(NoSuchFileException.class, () -> files.create(RelPath.of("no", "such")).close());
  }

  @Test
  void aLinkIsKeptMovedAndNeverFollowed() throws IOException {
    Filesystem files = files();
    files.link(FILE, "first");
    files.link(OTHER, "second");
    assertThrows(FileAlreadyExistsException.class, () -> files.link(FILE, "third"));
    assertEquals(Kind.OTHER, files.stat(FILE).orElseThrow().kind());
    files.moveAtomically(OTHER, FILE);
    assertEquals(Optional.of("second"), files.target(FILE));
    assertEquals(Optional.empty(), files.target(OTHER));
    files.delete(FILE);
    write(files, FILE, "some bytes");
    assertEquals(Optional.empty(), files.target(FILE));
  }

  @Test
  void belowAFileThereIsNoLink() throws IOException {
    Filesystem files = files();
    write(files, FILE, "some bytes");
    assertEquals(Optional.empty(), files.target(FILE.child("link")));
  }

  @Test
  void absentFilesAreNamedInTheError() throws IOException {
    Filesystem files = files();
    assertThrows(NoSuchFileException.class, () -> files.read(FILE).close());
    assertThrows(NoSuchFileException.class, () -> files.open(FILE).close());
    assertThrows(NoSuchFileException.class, () -> files.append(FILE).close());
    assertThrows(NoSuchFileException.class, () -> files.delete(FILE));
    assertThrows(NoSuchFileException.class, () -> files.sync(FILE));
    assertThrows(NoSuchFileException.class, () -> files.moveAtomically(FILE, OTHER));
    assertEquals(Optional.empty(), files.stat(FILE));
    assertEquals(Optional.empty(), files.stat(RelPath.of("no", "such", "file")));
  }

  @Test
  void appendWritesAtTheEnd() throws IOException {
    Filesystem files = files();
    write(files, FILE, "one ");
    try (OutputStream out = files.append(FILE)) {
      out.write("two ".getBytes(UTF_8));
      out.write('3');
    }
    assertEquals("one two 3", text(files, FILE));
  }

  @Test
  void whatIsWrittenIsSeenBeforeClosing() throws IOException {
    Filesystem files = files();
    try (OutputStream out = files.create(FILE)) {
      out.write("not buffered".getBytes(UTF_8));
      assertEquals("not buffered", text(files, FILE));
    }
  }

  @Test
  void truncateCutsAndAppendGoesOnThere() throws IOException {
    Filesystem files = files();
    write(files, FILE, "keep this, not this");
    files.truncate(FILE, 9);
    assertEquals("keep this", text(files, FILE));
    try (OutputStream out = files.append(FILE)) {
      out.write('!');
    }
    assertEquals("keep this!", text(files, FILE));
  }

  @Test
  void moveReplacesAFile() throws IOException {
    Filesystem files = files();
    write(files, FILE, "new");
    write(files, OTHER, "old");
    files.moveAtomically(FILE, OTHER);
    assertEquals("new", text(files, OTHER));
    assertEquals(Optional.empty(), files.stat(FILE));
  }

  @Test
  void moveGoesBetweenDirectories() throws IOException {
    Filesystem files = files();
    files.makeDirectories(DIRECTORY);
    write(files, FILE, "moved");
    files.moveAtomically(FILE, DIRECTORY.child("here"));
    assertEquals("moved", text(files, DIRECTORY.child("here")));
  }

  @Test
  void moveTakesADirectoryWithAllInIt() throws IOException {
    Filesystem files = files();
    files.makeDirectories(DIRECTORY);
    write(files, DIRECTORY.child("inside"), "x");
    files.moveAtomically(RelPath.of("a"), RelPath.of("z"));
    assertEquals("x", text(files, RelPath.of("z", "b", "inside")));
    assertEquals(Optional.empty(), files.stat(RelPath.of("a")));
  }

  @Test
  void deleteTakesFilesAndEmptyDirectoriesOnly() throws IOException {
    Filesystem files = files();
    files.makeDirectories(DIRECTORY);
    write(files, DIRECTORY.child("file"), "x");
    assertThrows(DirectoryNotEmptyException.class, () -> files.delete(DIRECTORY));
    files.delete(DIRECTORY.child("file"));
    files.delete(DIRECTORY);
    assertEquals(Optional.empty(), files.stat(DIRECTORY));
    assertEquals(Optional.of(Kind.DIRECTORY), files.stat(RelPath.of("a")).map(Stat::kind));
  }

  @Test
  void aFileBeingReadMayBeReplacedAndDeleted() throws IOException {
    Filesystem files = files();
    write(files, FILE, "old bytes");
    write(files, OTHER, "new bytes");
    try (InputStream in = files.read(FILE)) {
      files.moveAtomically(OTHER, FILE);
      files.delete(FILE);
      assertEquals("old bytes", new String(in.readAllBytes(), UTF_8));
    }
  }

  @Test
  void listIsSortedAndEmptyWhereNothingIs() throws IOException {
    Filesystem files = files();
    assertEquals(List.of(), files.list(DIRECTORY));
    files.makeDirectories(DIRECTORY);
    for (String name : List.of("z", "a", "B", "m-1", "m.1", "m1")) {
      write(files, DIRECTORY.child(name), name);
    }
    List<String> names = files.list(DIRECTORY).stream().map(RelPath::value).toList();
    assertEquals(List.of(RelPath.of("a")), files.list(RelPath.ROOT));
    assertEquals(List.of("a/b/B", "a/b/a", "a/b/m-1", "a/b/m.1", "a/b/m1", "a/b/z"), names);
  }

  @Test
  void makingDirectoriesTwiceIsFine() throws IOException {
    Filesystem files = files();
    files.makeDirectories(DIRECTORY);
    files.makeDirectories(DIRECTORY);
    assertEquals(Optional.of(Kind.DIRECTORY), files.stat(DIRECTORY).map(Stat::kind));
    write(files, FILE, "in the way");
    assertThrows(IOException.class, () -> files.makeDirectories(FILE));
    files.makeDirectories(RelPath.ROOT);
    assertEquals(Optional.of(Kind.DIRECTORY), files.stat(RelPath.ROOT).map(Stat::kind));
  }

  @Test
  void everythingThereCanBeSynced() throws IOException {
    Filesystem files = files();
    files.makeDirectories(DIRECTORY);
    RelPath inside = DIRECTORY.child("inside");
    write(files, inside, "x");
    files.sync(inside);
    files.sync(DIRECTORY);
    files.sync(RelPath.ROOT);
    files.makeReadOnly(inside);
    files.sync(inside);
    assertEquals("x", text(files, inside));
    files.delete(inside);
    files.sync(DIRECTORY);
  }

  @Test
  void aWindowReadsAnywhereAndItsViewsOutliveIt() throws IOException {
    Filesystem files = files();
    write(files, FILE, "0123456789");
    ByteBuffer view;
    try (Filesystem.Window window = files.open(FILE)) {
      assertEquals(10, window.size());
      ByteBuffer target = ByteBuffer.allocate(3);
      window.read(4, target);
      assertArrayEquals("456".getBytes(UTF_8), target.array());
      view = window.view(7, 3);
      assertThrows(EOFException.class, () -> window.read(8, ByteBuffer.allocate(3)));
      assertEquals(0, window.view(10, 0).remaining());
    }
    assertEquals("789", UTF_8.decode(view).toString());
    assertTrue(view.isReadOnly());
  }

  @Test
  void anEmptyFileHasAWindow() throws IOException {
    Filesystem files = files();
    write(files, FILE, "");
    try (Filesystem.Window window = files.open(FILE)) {
      assertEquals(0, window.size());
      assertEquals(0, window.view(0, 0).remaining());
    }
  }

  @Test
  @Timeout(60)
  void aLockLetsOneThreadInAtATime() throws Exception {
    Filesystem files = files();
    AtomicInteger inside = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<?>> all =
          IntStream.range(0, 40)
              .<Future<?>>mapToObj(
                  i ->
                      threads.submit(
                          () -> {
                            try (Filesystem.Lock lock = files.lock(FILE)) {
                              most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                              files.stat(OTHER);
                              inside.decrementAndGet();
                            }
                            return i;
                          }))
              .toList();
      for (Future<?> one : all) {
        one.get();
      }
    } finally {
      threads.shutdownNow();
    }
    assertEquals(1, most.get());
    assertTrue(files.stat(FILE).isPresent(), "the file of a lock stays");
  }

  @Test
  @Timeout(60)
  void aLockIsFreeAfterClosingEvenTwice() throws Exception {
    Filesystem files = files();
    Filesystem.Lock first = files.lock(FILE);
    CountDownLatch got = new CountDownLatch(1);
    Thread waiting =
        new Thread(
            () -> {
              try (Filesystem.Lock lock = files.lock(FILE)) {
                got.countDown();
              } catch (IOException e) {
                throw new AssertionError(e);
              }
            });
    waiting.start();
    assertFalse(got.await(20, TimeUnit.MILLISECONDS));
    first.close();
    assertTrue(got.await(30, TimeUnit.SECONDS));
    waiting.join();
    Filesystem.Lock third = files.lock(FILE);
    assertTrue(files.tryLock(FILE).isEmpty(), "a lock that is held was given twice");
    first.close(); // must not open the door that the third holds
    assertTrue(files.tryLock(FILE).isEmpty(), "closing a lock twice let another in");
    third.close();
    files.tryLock(FILE).orElseThrow().close();
    files.lock(FILE).close();
  }

  @Test
  void locksOfDifferentNamesAreIndependent() throws IOException {
    Filesystem files = files();
    try (Filesystem.Lock one = files.lock(FILE);
        Filesystem.Lock two = files.lock(OTHER)) {
      assertTrue(files.stat(OTHER).isPresent());
    }
  }

  @Test
  void aSignalIsOneNumberForAllWhoOpenIt() throws IOException {
    Filesystem files = files();
    try (Filesystem.Signal one = files.signal(FILE);
        Filesystem.Signal other = files.signal(FILE)) {
      assertEquals(0, other.get());
      one.set(258);
      assertEquals(258, other.get());
      other.set(7);
      assertEquals(7, one.get());
    }
    try (Filesystem.Signal later = files.signal(FILE)) {
      assertEquals(7, later.get());
    }
  }

  @Test
  void aSignalThatIsCutShortIsANumberAgain() throws IOException {
    Filesystem files = files();
    write(files, FILE, "abc");
    try (Filesystem.Signal signal = files.signal(FILE)) {
      signal.set(5);
      assertEquals(5, signal.get());
    }
  }

  private static void write(Filesystem files, RelPath path, String text) throws IOException {
    try (OutputStream out = files.create(path)) {
      out.write(text.getBytes(UTF_8));
    }
  }

  private static String text(Filesystem files, RelPath path) throws IOException {
    try (InputStream in = files.read(path)) {
      return new String(in.readAllBytes(), UTF_8);
    }
  }
}
