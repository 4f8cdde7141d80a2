package dev.imgstore.testkit;

import dev.imgstore.model.RelPath;
import java.io.IOException;
import java.util.function.BooleanSupplier;

/**
 * Lets somebody else work on the same disk in the midst of things: before the n-th call, or the
 * next one at which that is possible.
 */
public final class MeddlingFilesystem extends ForwardingFilesystem {
  private final int when;
  private final BooleanSupplier meddler;
  private int calls;
  private boolean done;

  /**
   * Meddles once.
   *
   * @param when number of the call, from 1; 0 for never
   * @param meddler works, or says false if it has to wait for another moment
   */
  public MeddlingFilesystem(MemoryFilesystem next, int when, BooleanSupplier meddler) {
    super(next);
    this.when = when;
    this.meddler = meddler;
  }

  /** Calls so far. */
  public int calls() {
    return calls;
  }

  /** True once the other has worked. */
  public boolean isDone() {
    return done;
  }

  @Override
  boolean before(Call call, RelPath path) throws IOException {
    calls++;
    if (!done && when > 0 && calls >= when) {
      done = meddler.getAsBoolean();
    }
    return true;
  }
}
