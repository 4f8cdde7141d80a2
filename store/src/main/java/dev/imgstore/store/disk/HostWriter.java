package dev.imgstore.store.disk;

import dev.imgstore.model.Bytes;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.store.StoreException;
import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Makes names on the host with the mode, owner and attributes of a tree and the one time that all
 * have. Works in a directory that nobody else may enter. Safe for many threads.
 */
final class HostWriter {
  /** What the root gets, which no tree says. */
  static final Meta ROOT = Meta.of(0755, 0, 0);

  /** For directories while they are filled. */
  static final FileAttribute<Set<PosixFilePermission>> PRIVATE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

  /** 1980-01-01, as in layers. */
  private static final FileTime TIME = FileTime.fromMillis(315_532_800_000L);

  private static final int OWNER_MAY = 0600;
  private static final int PERMISSIONS = 0777;
  private static final String USER = "user.";
  private static final Set<StandardOpenOption> NEW =
      Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);

  private static final List<FileAttribute<Set<PosixFilePermission>>> MODES = modes();

  private final Path root;
  private final boolean owners;
  private final int umask;
  private final int uid;
  private final int gid;
  private final List<String> leftOut = Collections.synchronizedList(new ArrayList<>());
  private final AtomicLong otherOwners = new AtomicLong();
  private final AtomicLong attributes = new AtomicLong();

  /** Looks what mode and owner a new file gets in {@code directory}. */
  HostWriter(Path directory, CheckoutRequest.Owners owners) throws IOException {
    Path probe = directory.resolve("probe");
    FileChannel.open(probe, NEW, MODES.get(PERMISSIONS)).close();
    HostStat stat = HostStat.of(probe);
    Files.delete(probe);
    this.root = directory;
    this.owners = owners == CheckoutRequest.Owners.OF_THE_TREE;
    this.umask = ~stat.mode() & PERMISSIONS;
    this.uid = stat.uid();
    this.gid = stat.gid();
  }

  private static List<FileAttribute<Set<PosixFilePermission>>> modes() {
    PosixFilePermission[] bits =
        PosixFilePermission.values(); // from owner's read to others' execute
    List<FileAttribute<Set<PosixFilePermission>>> all = new ArrayList<>();
    for (int mode = 0; mode <= PERMISSIONS; mode++) {
      Set<PosixFilePermission> set = EnumSet.noneOf(PosixFilePermission.class);
      for (int bit = 0; bit < bits.length; bit++) {
        if ((mode & (0400 >> bit)) != 0) {
          set.add(bits[bit]);
        }
      }
      all.add(PosixFilePermissions.asFileAttribute(set));
    }
    return all;
  }

  /** Refuses a name where there is something else than an empty directory. */
  static void requireFree(Path target) throws IOException {
    if (!Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    if (!Files.isDirectory(target, LinkOption.NOFOLLOW_LINKS)) {
      throw new FileAlreadyExistsException(
          "cannot check out to " + target + ": it is no directory; choose another name");
    }
    try (DirectoryStream<Path> names = Files.newDirectoryStream(target)) {
      if (names.iterator().hasNext()) {
        throw new FileAlreadyExistsException(
            "cannot check out to " + target + ": it is not empty; choose another name");
      }
    }
  }

  static Path directoryBeside(Path target) throws IOException {
    Path parent = target.getParent();
    if (parent == null || !Files.isDirectory(parent)) {
      throw new NoSuchFileException("directory " + (parent == null ? target : parent));
    }
    return Files.createTempDirectory(parent, ".imgstore-checkout-", PRIVATE);
  }

  /** Moves what is whole to its name. */
  void publish(Path directory, Path target) throws IOException {
    Files.move(directory, target, StandardCopyOption.ATOMIC_MOVE);
  }

  /** A new file, open for writing; {@link #finish} follows when it is closed. */
  FileChannel create(Path path, Meta meta) throws IOException {
    return FileChannel.open(path, NEW, MODES.get((meta.mode() & PERMISSIONS) | OWNER_MAY));
  }

  /** Gives a written file its time, owner, mode and attributes. */
  void finish(Path path, Meta meta) throws IOException {
    setAttributes(path, meta);
    setTime(path);
    boolean changed = setOwner(path, meta);
    int created = ((meta.mode() & PERMISSIONS) | OWNER_MAY) & ~umask;
    if (changed || created != meta.mode()) {
      Files.setAttribute(path, "unix:mode", meta.mode(), LinkOption.NOFOLLOW_LINKS);
    }
  }

  /** Gives a filled directory its time, owner, mode and attributes. */
  void finishDirectory(Path path, Meta meta) throws IOException {
    setAttributes(path, meta);
    setTime(path);
    setOwner(path, meta);
    Files.setAttribute(path, "unix:mode", meta.mode(), LinkOption.NOFOLLOW_LINKS);
  }

  /** Makes a symbolic link, unless Java cannot say its target. */
  void link(Path path, Node.Symlink link) throws IOException {
    Optional<Path> target = HostPaths.target(link.target());
    if (target.isEmpty()) {
      leaveOut(path);
      return;
    }
    Files.createSymbolicLink(path, target.get());
    setTimes(path);
    setOwner(path, link.meta());
    attributes.addAndGet(link.meta().xattrs().size());
  }

  /** Notes what cannot be made. */
  void leaveOut(Path path) {
    leftOut.add(inTree(path));
  }

  private String inTree(Path path) {
    return "/" + root.relativize(path);
  }

  /** What is wrong with the store, said of the file that it keeps from being written. */
  StoreException of(Path path, StoreException fault) {
    if (fault instanceof StoreException.Corrupt corrupt) {
      return corrupt.of(inTree(path));
    }
    if (fault instanceof StoreException.MissingBlob) {
      return new StoreException.Corrupt(inTree(path), String.valueOf(fault.getMessage()));
    }
    return fault;
  }

  /** Of a file or directory, not a link: {@link java.io.File} asks the system once, by name. */
  private static void setTime(Path path) throws IOException {
    String text = path.toString();
    if (!HostPaths.isAscii(text) || !new File(text).setLastModified(TIME.toMillis())) {
      setTimes(path); // says why not, too
    }
  }

  private static void setTimes(Path path) throws IOException {
    Files.getFileAttributeView(path, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
        .setTimes(TIME, TIME, null);
  }

  /** True if the owner was changed, which takes set-uid bits away. */
  private boolean setOwner(Path path, Meta meta) throws IOException {
    if (meta.uid() == uid && meta.gid() == gid) {
      return false;
    }
    if (!owners) {
      otherOwners.incrementAndGet();
      return false;
    }
    Files.setAttribute(path, "unix:uid", meta.uid(), LinkOption.NOFOLLOW_LINKS);
    Files.setAttribute(path, "unix:gid", meta.gid(), LinkOption.NOFOLLOW_LINKS);
    return true;
  }

  private void setAttributes(Path path, Meta meta) throws IOException {
    for (Map.Entry<Name, Bytes> each : meta.xattrs().entrySet()) {
      String name = each.getKey().toString();
      UserDefinedFileAttributeView view =
          Files.getFileAttributeView(
              path, UserDefinedFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
      if (view != null && name.startsWith(USER)) {
        view.write(name.substring(USER.length()), ByteBuffer.wrap(each.getValue().toArray()));
      } else {
        attributes.incrementAndGet();
      }
    }
  }

  CheckedOut result(long files) {
    return new CheckedOut(files, leftOut, otherOwners.get(), attributes.get());
  }

  /** Removes a directory and all in it, if it is there; follows no link. */
  static void removeAll(Path directory) throws IOException {
    if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    Files.walkFileTree(
        directory,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path at, BasicFileAttributes found)
              throws IOException {
            Files.setAttribute(at, "unix:mode", 0700, LinkOption.NOFOLLOW_LINKS);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path at, BasicFileAttributes found) throws IOException {
            Files.delete(at);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path at, @Nullable IOException failure)
              throws IOException {
            Files.delete(at);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
