package dev.imgstore.cli;

import dev.imgstore.builder.realise.Progress;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.Map;

/** Progress on one line of a terminal, drawn a few times a second and wiped at the end. */
final class ProgressLine implements Progress, AutoCloseable {
  private static final long NANOS_BETWEEN = 100_000_000L;
  private final PrintStream terminal;
  private final Map<String, String> phases = new LinkedHashMap<>();
  private long last = System.nanoTime() - NANOS_BETWEEN;
  private int width;

  ProgressLine(PrintStream terminal) {
    this.terminal = terminal;
  }

  @Override
  public synchronized void at(String phase, long done, long total) {
    if (done >= total) {
      phases.remove(phase);
    } else {
      phases.put(phase, total == 1 ? phase : phase + " " + done + "/" + total);
    }
    long now = System.nanoTime();
    if (now - last >= NANOS_BETWEEN) {
      last = now;
      draw(String.join(", ", phases.values()));
    }
  }

  private void draw(String text) {
    terminal.print("\r" + text + " ".repeat(Math.max(0, width - text.length())) + "\r" + text);
    terminal.flush();
    width = text.length();
  }

  /** Wipes the line. */
  @Override
  public synchronized void close() {
    if (width > 0) {
      draw("");
    }
  }
}
