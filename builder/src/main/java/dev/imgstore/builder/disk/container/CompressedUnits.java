package dev.imgstore.builder.disk.container;

import dev.imgstore.builder.disk.Volume;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;

/**
 * Units of a volume, compressed several at a time and handed on in order. A unit that is due and
 * that no thread has begun is compressed by the calling thread, so that a busy, refusing or shut
 * executor slows but never blocks. After a failure what was not begun is dropped.
 */
final class CompressedUnits {
  private static final int IN_WORK = 16;

  private final int size;
  private final Supplier<Compressor> compressors;
  private final Executor pool;
  private final Taker taker;
  private final Deque<Slot> started = new ArrayDeque<>();
  private int slots;

  private CompressedUnits(int size, Supplier<Compressor> compressors, Executor pool, Taker taker) {
    this.size = size;
    this.compressors = compressors;
    this.pool = pool;
    this.taker = taker;
  }

  /** Takes units in ascending order. */
  interface Taker {
    /** Takes one, as it is and compressed; both arrays are the caller's again afterwards. */
    void take(long index, byte[] unit, byte[] packed, int length) throws IOException;
  }

  static void each(
      Volume volume, int size, Supplier<Compressor> compressors, Executor pool, Taker taker)
      throws IOException {
    CompressedUnits units = new CompressedUnits(size, compressors, pool, taker);
    try {
      Units.each(volume, size, units::start);
      while (!units.started.isEmpty()) {
        units.handOnOldest();
      }
    } finally {
      units.started.forEach(slot -> slot.task.cancel(false));
    }
  }

  private byte[] start(long index, byte[] unit) throws IOException {
    Slot slot = slots < IN_WORK ? fresh() : handOnOldest();
    byte[] free = slot.unit;
    slot.begin(index, unit, pool);
    started.add(slot);
    return free;
  }

  private Slot fresh() {
    slots++;
    return new Slot(new byte[size], compressors.get());
  }

  private Slot handOnOldest() throws IOException {
    Slot oldest = started.element();
    int length = oldest.length();
    taker.take(oldest.index, oldest.unit, oldest.packed, length);
    return started.remove();
  }

  /** One unit with all that compressing it takes. */
  private static final class Slot {
    private final Compressor compressor;
    private final byte[] packed;
    private byte[] unit;
    private long index;
    private FutureTask<Integer> task = new FutureTask<>(() -> 0);

    Slot(byte[] unit, Compressor compressor) {
      this.unit = unit;
      this.compressor = compressor;
      this.packed = new byte[compressor.bound(unit.length)];
    }

    void begin(long number, byte[] bytes, Executor pool) {
      index = number;
      unit = bytes;
      task = new FutureTask<>(() -> compressor.compress(bytes, packed));
      try {
        pool.execute(task);
      } catch (RejectedExecutionException busy) {
        // It keeps its place in the queue, and is compressed when its turn has come.
      }
    }

    int length() throws IOException {
      try {
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
        task.run();
        return task.get();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted while compressing a disk");
      } catch (ExecutionException | CancellationException e) {
        throw new IOException("compressing a part of a disk failed; see the cause", e);
      }
    }
  }
}
