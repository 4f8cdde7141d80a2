package dev.imgstore.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A byte of the store that is not what was written is found, and never served. */
final class DamageTest {
  @TempDir Path directory;
  private Desk desk;

  @BeforeEach
  void prepare() throws IOException {
    desk = new Desk(directory);
    desk.recipe("web", "files:\n  - {path: /a, from: a}\n");
    desk.write("web/a", "0123456789".repeat(5000));
    desk.run("build", "web").with(0);
    desk.write("web/a", "9876543210".repeat(5000));
    desk.run("build", "web").with(0);
  }

  /** Whoever damaged something put it back. */
  @AfterEach
  void storeIsSound() {
    desk.verify();
  }

  @Test
  void verifyFindsAFlippedBitAnywhereInASegmentAndNamesTheFile() throws IOException {
    for (Path segment : segments()) {
      long size = Files.size(segment);
      for (long at = 0; at < size; at += Math.max(1, size / 7)) {
        flip(segment, at);
        Desk.Said said = desk.run("verify").with(3);
        assertTrue(said.out().contains(segment.getFileName().toString()), said::toString);
        flip(segment, at);
      }
    }
  }

  @Test
  void verifyFindsAFlippedBitInTheJournal() throws IOException {
    Path journal = desk.store().resolve("journal");
    for (long at = 0; at < Files.size(journal) - 1; at += 41) {
      flip(journal, at);
      Desk.Said said = desk.run("verify").with(3);
      assertTrue((said.out() + said.err()).contains("journal"), said::toString);
      flip(journal, at);
    }
  }

  @Test
  void aDamagedImageIsNotExported() throws IOException {
    for (Path segment : segments()) {
      if (segment.getFileName().toString().startsWith("content-")) {
        flip(segment, Files.size(segment) / 3);
        Desk.Said said = desk.run("export", "oci", "web@1", "out");
        Desk.Said other = desk.run("export", "oci", "web@2", "out");
        assertTrue(said.code() == 3 || other.code() == 3, () -> said + "\n" + other);
        assertTrue((said.err() + other.err()).contains("imgstore verify"), said::toString);
        flip(segment, Files.size(segment) / 3);
      }
    }
  }

  @Test
  void aMissingSegmentIsFound() throws IOException {
    for (Path segment : segments()) {
      Path aside = directory.resolve("aside");
      Files.move(segment, aside);
      desk.run("verify").with(3);
      Files.move(aside, segment);
    }
  }

  private List<Path> segments() throws IOException {
    try (Stream<Path> files = Files.list(desk.store().resolve("segments"))) {
      List<Path> all = files.sorted().toList();
      assertTrue(all.size() >= 2, all::toString);
      return all;
    }
  }

  private static void flip(Path file, long at) throws IOException {
    assertTrue(file.toFile().setWritable(true));
    try (var channel =
        Files.newByteChannel(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      var one = java.nio.ByteBuffer.allocate(1);
      channel.position(at).read(one);
      one.put(0, (byte) (one.get(0) ^ 4)).rewind();
      channel.position(at).write(one);
    }
  }
}
