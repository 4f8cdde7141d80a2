package dev.imgstore.cli;

import dev.imgstore.builder.spec.DeploySpec;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;

/**
 * A deploy spec on the disk. Symbolic links are followed; what is not a file of bounded size is
 * refused before it is opened, so that no pipe is waited for.
 *
 * @param typed as a person named it
 * @param file where it is, without links
 * @param bytes all of it, as read; no one may change them
 */
@SuppressWarnings("ArrayRecordComponent") // of this package only, never compared
record SpecFile(String typed, Path file, byte[] bytes) {
  private static final int MOST_HALVES = 100;
  private static final FileAttribute<?> MINE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  /**
   * Reads it.
   *
   * @throws CommandFailure (5) if there is none, (2) if it cannot be a deploy spec
   */
  static SpecFile read(Context context, String typed) throws IOException {
    Path path = context.path(typed);
    String shown = Imgstore.line(typed);
    try {
      return read(typed, path.toRealPath());
    } catch (NoSuchFileException | NotDirectoryException e) {
      throw new CommandFailure(ExitCode.UNKNOWN, "there is no file " + shown, e);
    } catch (AccessDeniedException e) {
      throw new CommandFailure(ExitCode.FAILED, "no permission for " + shown, e);
    } catch (FileSystemException e) {
      throw new CommandFailure(
          ExitCode.USAGE, shown + " cannot be read: " + String.valueOf(e.getReason()), e);
    }
  }

  /** As it was typed, on one line. */
  String shown() {
    return Imgstore.line(typed);
  }

  /** The same, by its real path. */
  static SpecFile read(String typed, Path real) throws IOException {
    String shown = Imgstore.line(typed);
    BasicFileAttributes found =
        Files.readAttributes(real, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    if (!found.isRegularFile()) {
      throw new CommandFailure(
          ExitCode.USAGE,
          shown + (found.isDirectory() ? " is a directory; name its files" : " is not a file"));
    }
    byte[] bytes;
    try (InputStream in = Files.newInputStream(real, LinkOption.NOFOLLOW_LINKS)) {
      bytes = in.readNBytes(DeploySpec.LARGEST + 1);
    }
    if (bytes.length > DeploySpec.LARGEST) {
      throw new CommandFailure(
          ExitCode.USAGE, shown + " is larger than a deploy spec can be (16 MiB)");
    }
    return new SpecFile(typed, real, bytes);
  }

  /**
   * Replaces all of it at once; mode and owner stay, a reader sees the old bytes or the new.
   * Durable on return.
   *
   * @throws CommandFailure (4) if somebody else has changed it since it was read
   */
  void replace(byte[] with) throws IOException {
    try {
      write(with);
    } catch (AccessDeniedException e) {
      throw new CommandFailure(ExitCode.FAILED, "no permission to write " + shown(), e);
    } catch (FileSystemException e) {
      String why = Imgstore.line(String.valueOf(e.getMessage()));
      throw new CommandFailure(ExitCode.FAILED, shown() + " cannot be written: " + why, e);
    }
  }

  private void write(byte[] with) throws IOException {
    PosixFileAttributes old = Files.readAttributes(file, PosixFileAttributes.class);
    Path half = create();
    try (FileChannel channel = FileChannel.open(half, StandardOpenOption.WRITE);
        FileLock lock = channel.lock()) { // until it has its name: this writer lives
      ByteBuffer left = ByteBuffer.wrap(with);
      while (left.hasRemaining()) {
        channel.write(left);
      }
      likeBefore(half, old);
      channel.force(true);
      if (!Arrays.equals(bytes, read(typed, file).bytes())) {
        throw new CommandFailure(
            ExitCode.BUSY,
            shown() + " was changed by somebody else meanwhile, so it was left; run this again");
      }
      Files.move(half, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(half);
    }
    try (FileChannel names = FileChannel.open(directory(), StandardOpenOption.READ)) {
      names.force(true);
    }
  }

  private Path directory() {
    return file.resolveSibling("").toAbsolutePath();
  }

  private Path half(int number) {
    return directory().resolve("." + file.getFileName() + ".imgstore-" + number);
  }

  private Path create() throws IOException {
    Set<StandardOpenOption> fresh =
        EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    for (int number = 0; ; number++) {
      try {
        FileChannel.open(half(number), fresh, MINE).close();
        return half(number);
      } catch (FileAlreadyExistsException e) {
        if (number == MOST_HALVES - 1) { // all of somebody else
          throw e;
        }
      }
    }
  }

  /** How many names the file has: more than one with hard links. */
  int names() throws IOException {
    return (Integer) Files.getAttribute(file, "unix:nlink");
  }

  /**
   * Removes what writers of this file have left that were killed: of exactly these names, plain
   * files, with no lock of a writer that lives. What cannot be removed stays.
   */
  void removeHalves() {
    for (int number = 0; number < MOST_HALVES; number++) {
      Path half = half(number);
      if (Files.isRegularFile(half, LinkOption.NOFOLLOW_LINKS)) {
        try (FileChannel channel =
                FileChannel.open(half, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
            FileLock lock = channel.tryLock(0, Long.MAX_VALUE, true)) {
          if (lock != null) {
            Files.deleteIfExists(half);
          }
        } catch (IOException | OverlappingFileLockException e) {
          // not ours to remove; the next number is free
        }
      }
    }
  }

  private static void likeBefore(Path half, PosixFileAttributes old) throws IOException {
    PosixFileAttributeView view =
        Files.getFileAttributeView(half, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
    PosixFileAttributes now = view.readAttributes();
    if (!now.group().equals(old.group())) {
      view.setGroup(old.group());
    }
    if (!now.owner().equals(old.owner())) {
      view.setOwner(old.owner());
    }
    view.setPermissions(old.permissions());
  }
}
