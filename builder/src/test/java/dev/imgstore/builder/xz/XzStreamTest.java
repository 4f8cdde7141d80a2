package dev.imgstore.builder.xz;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tukaani.xz.FilterOptions;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.X86Options;
import org.tukaani.xz.XZ;
import org.tukaani.xz.XZOutputStream;

/** What another program's encoder wrote is what is read, and damage is never read as anything. */
final class XzStreamTest {
  private static final long DICTIONARY = 64L << 20;

  private static byte[] pack(byte[] bytes, LZMA2Options options, int check, int blockSize)
      throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (XZOutputStream xz = new XZOutputStream(out, options, check)) {
      for (int at = 0; at < bytes.length; at += blockSize) {
        xz.write(bytes, at, Math.min(blockSize, bytes.length - at));
        xz.endBlock();
      }
    }
    return out.toByteArray();
  }

  private static byte[] unpack(byte[] packed) throws IOException {
    try (XzStream xz = new XzStream(new ByteArrayInputStream(packed), DICTIONARY)) {
      return xz.readAllBytes();
    }
  }

  /** Words, runs and noise, with matches near and far. */
  private static byte[] text(int size, long seed) {
    Random random = new Random(seed);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] noise = new byte[300];
    while (out.size() < size) {
      int kind = random.nextInt(10);
      if (kind == 0) {
        random.nextBytes(noise);
        out.write(noise, 0, random.nextInt(noise.length));
      } else if (kind == 1) {
        out.writeBytes("a".repeat(random.nextInt(400)).getBytes(StandardCharsets.US_ASCII));
      } else {
        String word = "word" + random.nextInt(kind * kind * 20) + " ";
        out.writeBytes(word.getBytes(StandardCharsets.US_ASCII));
      }
    }
    return Arrays.copyOf(out.toByteArray(), size);
  }

  @ParameterizedTest
  @ValueSource(ints = {XZ.CHECK_NONE, XZ.CHECK_CRC32, XZ.CHECK_CRC64, XZ.CHECK_SHA256})
  void everyKindOfChecksumIsRead(int check) throws IOException {
    byte[] bytes = text(100_000, 1);
    assertArrayEquals(bytes, unpack(pack(bytes, new LZMA2Options(6), check, bytes.length)));
  }

  @Test
  void everyPresetAndSizeComesBack() throws IOException {
    for (int preset : new int[] {0, 3, 4, 6, 9}) {
      for (int size : new int[] {0, 1, 2, 15, 4096, 150_000}) {
        byte[] bytes = text(size, preset);
        byte[] packed = pack(bytes, new LZMA2Options(preset), XZ.CHECK_CRC64, Math.max(1, size));
        assertArrayEquals(bytes, unpack(packed));
      }
    }
  }

  @Test
  void everyPropertyComesBack() throws IOException {
    byte[] bytes = text(50_000, 3);
    for (int lc = 0; lc <= 4; lc++) {
      for (int lp = 0; lc + lp <= 4; lp++) {
        for (int pb = 0; pb <= 4; pb++) {
          LZMA2Options options = new LZMA2Options(1);
          options.setLcLp(lc, lp);
          options.setPb(pb);
          assertArrayEquals(bytes, unpack(pack(bytes, options, XZ.CHECK_CRC32, bytes.length)));
        }
      }
    }
  }

  @Test
  void theWindowMovesWithoutLosingTheDictionary() throws IOException {
    byte[] bytes = text(11 << 20, 4);
    for (int dictionary : new int[] {4096, 1_500_000}) {
      LZMA2Options options = new LZMA2Options(1);
      options.setDictSize(dictionary);
      assertArrayEquals(bytes, unpack(pack(bytes, options, XZ.CHECK_CRC64, bytes.length)));
    }
  }

  @Test
  void noiseBlocksAndStreamsInARowAreRead() throws IOException {
    byte[] noise = new byte[500_000];
    new Random(5).nextBytes(noise);
    byte[] packed = pack(noise, new LZMA2Options(3), XZ.CHECK_CRC64, 123_457);
    assertArrayEquals(noise, unpack(packed));
    ByteArrayOutputStream row = new ByteArrayOutputStream();
    row.writeBytes(packed);
    row.writeBytes(new byte[8]);
    row.writeBytes(pack(noise, new LZMA2Options(0), XZ.CHECK_SHA256, noise.length));
    byte[] both = unpack(row.toByteArray());
    assertEquals(2 * noise.length, both.length);
    assertArrayEquals(noise, Arrays.copyOf(both, noise.length));
  }

  @Test
  void everyCutIsRefused() throws IOException {
    byte[] packed = pack(text(3000, 6), new LZMA2Options(6), XZ.CHECK_CRC64, 1000);
    for (int cut = 0; cut < packed.length; cut++) {
      byte[] part = Arrays.copyOf(packed, cut);
      assertThrows(XzDamage.class, () -> unpack(part), "cut at " + cut);
    }
  }

  @Test
  void everyFlippedBitIsRefused() throws IOException {
    byte[] packed = pack(text(2000, 7), new LZMA2Options(6), XZ.CHECK_CRC64, 1500);
    for (int bit = 0; bit < packed.length * 8; bit++) {
      byte[] bad = packed.clone();
      bad[bit / 8] ^= (byte) (1 << (bit % 8));
      assertThrows(XzDamage.class, () -> unpack(bad), "bit " + bit);
    }
  }

  @Test
  void damageWithoutAChecksumNeverEscapesAsAnythingElse() throws IOException {
    byte[] packed = pack(text(60_000, 8), new LZMA2Options(6), XZ.CHECK_NONE, 60_000);
    Random random = new Random(9);
    int refused = 0;
    for (int i = 0; i < 1500; i++) {
      byte[] bad = packed.clone();
      for (int j = 0; j < 3; j++) {
        bad[24 + random.nextInt(bad.length - 24)] = (byte) random.nextInt();
      }
      try {
        assertEquals(60_000, unpack(bad).length);
      } catch (XzDamage e) {
        refused++;
      }
    }
    assertTrue(refused > 1000, "refused " + refused);
  }

  @Test
  void tooLargeADictionaryIsRefused() throws IOException {
    byte[] packed = pack(text(10, 1), new LZMA2Options(9), XZ.CHECK_NONE, 10);
    XzDamage refused =
        assertThrows(
            XzDamage.class,
            () -> new XzStream(new ByteArrayInputStream(packed), 1 << 20).readAllBytes());
    assertEquals("it needs 67108864 bytes of memory; 1048576 are allowed", refused.getMessage());
  }

  @Test
  void otherFiltersAreSeenBeforehand() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    FilterOptions[] filters = {new X86Options(), new LZMA2Options(1)};
    try (XZOutputStream xz = new XZOutputStream(out, filters)) {
      xz.write(text(1000, 1));
    }
    byte[] packed = out.toByteArray();
    BufferedInputStream in = new BufferedInputStream(new ByteArrayInputStream(packed));
    assertFalse(XzStream.reads(in));
    assertArrayEquals(packed, in.readAllBytes());
    assertThrows(XzDamage.class, () -> unpack(packed));
    byte[] plain = pack(text(1000, 1), new LZMA2Options(1), XZ.CHECK_NONE, 1000);
    assertTrue(XzStream.reads(new BufferedInputStream(new ByteArrayInputStream(plain))));
    assertTrue(XzStream.reads(new BufferedInputStream(new ByteArrayInputStream(new byte[3]))));
  }
}
