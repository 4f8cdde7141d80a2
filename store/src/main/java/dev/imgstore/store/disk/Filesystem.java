package dev.imgstore.store.disk;

import dev.imgstore.model.RelPath;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/**
 * The files of one store, and nothing else: there is no absolute path and no {@code ..}. Lists are
 * sorted, absent is {@link Optional#empty()}, failure throws. Safe for many threads.
 *
 * <p>Durability is explicit. What was written or renamed survives a power cut only after {@link
 * #sync} of the file (its bytes) and of its directory (its name; {@link RelPath#ROOT} is the
 * directory of what lies at the top).
 */
public interface Filesystem {
  /** What a name stands for. */
  record Stat(Kind kind, long size) {}

  /** Kinds of names. */
  enum Kind {
    /** A regular file. */
    FILE,
    /** A directory. */
    DIRECTORY,
    /** Anything else, links among them; never followed. */
    OTHER
  }

  /** Random access to a file that no longer changes. The caller closes it. */
  interface Window extends Closeable {
    /** Bytes of the file. */
    long size();

    /** Fills {@code target} from {@code position} or throws {@link java.io.EOFException}. */
    void read(long position, ByteBuffer target) throws IOException;

    /**
     * A read-only view of a range, which stays usable after closing; backed by a memory map where
     * the disk can.
     */
    ByteBuffer view(long position, int length) throws IOException;

    @Override
    void close() throws IOException;
  }

  /**
   * A number that is the same for every process: once one has set it, no other reads an older one.
   * It says nothing after a power cut. Safe for many threads.
   */
  interface Signal extends Closeable {
    /** The number now. No read or write of this thread is moved to the other side of it. */
    long get();

    /** Changes it, for all. As {@link #get}, nothing moves across. */
    void set(long number) throws IOException;

    @Override
    void close() throws IOException;
  }

  /** A lock between processes and, as one table per process, between threads. */
  interface Lock extends Closeable {
    @Override
    void close() throws IOException;
  }

  /** Reads a whole file from its beginning. The caller closes it. */
  InputStream read(RelPath file) throws IOException;

  /** Opens a file for random reading. */
  Window open(RelPath file) throws IOException;

  /** Makes a new file; fails if the name exists. The caller closes it. Not buffered. */
  OutputStream create(RelPath file) throws IOException;

  /** Opens an existing file to write at its end. The caller closes it. Not buffered. */
  OutputStream append(RelPath file) throws IOException;

  /** Cuts a file to {@code size} bytes. */
  void truncate(RelPath file, long size) throws IOException;

  /** Makes the bytes of a file, or the names in a directory, survive a power cut. */
  void sync(RelPath fileOrDirectory) throws IOException;

  /**
   * Renames a file or a link, replacing the one that is there, or a directory to a name not taken;
   * both are in this store.
   */
  void moveAtomically(RelPath from, RelPath to) throws IOException;

  /** Removes a file or an empty directory. */
  void delete(RelPath file) throws IOException;

  /**
   * The names in a directory, sorted; empty if there is no such directory. Names that no {@link
   * RelPath} can say are not ours and left out.
   */
  List<RelPath> list(RelPath directory) throws IOException;

  /** What the name stands for; does not follow links. */
  Optional<Stat> stat(RelPath path) throws IOException;

  /**
   * A number that is another one whenever names were added to or removed from a directory since.
   * Empty if the disk cannot tell: also for a while after each change, in which the next one could
   * get the same number, because clocks of disks are coarse.
   */
  default Optional<Long> version(RelPath directory) throws IOException {
    return Optional.empty();
  }

  /** Makes a directory and those above it, each made durable; an existing one is fine. */
  void makeDirectories(RelPath directory) throws IOException;

  /** The same for directories whose loss costs time only: nothing need be made durable. */
  default void makeDirectoriesLoosely(RelPath directory) throws IOException {
    makeDirectories(directory);
  }

  /**
   * Makes a symbolic link to another name in its directory, which need not be there; fails if the
   * name of the link exists. {@link #moveAtomically} moves the link itself.
   */
  void link(RelPath link, String target) throws IOException;

  /** What a symbolic link says; empty if there is nothing of this name, or something else. */
  Optional<String> target(RelPath link) throws IOException;

  /** Makes a file read-only for everybody. */
  void makeReadOnly(RelPath file) throws IOException;

  /** Opens the number of this name, 0 if it is new. The caller closes it. */
  Signal signal(RelPath file) throws IOException;

  /**
   * Waits for the exclusive lock of this name and takes it. The file is made if absent and never
   * removed. Not reentrant. Any thread may close it; closing twice is fine.
   */
  Lock lock(RelPath file) throws IOException;

  /**
   * Takes the exclusive lock of this name if nobody holds it, neither in this process nor in
   * another; does not wait.
   */
  Optional<Lock> tryLock(RelPath file) throws IOException;
}
