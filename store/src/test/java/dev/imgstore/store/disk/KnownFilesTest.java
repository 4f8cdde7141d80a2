package dev.imgstore.store.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.TreeId;
import dev.imgstore.store.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a second import reads again, and what it knows of the first. */
final class KnownFilesTest extends ImportedDirectory {
  @Test
  void whatWasNotTouchedIsNotReadAgain() throws IOException {
    variety();
    ImportedTree first = take(later);
    assertEquals(first.bytes(), first.bytesRead());
    ImportedTree second = take(later);
    assertEquals(first.tree(), second.tree());
    assertEquals(0, second.bytesRead());
    Files.setAttribute(source.resolve("a/b"), "unix:mode", 0700);
  }

  @Test
  void aChangeWithTheSameSizeAndTimeIsSeen() throws IOException {
    Path file = Files.writeString(source.resolve("f"), "one");
    FileTime time = Files.getLastModifiedTime(file);
    TreeId before = take(later).tree();
    long touched = HostStat.of(file).ctime();
    do { // until the clock of the file system has ticked
      Files.writeString(file, "two");
      Files.setLastModifiedTime(file, time);
    } while (HostStat.of(file).ctime() == touched);
    ImportedTree after = take(later);
    assertEquals(3, after.bytesRead());
    assertNotEquals(before, after.tree());
  }

  @Test
  void anotherFileInItsPlaceIsSeen() throws IOException {
    Path file = Files.writeString(source.resolve("f"), "one");
    take(later);
    Path other = Files.writeString(source.resolve("g"), "two");
    Files.setLastModifiedTime(other, Files.getLastModifiedTime(file));
    Files.move(other, file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    assertEquals(3, take(later).bytesRead());
  }

  /** The next change could carry the very same time stamps, so the state says nothing. */
  @Test
  void whatWasTouchedJustBeforeTheScanIsReadAgain() throws IOException {
    Files.writeString(source.resolve("f"), "one");
    Instant touched = Files.getLastModifiedTime(source.resolve("f")).toInstant();
    take(touched.plusMillis(1_900));
    assertEquals(3, take(later).bytesRead());
    assertEquals(0, take(later).bytesRead());
  }

  /** A caller for whom the last tree is current: what is below need not be looked up. */
  private static final class Keeping implements ImportRequest.Caller {
    private final boolean leases;
    private int asked;

    Keeping(boolean leases) {
      this.leases = leases;
    }

    @Override
    public boolean isCurrent(TreeId tree) {
      return true;
    }

    @Override
    public boolean keeps(TreeId tree) {
      asked++;
      return leases;
    }
  }

  @Test
  void anUnchangedDirectoryIsKnownEachTime() throws IOException {
    variety();
    TreeId first = take(later).tree();
    for (int i = 0; i < 3; i++) {
      Keeping keeping = new Keeping(true);
      ImportedTree again = take(later, keeping);
      assertEquals(first, again.tree());
      assertEquals(0, again.bytesRead());
      assertEquals(0, keeping.asked);
    }
    Files.setAttribute(source.resolve("a/b"), "unix:mode", 0700);
  }

  /** Each change is made to a directory that is known, and compared with an import that is not. */
  @Test
  void everyChangeGivesTheTreeThatAFreshImportGives() throws IOException {
    variety();
    Files.createDirectories(source.resolve("deep/er/still"));
    Files.writeString(source.resolve("deep/er/still/f"), "x");
    Files.writeString(source.resolve("deep/g"), "g");
    Files.setAttribute(source.resolve("a/b"), "unix:mode", 0700);
    take(later);
    List<Change> changes =
        List.of(
            () -> Files.writeString(source.resolve("deep/er/still/f"), "y"),
            () -> Files.setAttribute(source.resolve("deep/g"), "unix:mode", 0600),
            () -> Files.move(source.resolve("deep/g"), source.resolve("deep/h")),
            () -> Files.createFile(source.resolve("deep/er/new")),
            () -> Files.delete(source.resolve("deep/er/new")),
            () -> Files.setAttribute(source.resolve("deep/er/still"), "unix:mode", 0711),
            () -> Files.move(source.resolve("deep/er"), source.resolve("deep/re")),
            () -> Files.move(source.resolve("a"), source.resolve("z")),
            () -> Files.delete(source.resolve("second name")),
            () -> Files.createLink(source.resolve("0"), source.resolve("z/third")),
            () -> {
              Files.delete(source.resolve("out"));
              Files.createSymbolicLink(source.resolve("out"), Path.of("../../etc/passwD"));
            },
            () -> Files.createDirectory(source.resolve("empty directory")));
    for (int i = 0; i < changes.size(); i++) {
      changes.get(i).make();
      Keeping keeping = new Keeping(true);
      TreeId quick = take(later, keeping).tree();
      assertEquals(1, keeping.asked, "change " + i);
      HostWriter.removeAll(home.resolve("stat"));
      assertEquals(take(later).tree(), quick, "change " + i);
    }
  }

  private interface Change {
    void make() throws IOException;
  }

  @Test
  void whatMayBeCollectedMeanwhileIsReadAgain() throws IOException {
    variety();
    take(later);
    Files.writeString(source.resolve("plain"), "other");
    ImportedTree again = take(later, new Keeping(false));
    assertEquals(again.bytes(), again.bytesRead());
    Files.setAttribute(source.resolve("a/b"), "unix:mode", 0700);
  }

  @Test
  void aDamagedCacheOnlyCostsTime() throws IOException {
    variety();
    ImportedTree first = take(later);
    Path cache;
    try (var files = Files.list(home.resolve("stat"))) {
      cache = files.filter(each -> !each.endsWith("lock")).findFirst().orElseThrow();
    }
    byte[] good = Files.readAllBytes(cache);
    for (int i = 0; i < good.length; i += 7) {
      byte[] bad = good.clone();
      bad[i] ^= 4;
      Files.write(cache, bad);
      ImportedTree again = take(later);
      assertEquals(first.tree(), again.tree());
      assertEquals(first.bytes(), again.bytesRead(), "byte " + i);
    }
    Files.write(cache, new byte[0]);
    assertEquals(first.bytes(), take(later).bytesRead());
    Files.setAttribute(source.resolve("a/b"), "unix:mode", 0700);
  }

  @Test
  void aCacheThatKnowsAFileTheStoreHasNotIsNotBelieved() throws IOException {
    Files.writeString(source.resolve("f"), "one");
    take(later);
    Path stat = temporary.resolve("stat");
    Files.move(home.resolve("stat"), stat);
    store.close();
    home = temporary.resolve("other");
    store = DiskStore.open(home, notice -> {});
    Files.move(stat, home.resolve("stat"));
    assertEquals(3, take(later).bytesRead());
    assertTrue(Trees.isComplete(store.blobs(), take(later).tree()));
  }
}
