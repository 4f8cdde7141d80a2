package dev.imgstore.store.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.Bytes;
import dev.imgstore.model.Digest;
import dev.imgstore.model.LinkGroups;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.TreeId;
import dev.imgstore.model.TreePath;
import dev.imgstore.store.BlobStore;
import dev.imgstore.store.Transaction;
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
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** A directory goes in and comes out as it was, and nothing else does. */
final class DirectoryImportTest extends ImportedDirectory {
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
}
