package dev.imgstore.testkit;

import dev.imgstore.model.RelPath;
import dev.imgstore.store.disk.Filesystem;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.random.RandomGenerator;

/**
 * The files of a store in memory. It remembers what was synced, so that {@link #afterPowerCut} can
 * say what a disk might hold. Safe for many threads.
 */
public final class MemoryFilesystem implements Filesystem {
  private final MemoryInode.Directory root;
  private final Map<RelPath, Semaphore> locks = new HashMap<>();

  /** An empty one. */
  public MemoryFilesystem() {
    this(new MemoryInode.Directory());
  }

  private MemoryFilesystem(MemoryInode.Directory root) {
    this.root = root;
  }

  /** A copy with everything done so far, none of it more durable than before; no lock is held. */
  public synchronized MemoryFilesystem afterKill() {
    return new MemoryFilesystem(root.afterKill());
  }

  /**
   * A copy with all that was synced and a random part of what was not: appended bytes are kept,
   * lost, cut, zeroed, holed or garbled; changes of names are kept or lost one by one (a rename
   * within one directory is one change, between directories it is two).
   */
  public synchronized MemoryFilesystem afterPowerCut(RandomGenerator random) {
    // the first values of Random are alike for small seeds; this one mixes them
    return new MemoryFilesystem(root.afterPowerCut(new SplittableRandom(random.nextLong())));
  }

  @Override
  public synchronized InputStream read(RelPath path) throws IOException {
    MemoryInode.File file = file(path);
    return new ByteArrayInputStream(file.bytes, 0, file.size);
  }

  @Override
  public synchronized Window open(RelPath path) throws IOException {
    MemoryInode.File file = file(path);
    return new MemoryWindow(path, file.bytes, file.size);
  }

  @Override
  public synchronized OutputStream create(RelPath path) throws IOException {
    MemoryInode.Directory parent = parent(path);
    if (parent.names.containsKey(path.name())) {
      throw new FileAlreadyExistsException(path.value());
    }
    MemoryInode.File file = new MemoryInode.File();
    parent.link(path.name(), file);
    return new Appender(file);
  }

  @Override
  public synchronized OutputStream append(RelPath path) throws IOException {
    return new Appender(writable(path));
  }

  @Override
  public synchronized void truncate(RelPath path, long size) throws IOException {
    MemoryInode.File file = writable(path);
    if (size > file.size) {
      throw new IllegalArgumentException("truncate only makes files shorter");
    }
    file.truncate((int) size);
  }

  @Override
  public synchronized void sync(RelPath path) throws IOException {
    MemoryInode inode = find(path).orElseThrow(() -> new NoSuchFileException(path.value()));
    if (inode instanceof MemoryInode.File file) {
      file.sync();
    } else if (inode instanceof MemoryInode.Directory directory) {
      directory.sync();
    }
  }

  @Override
  public synchronized void moveAtomically(RelPath from, RelPath to) throws IOException {
    MemoryInode moved = find(from).orElseThrow(() -> new NoSuchFileException(from.value()));
    MemoryInode.Directory source = parent(from);
    MemoryInode.Directory target = parent(to);
    Optional<MemoryInode> replaced = find(to);
    boolean noDirectory =
        !(moved instanceof MemoryInode.Directory)
            && replaced.filter(MemoryInode.Directory.class::isInstance).isEmpty();
    if (replaced.isPresent() && !noDirectory) {
      throw new FileAlreadyExistsException(to.value());
    }
    if (source == target) {
      source.rename(from.name(), to.name(), moved);
    } else {
      target.link(to.name(), moved);
      source.unlink(from.name(), moved);
    }
  }

  @Override
  public synchronized void delete(RelPath path) throws IOException {
    MemoryInode inode = find(path).orElseThrow(() -> new NoSuchFileException(path.value()));
    if (inode instanceof MemoryInode.Directory directory && !directory.names.isEmpty()) {
      throw new DirectoryNotEmptyException(path.value());
    }
    parent(path).unlink(path.name(), inode);
  }

  @Override
  public synchronized List<RelPath> list(RelPath path) throws IOException {
    if (find(path).orElse(null) instanceof MemoryInode.Directory directory) {
      return directory.names.keySet().stream().map(path::child).toList();
    }
    return List.of();
  }

  @Override
  public synchronized Optional<Stat> stat(RelPath path) {
    return find(path)
        .map(
            inode ->
                inode instanceof MemoryInode.File file
                    ? new Stat(Kind.FILE, file.size)
                    : new Stat(inode instanceof MemoryInode.Link ? Kind.OTHER : Kind.DIRECTORY, 0));
  }

  @Override
  public synchronized void link(RelPath path, String target) throws IOException {
    MemoryInode.Directory parent = parent(path);
    if (parent.names.containsKey(path.name())) {
      throw new FileAlreadyExistsException(path.value());
    }
    parent.link(path.name(), new MemoryInode.Link(target));
  }

  @Override
  public synchronized Optional<String> target(RelPath path) {
    return find(path)
        .filter(MemoryInode.Link.class::isInstance)
        .map(inode -> ((MemoryInode.Link) inode).target());
  }

  @Override
  public synchronized void makeDirectories(RelPath path) throws IOException {
    for (MemoryInode.Directory changed : makeLooseDirectories(path)) {
      changed.sync();
    }
  }

  /**
   * Makes them without a sync, as by a process that died on the way.
   *
   * @return the directories that have a new name in them; like a disk, one that was there already
   *     is not made more durable
   */
  synchronized List<MemoryInode.Directory> makeLooseDirectories(RelPath path) throws IOException {
    List<MemoryInode.Directory> changed = new ArrayList<>();
    MemoryInode.Directory at = root;
    for (String name : path.components()) {
      MemoryInode child = at.names.get(name);
      if (child != null && !(child instanceof MemoryInode.Directory)) {
        throw new FileAlreadyExistsException(path.value());
      }
      MemoryInode.Directory next = (MemoryInode.Directory) child;
      if (next == null) {
        next = new MemoryInode.Directory();
        at.link(name, next);
        changed.add(at);
      }
      at = next;
    }
    return changed;
  }

  @Override
  public synchronized void makeReadOnly(RelPath path) throws IOException {
    file(path).readOnly = true;
  }

  /** Eight bytes of a file, of which nothing is ever synced. */
  @Override
  public synchronized Signal signal(RelPath path) throws IOException {
    if (find(path).isEmpty()) {
      create(path).close();
    }
    MemoryInode.File file = writable(path);
    int missing = Math.max(0, Long.BYTES - file.size); // a power cut leaves less, too
    file.append(new byte[missing], 0, missing);
    return new Signal() {
      @Override
      public long get() {
        synchronized (MemoryFilesystem.this) {
          return ByteBuffer.wrap(file.bytes).getLong(0);
        }
      }

      @Override
      public void set(long number) {
        synchronized (MemoryFilesystem.this) {
          ByteBuffer.wrap(file.bytes).putLong(0, number);
        }
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public Lock lock(RelPath path) throws IOException {
    Semaphore turn = turn(path);
    turn.acquireUninterruptibly();
    return held(turn);
  }

  @Override
  public Optional<Lock> tryLock(RelPath path) throws IOException {
    Semaphore turn = turn(path);
    return turn.tryAcquire() ? Optional.of(held(turn)) : Optional.empty();
  }

  private synchronized Semaphore turn(RelPath path) throws IOException {
    if (find(path).isEmpty()) {
      create(path).close();
    }
    file(path);
    return locks.computeIfAbsent(path, p -> new Semaphore(1));
  }

  private static Lock held(Semaphore turn) {
    AtomicBoolean held = new AtomicBoolean(true);
    return () -> {
      if (held.getAndSet(false)) {
        turn.release();
      }
    };
  }

  private Optional<MemoryInode> find(RelPath path) {
    MemoryInode at = root;
    for (String name : path.components()) {
      MemoryInode next =
          at instanceof MemoryInode.Directory directory ? directory.names.get(name) : null;
      if (next == null) {
        return Optional.empty();
      }
      at = next;
    }
    return Optional.of(at);
  }

  private MemoryInode.File file(RelPath path) throws IOException {
    if (find(path).orElse(null) instanceof MemoryInode.File file) {
      return file;
    }
    throw new NoSuchFileException(path.value());
  }

  private MemoryInode.File writable(RelPath path) throws IOException {
    MemoryInode.File file = file(path);
    if (file.readOnly) {
      throw new AccessDeniedException(path.value());
    }
    return file;
  }

  private MemoryInode.Directory parent(RelPath path) throws IOException {
    RelPath directory = path.parent();
    if (find(directory).orElse(null) instanceof MemoryInode.Directory found) {
      return found;
    }
    throw new NoSuchFileException(path.value());
  }

  private final class Appender extends OutputStream {
    private final MemoryInode.File file;

    Appender(MemoryInode.File file) {
      this.file = file;
    }

    @Override
    public void write(int b) {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
      synchronized (MemoryFilesystem.this) {
        file.append(bytes, offset, length);
      }
    }
  }

  private record MemoryWindow(RelPath path, ByteBuffer bytes) implements Window {
    MemoryWindow(RelPath path, byte[] bytes, int size) {
      this(path, ByteBuffer.wrap(bytes, 0, size).slice().asReadOnlyBuffer());
    }

    @Override
    public long size() {
      return bytes.capacity();
    }

    @Override
    public void read(long position, ByteBuffer target) throws IOException {
      target.put(view(position, target.remaining()));
    }

    @Override
    public ByteBuffer view(long position, int length) throws IOException {
      if (position < 0 || length < 0 || position + length > size()) {
        throw new EOFException(path + " ends before byte " + (position + length));
      }
      return bytes.slice((int) position, length);
    }

    @Override
    public void close() {}
  }
}
