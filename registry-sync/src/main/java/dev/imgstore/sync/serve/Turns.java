package dev.imgstore.sync.serve;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Lets as many write to quick clients at a time as there are processors. More would fill the
 * buffers of all clients far ahead of what these read, and every byte would come from main memory
 * once more; on one machine that took a third of the rate. A turn is a courtesy: who does not get
 * one soon writes without, and one that is held for long ends by itself. Safe for many threads.
 */
final class Turns {
  private static final long WAIT_MILLIS = 20;
  private static final long LONGEST_NANOS = 50_000_000;

  private final Semaphore free = new Semaphore(Runtime.getRuntime().availableProcessors());
  private final Set<Turn> held = ConcurrentHashMap.newKeySet();

  /** Closed by whoever has it; it may be over before. */
  final class Turn implements AutoCloseable {
    private final long since = System.nanoTime();
    private final AtomicBoolean isOver;

    private Turn(boolean isReal) {
      this.isOver = new AtomicBoolean(!isReal);
    }

    @Override
    public void close() {
      if (isOver.compareAndSet(false, true)) {
        held.remove(this);
        free.release();
      }
    }
  }

  /** Waits a little for a turn. */
  Turn take() throws InterruptedException {
    Turn turn = new Turn(free.tryAcquire(WAIT_MILLIS, TimeUnit.MILLISECONDS));
    if (!turn.isOver.get()) {
      held.add(turn);
    }
    return turn;
  }

  /** For those that need none. */
  Turn none() {
    return new Turn(false);
  }

  /** From outside: takes away what a client holds up. */
  void sweep() {
    long now = System.nanoTime();
    for (Turn each : held) {
      if (now - each.since > LONGEST_NANOS) {
        each.close();
      }
    }
  }
}
