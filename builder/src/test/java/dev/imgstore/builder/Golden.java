package dev.imgstore.builder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Texts kept beside the tests. Run with {@code -Dgolden=accept} to rewrite them; the test is then
 * skipped and the change reviewed like code.
 */
public final class Golden {
  private Golden() {}

  /** Fails unless the file holds exactly this text. */
  public static void check(Path file, String actual) throws IOException {
    if ("accept".equals(System.getProperty("golden"))) {
      if (!Files.exists(file) || !Files.readString(file).equals(actual)) {
        Files.createDirectories(file.getParent());
        Files.writeString(file, actual);
      }
      abort("rewrote " + file);
    }
    assertTrue(Files.exists(file), file + " is missing; run with -Dgolden=accept");
    assertEquals(Files.readString(file), actual, file + "; -Dgolden=accept rewrites it");
  }
}
