package dev.imgstore.store.disk;

import dev.imgstore.model.RelPath;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.NotLinkException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The real disk, below one directory. The umask does not matter: directories are made 0755 and
 * files 0644 (0444 once sealed), so that another user of the machine can read the store; whoever
 * wants it private takes those rights off the root, which is left as it is once it exists. The last
 * component of a path is never followed if it is a link.
 */
public final class DiskFilesystem implements Filesystem {
  private static final Set<PosixFilePermission> DIRECTORY_MODE =
      PosixFilePermissions.fromString("rwxr-xr-x");
  private static final Set<PosixFilePermission> FILE_MODE =
      PosixFilePermissions.fromString("rw-r--r--");
  private static final Set<PosixFilePermission> SEALED_MODE =
      PosixFilePermissions.fromString("r--r--r--");

  /** Of file systems that count whole seconds, or two. */
  private static final long COARSE_MILLIS = 4_500;

  /** Of those that count less: theirs are the ticks of the kernel, of ten milliseconds at most. */
  private static final long FINE_MILLIS = 500;

  private final Path root;
  private final @Nullable Clock clock;

  /** The store at {@code root}, which need not exist yet; without a clock there is no version. */
  public DiskFilesystem(Path root) {
    this.root = root.toAbsolutePath().normalize();
    this.clock = null;
  }

  /**
   * The store at {@code root}, which need not exist yet.
   *
   * @param clock at most two seconds ahead of the one by which the disk's file system writes times
   */
  public DiskFilesystem(Path root, Clock clock) {
    this.root = root.toAbsolutePath().normalize();
    this.clock = clock;
  }

  private Path path(RelPath file) {
    return file.isRoot() ? root : root.resolve(file.value());
  }

  @Override
  public InputStream read(RelPath file) throws IOException {
    return Channels.newInputStream(DiskWindow.channel(path(file)));
  }

  @Override
  public Window open(RelPath file) throws IOException {
    return new DiskWindow(path(file));
  }

  @Override
  public OutputStream create(RelPath file) throws IOException {
    Path path = path(file);
    FileChannel channel =
        FileChannel.open(
            path,
            Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW),
            PosixFilePermissions.asFileAttribute(FILE_MODE));
    try {
      Files.setPosixFilePermissions(path, FILE_MODE);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
    return new SpaceStream(Channels.newOutputStream(channel), path);
  }

  @Override
  public OutputStream append(RelPath file) throws IOException {
    Path path = path(file);
    FileChannel channel =
        FileChannel.open(
            path, StandardOpenOption.WRITE, StandardOpenOption.APPEND, LinkOption.NOFOLLOW_LINKS);
    return new SpaceStream(Channels.newOutputStream(channel), path);
  }

  @Override
  public void truncate(RelPath file, long size) throws IOException {
    try (FileChannel channel =
        FileChannel.open(path(file), StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
      channel.truncate(size);
    }
  }

  @Override
  public void sync(RelPath fileOrDirectory) throws IOException {
    sync(path(fileOrDirectory));
  }

  /** Opened for reading: a sealed file cannot be opened otherwise, a directory never. */
  private static void sync(Path path) throws IOException {
    try (FileChannel channel = DiskWindow.channel(path)) {
      channel.force(true);
    }
  }

  @Override
  public void moveAtomically(RelPath from, RelPath to) throws IOException {
    Files.move(path(from), path(to), StandardCopyOption.ATOMIC_MOVE);
  }

  @Override
  public void delete(RelPath file) throws IOException {
    Files.delete(path(file));
  }

  @Override
  public List<RelPath> list(RelPath directory) throws IOException {
    List<RelPath> names = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(path(directory))) {
      for (Path each : stream) {
        sayable(directory, String.valueOf(each.getFileName())).ifPresent(names::add);
      }
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    Collections.sort(names);
    return names;
  }

  private static Optional<RelPath> sayable(RelPath directory, String name) {
    try {
      return Optional.of(directory.child(name));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  @Override
  public Optional<Stat> stat(RelPath path) throws IOException {
    try {
      BasicFileAttributes found =
          Files.readAttributes(path(path), BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      Kind kind =
          found.isRegularFile() ? Kind.FILE : found.isDirectory() ? Kind.DIRECTORY : Kind.OTHER;
      return Optional.of(new Stat(kind, found.size()));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /**
   * {@inheritDoc} Here the time of the last change, once it is so long ago that a change from now
   * on gets a later one: file systems count in nanoseconds to two seconds, Linux in steps of a few
   * milliseconds.
   */
  @Override
  public Optional<Long> version(RelPath directory) throws IOException {
    Clock now = clock;
    if (now == null) {
      return Optional.empty();
    }
    try {
      FileTime changed = Files.getLastModifiedTime(path(directory), LinkOption.NOFOLLOW_LINKS);
      long ago = now.millis() - changed.toMillis();
      long step = changed.toMillis() % 1000 == 0 ? COARSE_MILLIS : FINE_MILLIS;
      return ago > step ? Optional.of(changed.to(TimeUnit.NANOSECONDS)) : Optional.empty();
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  @Override
  public void makeDirectories(RelPath directory) throws IOException {
    makeDirectories(path(directory), DiskFilesystem::sync);
    if (directory.isRoot()) {
      syncAboveRoot();
    }
  }

  @Override
  public void makeDirectoriesLoosely(RelPath directory) throws IOException {
    makeDirectories(path(directory), above -> {});
  }

  /** Whoever made the root may have died before its name was durable. */
  private void syncAboveRoot() throws IOException {
    Path above = root.getParent();
    if (above != null && Files.isReadable(above)) {
      sync(above);
    }
  }

  /** What is done with a directory that got a new name. */
  private interface Changed {
    void in(Path directory) throws IOException;
  }

  private static void makeDirectories(Path path, Changed changed) throws IOException {
    if (Files.isDirectory(path)) {
      return;
    }
    Path parent = path.getParent();
    if (parent == null) {
      throw new NotDirectoryException(path.toString());
    }
    makeDirectories(parent, changed);
    try {
      Files.createDirectory(path);
      Files.setPosixFilePermissions(path, DIRECTORY_MODE);
    } catch (FileAlreadyExistsException e) {
      if (!Files.isDirectory(path)) {
        throw e;
      }
    }
    changed.in(parent);
  }

  @Override
  public void link(RelPath link, String target) throws IOException {
    Files.createSymbolicLink(path(link), Path.of(target));
  }

  @Override
  public Optional<String> target(RelPath link) throws IOException {
    try {
      return Optional.of(Files.readSymbolicLink(path(link)).toString());
    } catch (NoSuchFileException | NotLinkException e) {
      return Optional.empty();
    } catch (FileSystemException e) {
      if (Files.isRegularFile(path(link.parent()))) {
        return Optional.empty(); // what a disk calls "not a directory"
      }
      throw e;
    }
  }

  @Override
  public void makeReadOnly(RelPath file) throws IOException {
    Files.setPosixFilePermissions(path(file), SEALED_MODE);
  }

  @Override
  public Signal signal(RelPath file) throws IOException {
    return DiskSignal.open(path(file), FILE_MODE);
  }

  @Override
  public Lock lock(RelPath file) throws IOException {
    return LockTable.lock(path(file), FILE_MODE);
  }

  @Override
  public Optional<Lock> tryLock(RelPath file) throws IOException {
    return LockTable.tryLock(path(file), FILE_MODE);
  }

  @Override
  public String toString() {
    return root.toString();
  }
}
