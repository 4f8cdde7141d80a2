package dev.imgstore.builder.export;

import dev.imgstore.store.StoreException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Half-written things beside what they will become, readable by whom the umask lets. */
final class Temporary {
  static final String PREFIX = ".imgstore-";
  private static final String SUFFIX = ".tmp";
  private static final int BUFFER = 128 * 1024;
  private static final String FULL = "No space left on device";
  private static final Set<Path> BEGUN = ConcurrentHashMap.newKeySet();
  private static boolean ended;

  private Temporary() {}

  /** A new file; {@link #remove} ends it, and so does {@link Unfinished#removeAll}. */
  static Path fileIn(Path directory) throws IOException {
    return begun(() -> Files.createTempFile(directory, PREFIX, SUFFIX, permissions("rw-rw-rw-")));
  }

  /** As {@link #fileIn}, a directory. */
  static Path directoryIn(Path directory) throws IOException {
    return begun(() -> Files.createTempDirectory(directory, PREFIX, permissions("rwxrwxrwx")));
  }

  private interface Maker {
    Path make() throws IOException;
  }

  /** Whatever moment the end comes at, either it removes the file, or there is none. */
  private static Path begun(Maker maker) throws IOException {
    synchronized (BEGUN) {
      if (ended) {
        throw new InterruptedIOException("the process is ending");
      }
      Path made = maker.make();
      BEGUN.add(made);
      return made;
    }
  }

  /** See {@link Unfinished#removeAll}. */
  static void removeAllAtEnd() {
    synchronized (BEGUN) {
      ended = true;
      BEGUN.forEach(Temporary::removeAtEnd);
    }
  }

  /** Removes what was begun, if it has not been moved to its name. */
  static void remove(Path path) throws IOException {
    if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
      deleteAll(path);
    } else {
      Files.deleteIfExists(path);
    }
    BEGUN.remove(path);
  }

  private static void removeAtEnd(Path path) {
    try {
      remove(path);
    } catch (IOException e) {
      // the process is ending, and someone else is still writing there: it stays, named as ours
    }
  }

  /**
   * The file that a write to {@code target} replaces: through a link to one, and never through a
   * link to nothing, as cp does it.
   */
  static Path real(Path target) throws IOException {
    if (Files.exists(target)) {
      return target.toRealPath();
    }
    if (Files.isSymbolicLink(target)) {
      throw new ExportException(
          "cannot export to "
              + target
              + ": it is a link to "
              + Files.readSymbolicLink(target)
              + ", which is not there; remove the link, or name another file");
    }
    return target;
  }

  /**
   * Moves a whole file to its name; who may read or write what it replaces may it from now on, and
   * it belongs to whom that belonged to, as far as this user may give files away.
   */
  static void moveTo(Path real, Path temporary) throws IOException {
    if (Files.exists(real)) {
      PosixFileAttributes old = Files.readAttributes(real, PosixFileAttributes.class);
      PosixFileAttributeView view =
          Files.getFileAttributeView(temporary, PosixFileAttributeView.class);
      if (!old.owner().equals(view.readAttributes().owner())) {
        give(() -> view.setOwner(old.owner()));
      }
      if (!old.group().equals(view.readAttributes().group())) {
        give(() -> view.setGroup(old.group()));
      }
      view.setPermissions(old.permissions());
    }
    Files.move(temporary, real, StandardCopyOption.ATOMIC_MOVE);
  }

  private interface Giving {
    void run() throws IOException;
  }

  private static void give(Giving giving) throws IOException {
    try {
      giving.run();
    } catch (FileSystemException e) {
      // only root gives files away; a user's new file is the user's, as any file they write
    }
  }

  private static FileAttribute<?> permissions(String rwx) {
    return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(rwx));
  }

  /** The directory in which {@code target} is or will be. */
  static Path parent(Path target) throws IOException {
    Path parent = target.toAbsolutePath().getParent();
    if (parent == null || !Files.isDirectory(parent)) {
      throw new ExportException(
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
    if (failure instanceof StoreException || failure instanceof ExportException) {
      return failure;
    }
    String why = why(failure);
    String advice = why.contains(FULL) ? "; make room there, or name a place on a larger disk" : "";
    return new ExportException(
        "cannot export to " + target + ": " + why + "; what was there before is as it was" + advice,
        failure);
  }

  /** Without the name of what is half-written, which nobody asked for. */
  private static String why(IOException failure) {
    if (failure instanceof AccessDeniedException) {
      return "no permission to write in its directory";
    }
    if (failure instanceof FileSystemException named && named.getReason() != null) {
      return named.getReason();
    }
    return String.valueOf(failure.getMessage());
  }
}
