package dev.imgstore.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.RelPath;
import dev.imgstore.store.disk.Filesystem;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The crash harness itself: it forgets what was not synced, and keeps what was. */
final class CrashFilesystemTest {
  private static final RelPath FILE = new RelPath("file");
  private static final RelPath FRESH = new RelPath("file+new");

  @Test
  void aNameThatWasNotSyncedIsSometimesLost() throws IOException {
    MemoryFilesystem disk = new MemoryFilesystem();
    write(disk, FILE, "bytes");
    disk.sync(FILE);
    assertEquals(Set.of("absent", "bytes"), outcomes(disk));
    disk.sync(RelPath.ROOT);
    assertEquals(Set.of("bytes"), outcomes(disk));
  }

  @Test
  void bytesThatWereNotSyncedMayBeLostCutZeroedOrGarbled() throws IOException {
    MemoryFilesystem disk = new MemoryFilesystem();
    write(disk, FILE, "");
    disk.sync(RelPath.ROOT);
    try (OutputStream out = disk.append(FILE)) {
      out.write("ab".getBytes(UTF_8));
    }
    disk.sync(FILE);
    try (OutputStream out = disk.append(FILE)) {
      out.write("cd".getBytes(UTF_8));
    }
    Set<String> outcomes = outcomes(disk);
    assertTrue(outcomes.containsAll(List.of("ab", "abc", "abcd", "ab\0\0", "abc\0", "ab\0d")));
    assertTrue(outcomes.size() > 5, "no garbage among " + outcomes);
    assertTrue(outcomes.stream().allMatch(text -> text.startsWith("ab")));
  }

  @Test
  void aCutThatWasNotSyncedIsSometimesLost() throws IOException {
    MemoryFilesystem disk = new MemoryFilesystem();
    write(disk, FILE, "abcd");
    disk.sync(FILE);
    disk.sync(RelPath.ROOT);
    disk.truncate(FILE, 2);
    assertEquals(Set.of("ab", "abcd"), outcomes(disk));
    disk.sync(FILE);
    assertEquals(Set.of("ab"), outcomes(disk));
  }

  @Test
  void aRenameInOneDirectoryLosesNeitherFile() throws IOException {
    MemoryFilesystem disk = new MemoryFilesystem();
    write(disk, FILE, "old");
    disk.sync(FILE);
    disk.sync(RelPath.ROOT);
    write(disk, FRESH, "new");
    disk.sync(FRESH);
    disk.moveAtomically(FRESH, FILE);
    assertEquals(Set.of("old", "new"), outcomes(disk));
  }

  @Test
  void aKillLosesNothingAndMakesNothingDurable() throws IOException {
    MemoryFilesystem disk = new MemoryFilesystem();
    write(disk, FILE, "bytes");
    MemoryFilesystem killed = disk.afterKill();
    assertEquals("bytes", text(killed));
    assertTrue(outcomes(killed).contains("absent"));
  }

  @Test
  void aDirectoryMadeByAProcessThatDiedIsNotDurableYet() throws IOException {
    RelPath inside = RelPath.of("directory", "file");
    CrashFilesystem dying = new CrashFilesystem(new MemoryFilesystem(), 1);
    RelPath directory = inside.parent();
    assertThrows(CrashFilesystem.Crash.class, () -> dying.makeDirectories(directory));
    MemoryFilesystem left = dying.afterKill();
    assertTrue(left.stat(directory).isPresent());
    Set<Boolean> outcomes = new TreeSet<>();
    for (int seed = 0; seed < 50; seed++) {
      outcomes.add(left.afterPowerCut(new Random(seed)).stat(directory).isPresent());
    }
    assertEquals(Set.of(true, false), outcomes);
  }

  @Test
  void afterItsLastOperationEveryCallIsDead() throws IOException {
    CrashFilesystem dying = new CrashFilesystem(new MemoryFilesystem(), 2);
    OutputStream out = dying.create(FILE);
    assertThrows(CrashFilesystem.Crash.class, () -> out.write("abcd".getBytes(UTF_8)));
    assertThrows(CrashFilesystem.Crash.class, () -> out.write("abcd".getBytes(UTF_8)));
    assertThrows(CrashFilesystem.Crash.class, () -> dying.stat(FILE));
    assertThrows(CrashFilesystem.Crash.class, () -> dying.lock(FILE));
    assertEquals("ab", text(dying.afterKill()), "half of the last write was done");
    assertEquals(List.of("CREATE file", "WRITE file"), dying.operations());
  }

  @Test
  void aFullDiskWritesShort() throws IOException {
    MemoryFilesystem disk = new MemoryFilesystem();
    Filesystem full = FaultyFilesystem.withSpace(disk, 3);
    assertThrows(IOException.class, () -> write(full, FILE, "abcd"));
    assertEquals("abc", text(disk));
  }

  @Test
  void theNthCallFailsOnce() throws IOException {
    Filesystem faulty = FaultyFilesystem.failing(new MemoryFilesystem(), Call.SYNC, 2);
    write(faulty, FILE, "x");
    faulty.sync(FILE);
    assertThrows(IOException.class, () -> faulty.sync(FILE));
    faulty.sync(FILE);
  }

  /** A pointer replaced as it should be; the sweep must be content, and see each planted fault. */
  @Test
  void theSweepSeesEachMissingSyncOfAPointer() {
    CrashSweep.Report report = sweepPointer(Call.LOCK, "nothing is forgotten");
    assertEquals(10, report.operations());
    assertTrue(report.crashes() > 10 * 5, report.toString());
    assertThrows(AssertionError.class, () -> sweepPointer(Call.SYNC, FRESH.value()));
    assertThrows(AssertionError.class, () -> sweepPointer(Call.SYNC, "."));
  }

  private static CrashSweep.Report sweepPointer(Call forgotten, String path) {
    return new CrashSweep()
        .<String>run(
            (files, acknowledged) -> {
              Filesystem faulty =
                  FaultyFilesystem.forgetting(files, forgotten, p -> p.value().equals(path));
              for (String value : List.of("first", "other")) {
                if (faulty.stat(FRESH).isPresent()) {
                  faulty.delete(FRESH);
                }
                write(faulty, FRESH, value);
                faulty.sync(FRESH);
                faulty.moveAtomically(FRESH, FILE);
                faulty.sync(RelPath.ROOT);
                acknowledged.accept(value);
              }
            },
            (files, acknowledged) -> {
              boolean there = files.stat(FILE).isPresent();
              assertTrue(there || acknowledged.isEmpty(), "an acknowledged pointer is gone");
              if (there) {
                assertTrue(Set.of("first", "other").contains(text(files)), "torn");
              }
            });
  }

  private static Set<String> outcomes(MemoryFilesystem disk) throws IOException {
    Set<String> outcomes = new TreeSet<>();
    for (int seed = 0; seed < 300; seed++) {
      MemoryFilesystem left = disk.afterPowerCut(new Random(seed));
      outcomes.add(left.stat(FILE).isPresent() ? text(left) : "absent");
    }
    return outcomes;
  }

  private static void write(Filesystem files, RelPath path, String text) throws IOException {
    try (OutputStream out = files.create(path)) {
      out.write(text.getBytes(UTF_8));
    }
  }

  private static String text(Filesystem files) throws IOException {
    try (InputStream in = files.read(FILE)) {
      return new String(in.readAllBytes(), UTF_8);
    }
  }
}
