package dev.imgstore.testkit;

import dev.imgstore.model.RelPath;
import dev.imgstore.store.disk.Filesystem;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.NoSuchFileException;
import java.util.function.Predicate;

/** A disk that goes wrong on script: fails a call, runs full, or forgets calls while saying yes. */
public final class FaultyFilesystem extends ForwardingFilesystem {
  private final Fault fault;
  private long space;

  /** What goes wrong with a call. */
  @FunctionalInterface
  private interface Fault {
    /** False forgets it. */
    boolean passes(Call call, RelPath path) throws IOException;
  }

  private FaultyFilesystem(Filesystem next, long space, Fault fault) {
    super(next);
    this.space = space;
    this.fault = fault;
  }

  /** Fails the n-th call (from 1) of a kind, once. */
  public static FaultyFilesystem failing(Filesystem next, Call kind, int nth) {
    int[] seen = {0};
    return new FaultyFilesystem(
        next,
        Long.MAX_VALUE,
        (call, path) -> {
          if (call == kind && ++seen[0] == nth) {
            throw new IOException("planted: " + call + " of " + path + " failed");
          }
          return true;
        });
  }

  /** Fails all calls of a kind whose path fits. */
  public static FaultyFilesystem failing(Filesystem next, Call kind, Predicate<RelPath> paths) {
    return new FaultyFilesystem(
        next,
        Long.MAX_VALUE,
        (call, path) -> {
          if (call == kind && paths.test(path)) {
            throw new IOException("planted: " + call + " of " + path + " failed");
          }
          return true;
        });
  }

  /** Takes {@code bytes} bytes in all; the write that does not fit is done in part, and fails. */
  public static FaultyFilesystem withSpace(Filesystem next, long bytes) {
    return new FaultyFilesystem(next, bytes, (call, path) -> true);
  }

  /**
   * Says yes to all calls of a kind whose path fits, and does not do them; for calls that give
   * nothing, for instance {@link Call#SYNC}.
   */
  public static FaultyFilesystem forgetting(Filesystem next, Call kind, Predicate<RelPath> paths) {
    return new FaultyFilesystem(
        next, Long.MAX_VALUE, (call, path) -> call != kind || !paths.test(path));
  }

  /** Says of files whose path fits that there are none, when they are to be read. */
  public static FaultyFilesystem hiding(Filesystem next, Predicate<RelPath> paths) {
    return new FaultyFilesystem(
        next,
        Long.MAX_VALUE,
        (call, path) -> {
          if (call == Call.READ && paths.test(path)) {
            throw new NoSuchFileException(path.value());
          }
          return true;
        });
  }

  @Override
  synchronized boolean before(Call call, RelPath path) throws IOException {
    return fault.passes(call, path);
  }

  @Override
  synchronized void write(RelPath path, OutputStream to, byte[] bytes, int offset, int length)
      throws IOException {
    if (!before(Call.WRITE, path)) {
      return;
    }
    int fits = (int) Math.min(space, length);
    to.write(bytes, offset, fits);
    space -= fits;
    if (fits < length) {
      throw new IOException("planted: no space left for " + path);
    }
  }
}
