package dev.imgstore.testkit;

import dev.imgstore.model.RelPath;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Counts the calls that change the disk and dies at one of them; every later call is dead too, with
 * {@link Crash}. The call it dies at is not done, except that a write is done by half and a
 * directory is made but not synced. Afterwards {@link #afterKill} and {@link #afterPowerCut} say
 * what is found on opening again.
 */
public final class CrashFilesystem extends ForwardingFilesystem {
  private final MemoryFilesystem disk;
  private final int last;
  private final List<String> done = new ArrayList<>();
  private boolean dead;

  /** Thrown instead of doing anything: the process is gone. An error, since no code may go on. */
  public static final class Crash extends Error {
    private static final long serialVersionUID = 1L;

    Crash(String where) {
      super(where);
    }
  }

  /** Never dies; counts. */
  public CrashFilesystem(MemoryFilesystem disk) {
    this(disk, 0);
  }

  /**
   * Dies at one operation.
   *
   * @param operation from 1; 0 for never
   */
  public CrashFilesystem(MemoryFilesystem disk, int operation) {
    super(disk);
    this.disk = disk;
    this.last = operation;
  }

  /** What changed the disk so far, the one it died at included; call and path. */
  public synchronized List<String> operations() {
    return List.copyOf(done);
  }

  /** True once it died. */
  public synchronized boolean isDead() {
    return dead;
  }

  /** What is found if only the process died: all that was done, synced or not. */
  public MemoryFilesystem afterKill() {
    return disk.afterKill();
  }

  /** What may be found if the power went: all that was synced, a random part of the rest. */
  public MemoryFilesystem afterPowerCut(RandomGenerator random) {
    return disk.afterPowerCut(random);
  }

  @Override
  synchronized boolean before(Call call, RelPath path) {
    if (dies(call, path)) {
      throw new Crash("died at operation " + last + ", " + done.get(done.size() - 1));
    }
    return true;
  }

  @Override
  synchronized void write(RelPath path, OutputStream to, byte[] bytes, int offset, int length)
      throws IOException {
    boolean before = dead;
    if (dies(Call.WRITE, path)) {
      if (!before) {
        to.write(bytes, offset, length / 2);
      }
      throw new Crash("died at operation " + last + ", writing half to " + path);
    }
    to.write(bytes, offset, length);
  }

  @Override
  public synchronized void makeDirectories(RelPath directory) throws IOException {
    boolean before = dead;
    if (dies(Call.MAKE_DIRECTORIES, directory)) {
      if (!before) {
        disk.makeLooseDirectories(directory);
      }
      throw new Crash("died at operation " + last + ", making " + directory);
    }
    disk.makeDirectories(directory);
  }

  private boolean dies(Call call, RelPath path) {
    if (!dead && call.changes()) {
      done.add(call + " " + path);
      dead = done.size() == last;
    }
    return dead;
  }
}
