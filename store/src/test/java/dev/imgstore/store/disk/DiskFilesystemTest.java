package dev.imgstore.store.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.RelPath;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskFilesystemTest {
  private static final RelPath LOCK = RelPath.of("lock");
  @TempDir Path home;

  private DiskFilesystem files() {
    return new DiskFilesystem(home);
  }

  private static void write(Filesystem files, RelPath file, int... bytes) throws IOException {
    try (OutputStream out = files.create(file)) {
      for (int each : bytes) {
        out.write(each);
      }
    }
  }

  @Test
  void modesDoNotDependOnTheUmask() throws IOException {
    Filesystem files = new DiskFilesystem(home.resolve("store"));
    files.makeDirectories(RelPath.of("a", "b"));
    write(files, RelPath.of("a", "b", "c"), 1);
    assertEquals("rwxr-xr-x", mode("store"));
    assertEquals("rwxr-xr-x", mode("store/a/b"));
    assertEquals("rw-r--r--", mode("store/a/b/c"));
    files.makeReadOnly(RelPath.of("a", "b", "c"));
    assertEquals("r--r--r--", mode("store/a/b/c"));
  }

  private String mode(String path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(home.resolve(path)));
  }

  @Test
  void namesThatAreNotOursAreLeftOut() throws IOException {
    Filesystem files = files();
    write(files, RelPath.of("b"));
    write(files, RelPath.of("a"));
    Files.createFile(home.resolve(".hidden"));
    Files.createFile(home.resolve("two words"));
    assertEquals(List.of(RelPath.of("a"), RelPath.of("b")), files.list(RelPath.ROOT));
  }

  @Test
  void linksAreNotFollowed() throws IOException {
    Files.writeString(home.resolve("secret"), "x");
    Files.createSymbolicLink(home.resolve("link"), Path.of("secret"));
    Filesystem files = files();
    assertEquals(Filesystem.Kind.OTHER, files.stat(RelPath.of("link")).orElseThrow().kind());
    assertThrows(IOException.class, () -> files.read(RelPath.of("link")));
    assertThrows(IOException.class, () -> files.open(RelPath.of("link")));
    assertThrows(IOException.class, () -> files.append(RelPath.of("link")));
    assertThrows(IOException.class, () -> files.create(RelPath.of("link")));
  }

  @Test
  void anInterruptedReaderDoesNotDisturbTheOthers() throws Exception {
    Filesystem files = files();
    write(files, RelPath.of("f"), 1, 2, 3);
    try (Filesystem.Window window = files.open(RelPath.of("f"))) {
      Thread interrupted =
          new Thread(
              () -> {
                Thread.currentThread().interrupt();
                assertThrows(IOException.class, () -> window.read(0, ByteBuffer.allocate(1)));
              });
      interrupted.start();
      interrupted.join();
      ByteBuffer two = ByteBuffer.allocate(2);
      window.read(1, two);
      assertEquals(3, two.get(1));
      assertEquals(2, window.view(1, 2).get(0));
    }
  }

  @Test
  void oneThreadAtATimeHoldsALock() throws Exception {
    AtomicInteger inside = new AtomicInteger();
    ExecutorService pool = Executors.newFixedThreadPool(4);
    List<Future<?>> all =
        java.util.stream.IntStream.range(0, 100)
            .<Future<?>>mapToObj(
                i ->
                    pool.submit(
                        () -> {
                          try (Filesystem.Lock held = files().lock(LOCK)) {
                            assertEquals(1, inside.incrementAndGet());
                            inside.decrementAndGet();
                          }
                          return null;
                        }))
            .toList();
    for (Future<?> each : all) {
      each.get(20, TimeUnit.SECONDS);
    }
    pool.shutdown();
  }

  @Test
  void aHeldLockIsSeenThroughEveryPathAndByOtherProcesses() throws Exception {
    Path alias = Files.createTempDirectory("alias").resolve("store");
    Files.createSymbolicLink(alias, home);
    try (Filesystem.Lock held = files().lock(LOCK)) {
      assertTrue(files().tryLock(LOCK).isEmpty());
      assertTrue(new DiskFilesystem(alias).tryLock(LOCK).isEmpty());
      assertEquals(1, tryLockInAnotherProcess(), "the probes above must not have dropped it");
    }
    assertEquals(0, tryLockInAnotherProcess());
    try (Filesystem.Lock again = files().tryLock(LOCK).orElseThrow()) {
      assertTrue(files().tryLock(LOCK).isEmpty());
    }
    Files.delete(alias);
  }

  /** Uses the same kind of lock (fcntl) as Java does. */
  private int tryLockInAnotherProcess() throws Exception {
    Process java =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                TryLock.class.getName(),
                home.toString())
            .redirectErrorStream(true)
            .start();
    try (InputStream out = java.getInputStream()) {
      out.readAllBytes();
    }
    return java.waitFor();
  }

  /** The other process: exit code 0 if the lock was free. */
  static final class TryLock {
    private TryLock() {}

    public static void main(String[] args) throws IOException {
      System.exit(new DiskFilesystem(Path.of(args[0])).tryLock(LOCK).isPresent() ? 0 : 1);
    }
  }

  @Test
  void aWaitingThreadGetsTheLockWhenItIsReleased() throws Exception {
    CountDownLatch got = new CountDownLatch(1);
    Filesystem.Lock held = files().lock(LOCK);
    Thread waiter =
        new Thread(
            () -> {
              try (Filesystem.Lock mine = files().lock(LOCK)) {
                got.countDown();
              } catch (IOException e) {
                throw new AssertionError(e);
              }
            });
    waiter.start();
    assertEquals(1, got.getCount());
    held.close();
    held.close();
    assertTrue(got.await(20, TimeUnit.SECONDS));
    waiter.join();
    assertFalse(files().tryLock(LOCK).isEmpty());
  }
}
