package dev.imgstore.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.github.luben.zstd.Zstd;
import dev.imgstore.model.Digest;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class FramesTest {
  @Test
  void whatDoesNotGetShorterIsOneRawBlock() {
    String start = "28b52ffd";
    for (Object[] each :
        new Object[][] {
          {0, "2000" + "010000"},
          {1, "2001" + "090000"},
          {255, "20ff" + "f90700"},
          {256, "600000" + "010800"},
          {65_791, "60ffff" + "f90708"},
          {65_792, "a000010100" + "010808"},
          {131_072, "a000000200" + "010010"}
        }) {
      int length = (int) each[0];
      byte[] bytes = CutterTest.sample(length);
      byte[] frame = Frames.encode(bytes, 0, length);
      String header = start + each[1];
      assertEquals(header, HexFormat.of().formatHex(frame, 0, header.length() / 2));
      assertEquals(header.length() / 2 + length, frame.length);
      assertArrayEquals(bytes, Frames.decode(frame, length));
      assertEquals(length, Zstd.getFrameContentSize(frame));
    }
  }

  @Test
  void theBytesNeverChange() {
    byte[] text =
        "imgstore keeps frames. ".repeat(1000).getBytes(java.nio.charset.StandardCharsets.UTF_8);
    byte[] frame = Frames.encode(text, 0, text.length);
    assertEquals(
        "ed09572848a9719097fb4f1998f594143a9bc9e28a349f576df501bc16d3dcea",
        Digest.of(frame).hex(),
        "another encoder needs another number");
    assertArrayEquals(text, Frames.decode(frame, text.length));
  }

  @Test
  void aWrongSizeOrNoFrameIsRefused() {
    byte[] frame = Frames.encode(new byte[1000], 0, 1000);
    assertThrows(IllegalArgumentException.class, () -> Frames.decode(frame, 999));
    assertThrows(IllegalArgumentException.class, () -> Frames.decode(frame, 1001));
    assertThrows(IllegalArgumentException.class, () -> Frames.decode(new byte[20], 20));
    assertThrows(
        IllegalArgumentException.class,
        () -> Frames.encode(new byte[Frames.MAX_PLAIN + 1], 0, Frames.MAX_PLAIN + 1));
  }
}
