package dev.imgstore.cli;

import dev.imgstore.builder.spec.DeploySpec;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
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
  private static final FileAttribute<?> MINE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  /**
   * Reads it.
   *
   * @throws CommandFailure (5) if there is none, (2) if it cannot be a deploy spec
   */
  static SpecFile read(Context context, String typed) throws IOException {
    Path path = context.path(typed);
    try {
      return read(typed, path.toRealPath());
    } catch (NoSuchFileException | NotDirectoryException e) {
      throw new CommandFailure(ExitCode.UNKNOWN, "there is no file " + typed, e);
    } catch (FileSystemException e) {
      if (e instanceof java.nio.file.AccessDeniedException) {
        throw e;
      }
      throw new CommandFailure(
          ExitCode.USAGE, typed + " cannot be read: " + String.valueOf(e.getReason()), e);
    }
  }

  /** The same, by its real path. */
  static SpecFile read(String typed, Path real) throws IOException {
    BasicFileAttributes found =
        Files.readAttributes(real, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    if (!found.isRegularFile()) {
      throw new CommandFailure(
          ExitCode.USAGE,
          typed + (found.isDirectory() ? " is a directory; name its files" : " is not a file"));
    }
    byte[] bytes;
    try (InputStream in = Files.newInputStream(real, LinkOption.NOFOLLOW_LINKS)) {
      bytes = in.readNBytes(DeploySpec.LARGEST + 1);
    }
    if (bytes.length > DeploySpec.LARGEST) {
      throw new CommandFailure(
          ExitCode.USAGE, typed + " is larger than a deploy spec can be (16 MiB)");
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
    PosixFileAttributes old = Files.readAttributes(file, PosixFileAttributes.class);
    Path directory = file.resolveSibling("").toAbsolutePath();
    Path half = create(directory);
    try {
      try (FileChannel channel = FileChannel.open(half, StandardOpenOption.WRITE)) {
        ByteBuffer left = ByteBuffer.wrap(with);
        while (left.hasRemaining()) {
          channel.write(left);
        }
        likeBefore(half, old);
        channel.force(true);
      }
      if (!Arrays.equals(bytes, read(typed, file).bytes())) {
        throw new CommandFailure(
            ExitCode.BUSY,
            typed + " was changed by somebody else meanwhile, so it was left; run this again");
      }
      Files.move(half, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(half);
    }
    try (FileChannel names = FileChannel.open(directory, StandardOpenOption.READ)) {
      names.force(true);
    }
  }

  private Path create(Path directory) throws IOException {
    Set<StandardOpenOption> fresh =
        EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    for (int number = 0; ; number++) {
      Path half = directory.resolve("." + file.getFileName() + ".imgstore-" + number);
      try {
        FileChannel.open(half, fresh, MINE).close();
        return half;
      } catch (FileAlreadyExistsException e) {
        if (number == 99) { // left by runs that were killed, or by somebody else
          throw e;
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
