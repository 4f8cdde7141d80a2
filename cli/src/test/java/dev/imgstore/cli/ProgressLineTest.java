package dev.imgstore.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What a person sees while images are built. */
final class ProgressLineTest {
  private static final long SECOND = 1_000_000_000L;

  private final ByteArrayOutputStream drawn = new ByteArrayOutputStream();
  private final AtomicLong now = new AtomicLong();
  private final ProgressLine line =
      new ProgressLine(new PrintStream(drawn, true, StandardCharsets.UTF_8), now::get);

  private String shown() {
    String all = drawn.toString(StandardCharsets.UTF_8);
    return all.substring(all.lastIndexOf('\r') + 1);
  }

  private void at(long seconds, String phase, long done, long total) {
    now.set(seconds * SECOND);
    line.at(phase, done, total);
  }

  @Test
  void oneImageShowsItsWork() {
    at(1, "fetching", 1, 4);
    line.reused("unpacking");
    at(2, "unpacking", 0, 1);
    assertEquals("fetching 1/4, unpacking, 1 reused", shown());
    at(3, "fetching", 4, 4);
    assertEquals("unpacking, 1 reused", shown());
    line.close();
    assertEquals("", shown());
  }

  @Test
  void ofSeveralItSaysWhichAndWhenAllIsDone() {
    line.image(1, 3, "web");
    at(1, "unpacking", 3, 9);
    assertEquals("[1/3] web: unpacking 3/9", shown());
    now.set(90 * SECOND);
    line.image(2, 3, "api");
    at(91, "unpacking", 1, 9);
    assertEquals("[2/3] api: unpacking 1/9, 2 min left", shown());
    at(150, "unpacking", 2, 9);
    assertEquals("[2/3] api: unpacking 2/9, 2 min left", shown());
    at(265, "unpacking", 3, 9);
    assertEquals("[2/3] api: unpacking 3/9, less than 1 min left", shown());
    at(600, "unpacking", 4, 9);
    assertEquals("[2/3] api: unpacking 4/9, done soon", shown());
  }

  @Test
  void whatIsFetchedIsCounted() {
    line.fetched(12L << 20);
    line.fetched(300 << 10);
    at(1, "fetching", 1, 9);
    assertEquals("fetching 1/9, fetched 12.2 MiB", shown());
  }

  @Test
  void itIsDrawnAFewTimesASecond() {
    at(1, "unpacking", 1, 9);
    line.at("unpacking", 2, 9);
    assertEquals("unpacking 1/9", shown());
  }
}
