package dev.imgstore.store.disk;

import dev.imgstore.model.RelPath;
import java.io.Closeable;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Where writers and the collector meet. The file {@code gate} holds a number: even while nothing is
 * being removed, odd while a collection decides and removes, two higher after each removal. The
 * collector changes it under {@code lock}; everybody else only reads it, which costs nothing.
 *
 * <p>A writer leases first and looks at the number then; the collector sets the number first and
 * reads the leases then. So either the collector sees the lease, or the writer sees that the number
 * is another than when it listed the segments, and looks again once the collector is through. Safe
 * for many threads.
 */
final class Gate implements Closeable {
  private static final RelPath FILE = RelPath.of("gate");
  static final RelPath LOCK = RelPath.of("lock");

  /** Of a gate nobody of this process has asked yet; no number is this one. */
  static final long UNKNOWN = -1;

  private final Filesystem files;
  private volatile Filesystem.@Nullable Signal signal;

  Gate(Filesystem files) {
    this.files = files;
  }

  /** The number now, or {@link #UNKNOWN} if this process has leased nothing yet. */
  long number() {
    Filesystem.Signal opened = signal;
    return opened == null ? UNKNOWN : opened.get();
  }

  /** From now on {@link #number} is known. */
  void open() throws IOException {
    if (signal == null) {
      openOnce();
    }
  }

  /** As {@link #open} if this user may; else asking stays dearer, and the answers are the same. */
  void openIfAllowed() {
    try {
      open();
    } catch (IOException e) {
      return; // somebody else's store: number() stays unknown
    }
  }

  private synchronized void openOnce() throws IOException {
    if (signal != null) {
      return;
    }
    boolean whole = files.stat(FILE).filter(found -> found.size() >= Long.BYTES).isPresent();
    if (whole && files.stat(RemovalLog.FILE).isEmpty()) { // one that comes later closes the gate
      signal = files.signal(FILE);
      return;
    }
    try (Filesystem.Lock alone = files.lock(LOCK)) { // nobody makes it who might set it back
      RemovalLog.finish(files); // after a power cut the number says nothing of it
      signal = files.signal(FILE);
    }
  }

  /** True if nothing was removed since {@link #number} was {@code then}, nor is being removed. */
  boolean isStill(long then) {
    return then == number() && !isClosed(then);
  }

  private static boolean isClosed(long number) {
    return (number & 1) != 0;
  }

  /** Waits until no collection is removing anything. */
  void pass() throws IOException {
    open();
    try (Filesystem.Lock alone = files.lock(LOCK)) {
      reopen();
    }
  }

  /**
   * Ends a removal that was interrupted, if there is one: by a process that died in it, or a power
   * cut. Before anything is decided by what is visible.
   */
  void settle() throws IOException {
    if (files.stat(RemovalLog.FILE).isPresent() || isClosed(Math.max(0, number()))) {
      pass();
    }
  }

  /** After a collection that died while the gate was closed; if that fails, it stays so. */
  private void reopen() throws IOException {
    RemovalLog.finish(files);
    Filesystem.Signal opened = signal;
    if (opened != null && isClosed(opened.get())) {
      opened.set(opened.get() + 1);
    }
  }

  /** Something done while nobody can lease. */
  interface Removal<T> {
    T run() throws IOException;
  }

  /**
   * Runs {@code removal} with the gate closed: it sees every lease that was answered with yes. If
   * it fails and leaves a log, the gate stays closed, and whoever comes next ends what that says.
   */
  <T> T closedFor(Removal<T> removal) throws IOException {
    open();
    try (Filesystem.Lock alone = files.lock(LOCK)) {
      reopen();
      Filesystem.Signal opened = signal;
      if (opened == null) {
        throw new IOException("the store is closed");
      }
      opened.set(opened.get() + 1);
      try {
        T result = removal.run();
        opened.set(opened.get() + 1);
        return result;
      } catch (IOException | RuntimeException | Error e) {
        if (leftNothing(e)) {
          opened.set(opened.get() + 1);
        }
        throw e;
      }
    }
  }

  /** True if there is no log; what goes wrong in asking does not hide why it is asked. */
  private boolean leftNothing(Throwable failure) {
    try {
      return files.stat(RemovalLog.FILE).isEmpty();
    } catch (IOException e) {
      failure.addSuppressed(e);
      return false;
    }
  }

  @Override
  public synchronized void close() throws IOException {
    Filesystem.Signal opened = signal;
    if (opened != null) {
      opened.close();
    }
  }
}
