package dev.imgstore.builder.export;

import dev.imgstore.store.StoreException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;

/** Half-written things beside what they will become, readable by whom the umask lets. */
final class Temporary {
  static final String PREFIX = ".imgstore-";
  private static final String SUFFIX = ".tmp";
  private static final int BUFFER = 128 * 1024;

  private Temporary() {}

  static Path fileIn(Path directory) throws IOException {
    return Files.createTempFile(directory, PREFIX, SUFFIX, permissions("rw-rw-rw-"));
  }

  static Path directoryIn(Path directory) throws IOException {
    return Files.createTempDirectory(directory, PREFIX, permissions("rwxrwxrwx"));
  }

  private static FileAttribute<?> permissions(String rwx) {
    return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(rwx));
  }

  /** The directory in which {@code target} is or will be. */
  static Path parent(Path target) throws IOException {
    Path parent = target.toAbsolutePath().getParent();
    if (parent == null || !Files.isDirectory(parent)) {
      throw new IOException(
          "cannot export to " + target + ": there is no directory " + parent + "; make it first");
    }
    return parent;
  }

  static OutputStream open(Path file) throws IOException {
    return new BufferedOutputStream(Files.newOutputStream(file), BUFFER);
  }

  /** Copies all of {@code in}; returns the number of bytes. */
  static long copy(InputStream in, OutputStream out) throws IOException {
    byte[] buffer = new byte[BUFFER];
    long bytes = 0;
    for (int got = in.read(buffer); got >= 0; got = in.read(buffer)) {
      out.write(buffer, 0, got);
      bytes += got;
    }
    return bytes;
  }

  /** Removes a directory and what is in it; links are removed, not followed. */
  static void deleteAll(Path directory) throws IOException {
    Files.walkFileTree(
        directory,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path left, @Nullable IOException failure)
              throws IOException {
            Files.delete(left);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /** A failure to write, with the place; what the store says of itself stays as it is. */
  static IOException failed(Path target, IOException failure) {
    if (failure instanceof StoreException) {
      return failure;
    }
    return new IOException(
        "cannot export to "
            + target
            + ": "
            + failure.getMessage()
            + "; what was there before is as it was",
        failure);
  }
}
