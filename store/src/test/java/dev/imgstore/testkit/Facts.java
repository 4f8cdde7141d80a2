package dev.imgstore.testkit;

import dev.imgstore.model.Digest;
import dev.imgstore.store.Profiles.Because;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/** Values that tests need many of and do not care about. */
public final class Facts {
  private Facts() {}

  /** The digest of a text. */
  public static Digest digest(String text) {
    return Digest.of(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Someone, at a fixed time. */
  public static Because because(String why) {
    return new Because(Instant.parse("2024-03-01T12:00:00.5Z"), "ann@example", why);
  }
}
