package dev.imgstore.cli;

import dev.imgstore.builder.realise.InputFetcher;
import dev.imgstore.builder.realise.Progress;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.StringJoiner;
import java.util.function.LongSupplier;

/**
 * Progress on one line of a terminal, drawn a few times a second and wiped at the end of each
 * image: which of how many, how far its work is, what was fetched and reused for all of them, and
 * when all will be done.
 */
final class ProgressLine implements Progress, AutoCloseable {
  private static final long NANOS_BETWEEN = 100_000_000L;
  private static final long NANOS_IN_A_MINUTE = 60_000_000_000L;
  private static final long NANOS_IN_A_SECOND = 1_000_000_000L;
  private static final String CACHE = "from a cache";
  private static final int MIB_SHIFT = 20;

  private final PrintStream terminal;
  private final LongSupplier nanos;
  private final Map<String, String> phases = new LinkedHashMap<>();
  private final long began;
  private long last;
  private int width;
  private long fetched;
  private long cached;
  private long cachedSince;
  private long reused;
  private int image = 1;
  private int images = 1;
  private String name = "";
  private long imageBegan;

  ProgressLine(PrintStream terminal) {
    this(terminal, System::nanoTime);
  }

  /**
   * With a clock.
   *
   * @param nanos since any time
   */
  ProgressLine(PrintStream terminal, LongSupplier nanos) {
    this.terminal = terminal;
    this.nanos = nanos;
    this.began = nanos.getAsLong();
    this.imageBegan = began;
    this.last = began - NANOS_BETWEEN;
  }

  /** Another image of several is begun. */
  synchronized void image(int number, int all, String called) {
    image = number;
    images = all;
    name = called;
    imageBegan = nanos.getAsLong();
    phases.clear();
  }

  @Override
  public synchronized void at(String phase, long done, long total) {
    if (done >= total) {
      phases.remove(phase);
    } else {
      phases.put(phase, total == 1 ? phase : phase + " " + done + "/" + total);
    }
    long now = nanos.getAsLong();
    if (now - last >= NANOS_BETWEEN) {
      last = now;
      draw(text(now));
    }
  }

  @Override
  public synchronized void reused(String action) {
    reused++;
  }

  /** Bytes that come from a shared cache, of so many as far as is known. */
  synchronized void cached(long done, long total) {
    long now = nanos.getAsLong();
    if (cachedSince == 0 || done < cached) {
      cachedSince = now;
    }
    cached = done;
    if (done >= total) {
      phases.remove(CACHE);
    } else {
      double seconds = Math.max(1, now - cachedSince) / (double) NANOS_IN_A_SECOND;
      String rate = Table.bytes((long) (done / seconds)) + "/s";
      phases.put(
          CACHE, CACHE + " " + Table.bytes(done) + " of " + Table.bytes(total) + ", " + rate);
    }
    if (now - last >= NANOS_BETWEEN) {
      last = now;
      draw(text(now));
    }
  }

  /** As another, with what it fetches counted here. */
  InputFetcher counted(InputFetcher fetcher) {
    return Fetching.counted(fetcher, this::fetched);
  }

  synchronized void fetched(long bytes) {
    fetched += bytes;
  }

  private String text(long now) {
    StringJoiner text = new StringJoiner(", ");
    phases.values().forEach(text::add);
    if (fetched > 0) {
      long tenths = (fetched * 10) >> MIB_SHIFT;
      text.add("fetched " + tenths / 10 + "." + tenths % 10 + " MiB");
    }
    if (reused > 0) {
      text.add(reused + " reused");
    }
    if (images == 1) {
      return text.toString();
    }
    if (image > 1) {
      text.add(left(now));
    }
    return "[" + image + "/" + images + "] " + name + ": " + text;
  }

  /** What the images that are done took is what the others will take. */
  private String left(long now) {
    long each = (imageBegan - began) / (image - 1);
    long all = each * (images - image + 1) - (now - imageBegan);
    long minutes = all / NANOS_IN_A_MINUTE;
    return all <= 0 ? "done soon" : minutes == 0 ? "less than 1 min left" : minutes + " min left";
  }

  private void draw(String text) {
    String shown = Imgstore.plain(text);
    terminal.print("\r" + shown + " ".repeat(Math.max(0, width - shown.length())) + "\r" + shown);
    terminal.flush();
    width = shown.length();
  }

  /** Wipes the line. */
  @Override
  public synchronized void close() {
    if (width > 0) {
      draw("");
    }
  }
}
