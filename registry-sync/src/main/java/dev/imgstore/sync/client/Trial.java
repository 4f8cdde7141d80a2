package dev.imgstore.sync.client;

import dev.imgstore.sync.RegistryException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import org.jspecify.annotations.Nullable;

/** The attempts at one request: a few, with longer and longer pauses, within a time in all. */
final class Trial {
  private static final Duration FIRST = Duration.ofMillis(250);

  private final Patience patience;
  private final String what;
  private int tried;
  private Duration waited = Duration.ZERO;

  /** What is tried, for the message that ends it. */
  Trial(Patience patience, String what) {
    this.patience = patience;
    this.what = what;
  }

  /** How long an answer asks to be waited for; zero if it does not say. */
  static Duration asked(Answer answer) {
    String after = answer.header("Retry-After").strip();
    if (after.matches("\\d{1,9}")) {
      return Duration.ofSeconds(Long.parseLong(after));
    }
    try {
      Duration until = Duration.between(date(answer.header("Date")), date(after));
      return until.isNegative() ? Duration.ZERO : until;
    } catch (DateTimeParseException e) {
      return Duration.ZERO; // not said, or not in a form that means anything
    }
  }

  private static ZonedDateTime date(String text) {
    return ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME);
  }

  /**
   * Waits before the next attempt.
   *
   * @param why the last one failed
   * @param asked at least so long
   * @throws RegistryException if that was the last
   */
  void again(String why, Duration asked, @Nullable Throwable cause) throws IOException {
    Duration pause = FIRST.multipliedBy(1L << tried);
    if (asked.compareTo(pause) > 0) {
      pause = asked;
    }
    tried++;
    boolean tooLong = waited.plus(pause).compareTo(patience.waiting()) > 0;
    if (tried >= patience.tries() || tooLong) {
      String end =
          what
              + " failed: "
              + why
              + (tried > 1 ? ", " + tried + " times" : "")
              + (tooLong && asked.compareTo(FIRST) > 0
                  ? "; the registry asks to be waited for " + asked.toSeconds() + " s"
                  : "")
              + "; try again later";
      throw cause == null
          ? new RegistryException(RegistryException.Kind.UNAVAILABLE, end)
          : new RegistryException(RegistryException.Kind.UNAVAILABLE, end, cause);
    }
    waited = waited.plus(pause);
    try {
      patience.pause().of(pause);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
  }

  /** What came after this was worth the attempts before. */
  void progressed() {
    tried = 0;
  }
}
