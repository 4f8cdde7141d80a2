package dev.imgstore.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The words of the lock command; a recipe without packages needs no network. */
final class LockCommandTest {
  @TempDir Path directory;
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @BeforeEach
  void writeRecipe() throws IOException {
    Files.writeString(directory.resolve("recipe.yaml"), "name: plain\n");
  }

  @Test
  void updateWithoutPackagesIsUnderstood() {
    assertEquals(0, run("lock", "recipe.yaml", "--update"), err::toString);
  }

  @Test
  void updateOfPackagesTheLockDoesNotHaveIsRefusedByName() {
    assertEquals(0, run("lock", "recipe.yaml"), err::toString);
    assertEquals(2, run("lock", "recipe.yaml", "--update", "curl", "tar"));
    assertTrue(err.toString(UTF_8).contains("--update curl: "), err::toString);
  }

  private int run(String... words) {
    return Main.run(
        List.of(words),
        InputStream.nullInputStream(),
        new PrintStream(new ByteArrayOutputStream(), true, UTF_8),
        new PrintStream(err, true, UTF_8),
        Map.of("IMGSTORE_HOME", directory.resolve("store").toString()),
        Clock.systemUTC(),
        directory);
  }
}
