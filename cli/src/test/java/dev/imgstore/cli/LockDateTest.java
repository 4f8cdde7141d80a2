package dev.imgstore.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The date of a lock, which an image shows: it is the archive's, never the clock's. */
final class LockDateTest {
  @TempDir Path directory;
  private Desk desk;

  @BeforeEach
  void prepare() throws IOException {
    desk = new Desk(directory);
  }

  private String lock(String name) throws IOException {
    desk.run("lock", name).with(0);
    return Files.readString(desk.path(name + "/recipe.lock"));
  }

  @Test
  void aLockHasTheDateOfTheNewestRelease() throws IOException {
    new Mirror(desk).with("good", "1", "");
    desk.recipe("web", Mirror.recipe("good"));
    String first = lock("web");
    assertTrue(first.contains("\"date\": \"2026-01-01T00:00:00Z\""), first);
    Files.delete(desk.path("web/recipe.lock"));
    assertEquals(first, lock("web"));
  }

  @Test
  void aLockWithoutPackagesHasTheTimeOfTheLayers() throws IOException {
    desk.recipe("web", "");
    assertTrue(lock("web").contains("\"date\": \"1980-01-01T00:00:00Z\""));
  }
}
