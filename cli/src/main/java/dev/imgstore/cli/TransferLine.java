package dev.imgstore.cli;

import java.io.PrintStream;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Bytes and rate of a transfer, on one line of a terminal; wiped when it is closed. */
final class TransferLine implements AutoCloseable {
  private static final long NANOS_BETWEEN = 100_000_000L;

  private final String verb;
  private final PrintStream terminal;
  private final LongSupplier nanos;
  private final long began;
  private long last;
  private int width;

  /**
   * With a clock.
   *
   * @param verb for instance {@code sent}
   * @param nanos since any time
   */
  TransferLine(String verb, PrintStream terminal, LongSupplier nanos) {
    this.verb = verb;
    this.terminal = terminal;
    this.nanos = nanos;
    this.began = nanos.getAsLong();
    this.last = began - NANOS_BETWEEN;
  }

  /** So many bytes of so many, so far as is known. */
  synchronized void at(long done, long total) {
    long now = nanos.getAsLong();
    if (now - last >= NANOS_BETWEEN) {
      last = now;
      draw(text(done, total, now - began));
    }
  }

  private String text(long done, long total, long elapsed) {
    double seconds = Math.max(1, elapsed) / (double) TimeUnit.SECONDS.toNanos(1);
    return verb
        + " "
        + Table.bytes(done)
        + " of "
        + Table.bytes(Math.max(done, total))
        + ", "
        + Table.bytes((long) (done / seconds))
        + "/s";
  }

  private void draw(String shown) {
    terminal.print("\r" + shown + " ".repeat(Math.max(0, width - shown.length())) + "\r" + shown);
    terminal.flush();
    width = shown.length();
  }

  @Override
  public synchronized void close() {
    if (width > 0) {
      draw("");
    }
  }
}
