package dev.imgstore.builder.yaml;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import org.junit.jupiter.api.Test;

final class WholeCharactersTest {
  @Test
  void noReadEndsWithinACharacter() throws IOException {
    WholeCharacters reader = new WholeCharacters("ab🎉c");
    char[] into = new char[3];
    assertEquals(2, reader.read(into, 0, 3));
    assertEquals(3, reader.read(into, 0, 3));
    assertEquals("🎉c", new String(into));
    assertEquals(-1, reader.read(into, 0, 3));
  }

  @Test
  void halfACharacterAtTheEndIsHandedOut() throws IOException {
    WholeCharacters reader = new WholeCharacters("a\uD83C");
    assertEquals(2, reader.read(new char[3], 0, 3));
    assertEquals(-1, reader.read(new char[3], 0, 3));
  }
}
