package dev.imgstore.builder.disk.ext4;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class Crc32cTest {
  @Test
  void theCheckValueOfTheStandardComesOut() {
    byte[] digits = "123456789".getBytes(StandardCharsets.US_ASCII);
    assertEquals(0xE3069283, ~Crc32c.of(Crc32c.START, digits));
  }

  @Test
  void itGoesOnFromAnyStateAsBitByBit() {
    Random random = new Random(7);
    for (int i = 0; i < 300; i++) {
      byte[] bytes = new byte[random.nextInt(40)];
      random.nextBytes(bytes);
      int state = random.nextInt();
      assertEquals(bitByBit(state, bytes), Crc32c.of(state, bytes));
    }
  }

  private static int bitByBit(int state, byte[] bytes) {
    int crc = state;
    for (byte each : bytes) {
      crc ^= each & 0xff;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc >>> 1) ^ ((crc & 1) == 0 ? 0 : 0x82F63B78);
      }
    }
    return crc;
  }
}
