package dev.imgstore.store.disk;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * All file locks of this process. A POSIX lock belongs to the process, and closing <em>any</em>
 * channel on the file drops it; so each lock file has one channel here, whatever store or path it
 * was reached by, and threads queue for it in order of arrival. The channel is closed only when no
 * thread holds the lock or waits for it; while it is open its inode cannot get another meaning.
 */
final class LockTable {
  private static final Map<Object, Slot> SLOTS = new HashMap<>();

  private LockTable() {}

  /** One lock file that some thread holds or waits for. */
  private static final class Slot {
    final Object key;
    final FileChannel channel;
    final Semaphore turn = new Semaphore(1, true);
    int users;

    Slot(Object key, FileChannel channel) {
      this.key = key;
      this.channel = channel;
    }
  }

  private static final class Held implements Filesystem.Lock {
    private @Nullable Slot slot;
    private final FileLock lock;

    Held(Slot slot, FileLock lock) {
      this.slot = slot;
      this.lock = lock;
    }

    @Override
    public synchronized void close() throws IOException {
      Slot mine = slot;
      if (mine == null) {
        return;
      }
      slot = null;
      try {
        lock.release();
      } finally {
        mine.turn.release();
        leave(mine);
      }
    }
  }

  static Filesystem.Lock lock(Path file, Set<PosixFilePermission> mode) throws IOException {
    Slot slot = enter(file, mode);
    boolean held = false;
    slot.turn.acquireUninterruptibly();
    try {
      FileLock lock = slot.channel.lock();
      held = true;
      return new Held(slot, lock);
    } finally {
      if (!held) {
        slot.turn.release();
        leave(slot);
      }
    }
  }

  static Optional<Filesystem.Lock> tryLock(Path file, Set<PosixFilePermission> mode)
      throws IOException {
    Slot slot = enter(file, mode);
    boolean held = false;
    if (!slot.turn.tryAcquire()) {
      leave(slot);
      return Optional.empty();
    }
    try {
      FileLock lock = slot.channel.tryLock();
      held = lock != null;
      return held ? Optional.of(new Held(slot, lock)) : Optional.empty();
    } finally {
      if (!held) {
        slot.turn.release();
        leave(slot);
      }
    }
  }

  private static Slot enter(Path file, Set<PosixFilePermission> mode) throws IOException {
    synchronized (SLOTS) {
      FileChannel made = Files.exists(file, LinkOption.NOFOLLOW_LINKS) ? null : create(file, mode);
      try {
        Object key = key(file);
        Slot slot = SLOTS.get(key);
        if (slot == null) {
          slot = new Slot(key, made != null ? made : open(file));
          SLOTS.put(key, slot);
          made = null;
        }
        slot.users++;
        return slot;
      } finally {
        if (made != null) {
          made.close();
        }
      }
    }
  }

  private static @Nullable FileChannel create(Path file, Set<PosixFilePermission> mode)
      throws IOException {
    try {
      FileChannel made =
          FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
      Files.setPosixFilePermissions(file, mode);
      return made;
    } catch (FileAlreadyExistsException e) {
      return null; // another process made it meanwhile: as good
    }
  }

  private static FileChannel open(Path file) throws IOException {
    return FileChannel.open(file, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
  }

  /** Device and inode: the same for every path that leads to the file. */
  private static Object key(Path file) throws IOException {
    Object key =
        Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS).fileKey();
    return Objects.requireNonNullElse(key, file);
  }

  private static void leave(Slot slot) throws IOException {
    synchronized (SLOTS) {
      if (--slot.users == 0) {
        SLOTS.remove(slot.key);
        slot.channel.close();
      }
    }
  }
}
