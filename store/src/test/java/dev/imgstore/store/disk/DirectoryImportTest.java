package dev.imgstore.store.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.Bytes;
import dev.imgstore.model.Digest;
import dev.imgstore.model.LinkGroups;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.Tree;
import dev.imgstore.model.TreeId;
import dev.imgstore.model.TreePath;
import dev.imgstore.store.BlobStore;
import dev.imgstore.store.Transaction;
import dev.imgstore.store.Trees;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A directory goes in and comes out as it was, and nothing else does. */
final class DirectoryImportTest {
  /** So long after the tests have written their files that all of them are settled. */
  private final Instant later = Instant.now().plus(Duration.ofHours(1));

  @TempDir Path temporary;
  private final ExecutorService pool = Executors.newFixedThreadPool(2);
  private Path home;
  private Path source;
  private DiskStore store;

  @BeforeEach
  void open() throws IOException {
    home = temporary.resolve("store");
    source = Files.createDirectory(temporary.resolve("source"));
    store = DiskStore.open(home, notice -> {});
  }

  @AfterEach
  void close() throws IOException {
    store.close();
    pool.shutdownNow();
  }

  private ImportedTree take(Instant now) throws IOException {
    return take(now, new ImportRequest.Caller() {});
  }

  private ImportedTree take(Instant now, ImportRequest.Caller caller) throws IOException {
    try (Transaction into = store.begin()) {
      ImportedTree taken =
          store.importDirectory(
              new ImportRequest(source, ImportRequest.Keeps.EVERYTHING, home, now, pool, 2, caller),
              into);
      into.flush();
      taken.remember();
      return taken;
    }
  }

  private CheckedOut checkOut(TreeId tree, Path target) throws IOException {
    return store.checkOut(
        new CheckoutRequest(
            tree, target, CheckoutRequest.Owners.OURS, pool, 2, CheckoutRequest.Watcher.NONE));
  }

  private Tree root(TreeId id) throws IOException {
    return Trees.read(store.blobs(), id);
  }

  private Node node(TreeId id, String name) throws IOException {
    return Objects.requireNonNull(root(id).entries().get(Name.of(name)), name);
  }

  private void variety() throws IOException {
    Files.writeString(source.resolve("plain"), "text");
    Files.setAttribute(source.resolve("plain"), "unix:mode", 04751);
    Files.write(source.resolve("large"), Samples.text(3, 700_000));
    Files.createFile(source.resolve("empty"));
    Path below = Files.createDirectories(source.resolve("a/b"));
    Files.writeString(below.resolve("x"), "linked");
    Files.createLink(source.resolve("second name"), below.resolve("x"));
    Files.createLink(source.resolve("a/third"), below.resolve("x"));
    Files.createSymbolicLink(source.resolve("out"), Path.of("../../etc/passwd"));
    Files.createSymbolicLink(
        source.resolve("a/dangling"), HostPaths.target(Bytes.utf8("q//r/")).orElseThrow());
    Files.createFile(HostPaths.child(below, new Name(Bytes.of(new byte[] {(byte) 0xff, 'z'}))));
    Files.setAttribute(below, "unix:mode", 01500);
  }

  @Test
  void whatGoesWrongInTheStoreIsNoFaultOfTheFile() throws IOException {
    variety();
    BlobStore denied =
        new BlobStore() {
          @Override
          public boolean has(Digest blob) {
            return false;
          }

          @Override
          public long size(Digest blob) throws IOException {
            throw new AccessDeniedException("gate");
          }

          @Override
          public InputStream open(Digest blob) throws IOException {
            throw new AccessDeniedException("gate");
          }

          @Override
          public Digest put(InputStream bytes) throws IOException {
            throw new AccessDeniedException("gate");
          }
        };
    ImportRequest request =
        new ImportRequest(
            source,
            ImportRequest.Keeps.EVERYTHING,
            home,
            later,
            pool,
            2,
            new ImportRequest.Caller() {});
    IOException failed =
        assertThrows(
            IOException.class,
            () -> DirectoryImport.run(request, new DiskFilesystem(home), denied));
    assertEquals("gate", failed.getMessage());
    Files.setAttribute(source.resolve("a/b"), "unix:mode", 0700);
  }

  @Test
  void whatComesOutIsWhatWentIn() throws IOException {
    variety();
    TreeId tree = take(later).tree();
    Path out = temporary.resolve("out");
    CheckedOut done = checkOut(tree, out);
    assertEquals(5, done.files());
    source = out;
    assertEquals(tree, take(later).tree());
    assertEquals(
        Files.getAttribute(out.resolve("a/b/x"), "unix:ino"),
        Files.getAttribute(out.resolve("second name"), "unix:ino"));
    for (String name : List.of("plain", "large", "a", "a/b")) {
      assertEquals(
          Instant.parse("1980-01-01T00:00:00Z"),
          Files.getLastModifiedTime(out.resolve(name)).toInstant(),
          name);
    }
    Files.setAttribute(out.resolve("a/b"), "unix:mode", 0700);
    Files.setAttribute(temporary.resolve("source/a/b"), "unix:mode", 0700);
  }

  @Test
  void everyNodeIsSaidAsItIs() throws IOException {
    variety();
    TreeId tree = take(later).tree();
    Node.File plain = (Node.File) node(tree, "plain");
    assertEquals(04751, plain.meta().mode());
    assertEquals(0, plain.linkGroup());
    Node.File second = (Node.File) node(tree, "second name");
    assertEquals(LinkGroups.of(TreePath.of("a/b/x")), second.linkGroup());
    assertEquals(Bytes.utf8("../../etc/passwd"), ((Node.Symlink) node(tree, "out")).target());
    TreeId a = ((Node.Directory) node(tree, "a")).tree();
    assertEquals(Bytes.utf8("q//r/"), ((Node.Symlink) node(a, "dangling")).target());
    TreeId b = ((Node.Directory) node(a, "b")).tree();
    assertTrue(root(b).entries().containsKey(new Name(Bytes.of(new byte[] {(byte) 0xff, 'z'}))));
    assertEquals(01500, node(a, "b").meta().mode());
    Files.setAttribute(source.resolve("a/b"), "unix:mode", 0700);
  }

  @Test
  void aLinkIsWrittenByteForByteOrNotAtAll() throws IOException {
    int number = 0;
    for (String target : List.of("/", "a", "a/", "/a/", "a//b", "a//b/c/", "..", "ä//ö/", "./x")) {
      Path link = source.resolve("l" + number++);
      Files.createSymbolicLink(link, HostPaths.target(Bytes.utf8(target)).orElseThrow());
      assertEquals(Bytes.utf8(target), HostPaths.target(Files.readSymbolicLink(link)), target);
    }
    for (String target : List.of("//", "//a", "a///b", "a//")) {
      assertTrue(HostPaths.target(Bytes.utf8(target)).isEmpty(), target);
    }
  }

  @Test
  void aNameWhoseOtherNamesAreElsewhereIsAFileOfItsOwn() throws IOException {
    Path outside = Files.writeString(temporary.resolve("outside"), "x");
    Files.createLink(source.resolve("inside"), outside);
    assertEquals(0, ((Node.File) node(take(later).tree(), "inside")).linkGroup());
  }

  @Test
  void attributesOfUsersAreKept() throws IOException {
    Path file = Files.writeString(source.resolve("f"), "x");
    UserDefinedFileAttributeView view =
        Files.getFileAttributeView(file, UserDefinedFileAttributeView.class);
    try {
      view.write("colour", ByteBuffer.wrap(new byte[] {1, (byte) 200}));
    } catch (IOException e) {
      Assumptions.abort("this file system keeps no attributes");
    }
    TreeId tree = take(later).tree();
    assertEquals(
        Bytes.of(new byte[] {1, (byte) 200}),
        node(tree, "f").meta().xattrs().get(Name.of("user.colour")));
    assertEquals(tree, take(later).tree());
    Path out = temporary.resolve("out");
    checkOut(tree, out);
    assertEquals(
        List.of("colour"),
        Files.getFileAttributeView(out.resolve("f"), UserDefinedFileAttributeView.class).list());
  }

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

  @Test
  void aFileThatChangesWhileItIsReadIsToldAndNothingIsMade() throws IOException {
    Path file = source.resolve("growing");
    Files.write(file, Samples.text(1, 900_000));
    Files.writeString(source.resolve("a quiet one"), "x");
    AtomicInteger times = new AtomicInteger();
    ImportRequest.Caller grows =
        new ImportRequest.Caller() {
          @Override
          public void at(long done, long total) {
            if (times.getAndIncrement() > 0) {
              return;
            }
            try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
              out.write(7);
            } catch (IOException e) {
              throw new java.io.UncheckedIOException(e);
            }
          }
        };
    try (OnePool one = new OnePool()) {
      // one thread takes the quiet file first, and then the one that has changed since the listing
      DirectoryFault fault =
          assertThrows(
              DirectoryFault.class,
              () -> {
                try (Transaction into = store.begin()) {
                  store.importDirectory(
                      new ImportRequest(
                          source,
                          ImportRequest.Keeps.EVERYTHING,
                          home,
                          later,
                          one.pool(),
                          1,
                          grows),
                      into);
                }
              });
      assertEquals(1, fault.faults().size());
      assertTrue(fault.faults().get(0).contains("growing: changed while it was read"));
    }
  }

  /** Closed like a resource. */
  private static final class OnePool implements AutoCloseable {
    private final java.util.concurrent.ExecutorService pool = Executors.newSingleThreadExecutor();

    java.util.concurrent.ExecutorService pool() {
      return pool;
    }

    @Override
    public void close() {
      pool.shutdownNow();
    }
  }

  @Test
  void everythingInTheWayIsToldAtOnce() throws IOException {
    Assumptions.assumeFalse(
        Files.getAttribute(source, "unix:uid").equals(0), "root may read everything");
    for (String name : List.of("one", "two")) {
      Files.createFile(
          source.resolve(name),
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("---------")));
    }
    Files.createDirectory(source.resolve("three"));
    Files.setAttribute(source.resolve("three"), "unix:mode", 0);
    DirectoryFault fault = assertThrows(DirectoryFault.class, () -> take(later));
    assertEquals(3, fault.faults().size(), fault::getMessage);
    Files.setAttribute(source.resolve("three"), "unix:mode", 0700);
  }

  @Test
  void theStoreIsNotImportedIntoItself() {
    source = temporary;
    DirectoryFault fault = assertThrows(DirectoryFault.class, () -> take(later));
    assertTrue(fault.faults().get(0).contains("this is the store itself"), fault::getMessage);
  }

  @Test
  void socketsAreNamedAndLeftOut() throws IOException {
    Path socket = Path.of("/tmp").resolve("imgstore" + ProcessHandle.current().pid());
    source = Files.createDirectory(socket);
    try (ServerSocketChannel listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      listening.bind(UnixDomainSocketAddress.of(source.resolve("s")));
      Files.writeString(source.resolve("f"), "x");
      ImportedTree taken = take(later);
      assertEquals(List.of(source.resolve("s").toString()), taken.sockets());
      assertEquals(1, root(taken.tree()).entries().size());
    } finally {
      HostWriter.removeAll(socket);
    }
  }

  @Test
  void equalDirectoriesGiveEqualTreesWhateverTheNumberOfThreads() throws IOException {
    for (int i = 0; i < 300; i++) {
      Path directory = Files.createDirectories(source.resolve("d" + i % 17 + "/e" + i % 5));
      Files.write(directory.resolve("f" + i), Samples.text(i, 50 * i));
    }
    TreeId two = take(later).tree();
    try (OnePool one = new OnePool();
        Transaction into = store.begin()) {
      assertEquals(
          two,
          store
              .importDirectory(
                  new ImportRequest(
                      source,
                      ImportRequest.Keeps.EVERYTHING,
                      home,
                      later,
                      one.pool(),
                      3,
                      new ImportRequest.Caller() {}),
                  into)
              .tree());
    }
  }

  private TreeId content(Path path) throws IOException {
    try (Transaction into = store.begin()) {
      ImportedTree taken =
          store.importEntry(
              new ImportRequest(
                  path,
                  ImportRequest.Keeps.CONTENT,
                  home,
                  later,
                  pool,
                  2,
                  new ImportRequest.Caller() {}),
              Name.of("entry"),
              into);
      into.flush();
      return taken.tree();
    }
  }

  @Test
  void ofARecipesFilesOnlyContentAndTheRightToExecuteCount() throws IOException {
    variety();
    Files.setAttribute(source.resolve("a/b"), "unix:mode", 0700);
    TreeId first = content(source);
    Node.Directory entry = (Node.Directory) node(first, "entry");
    assertEquals(Meta.of(0755, 0, 0), entry.meta());
    assertEquals(Meta.of(0755, 0, 0), node(entry.tree(), "plain").meta());
    assertEquals(Meta.of(0644, 0, 0), node(entry.tree(), "large").meta());
    assertEquals(0, ((Node.File) node(entry.tree(), "second name")).linkGroup());
    Files.setAttribute(source.resolve("large"), "unix:mode", 0600);
    Files.setLastModifiedTime(source.resolve("large"), FileTime.fromMillis(5));
    assertEquals(first, content(source));
    Files.setAttribute(source.resolve("large"), "unix:mode", 0700);
    assertNotEquals(first, content(source));
    Node.File single = (Node.File) node(content(source.resolve("empty")), "entry");
    assertEquals(0, single.size());
    Node.Symlink link = (Node.Symlink) node(content(source.resolve("out")), "entry");
    assertEquals(Bytes.utf8("../../etc/passwd"), link.target());
  }

  @Test
  void aCheckoutLeavesNothingHalfDone() throws IOException {
    Files.writeString(source.resolve("f"), "x");
    TreeId tree = take(later).tree();
    Path taken = Files.createDirectory(temporary.resolve("taken"));
    Files.writeString(taken.resolve("mine"), "y");
    assertThrows(java.nio.file.FileAlreadyExistsException.class, () -> checkOut(tree, taken));
    assertEquals("y", Files.readString(taken.resolve("mine")));
    Path link = Files.createSymbolicLink(temporary.resolve("link"), source);
    assertThrows(java.nio.file.FileAlreadyExistsException.class, () -> checkOut(tree, link));
    Path empty = Files.createDirectory(temporary.resolve("empty"));
    checkOut(tree, empty);
    assertEquals("x", Files.readString(empty.resolve("f")));
    try (var names = Files.list(temporary)) {
      assertFalse(names.anyMatch(name -> name.getFileName().toString().startsWith(".imgstore")));
    }
  }

  @Test
  void aCheckoutOfADamagedStoreFailsAndLeavesNothing() throws IOException {
    Files.write(source.resolve("f"), Samples.text(1, 100_000));
    TreeId tree = take(later).tree();
    store.close();
    try (var segments = Files.list(home.resolve("segments"))) {
      for (Path each : segments.toList()) {
        if (each.getFileName().toString().startsWith("content")) {
          byte[] bytes = Files.readAllBytes(each);
          bytes[200] ^= 1;
          Files.delete(each);
          Files.write(each, bytes);
        }
      }
    }
    store = DiskStore.open(home, notice -> {});
    Path out = temporary.resolve("out");
    assertThrows(dev.imgstore.store.StoreException.Corrupt.class, () -> checkOut(tree, out));
    try (var names = Files.list(temporary)) {
      assertEquals(2, names.count());
    }
  }
}
