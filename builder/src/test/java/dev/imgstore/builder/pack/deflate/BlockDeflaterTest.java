package dev.imgstore.builder.pack.deflate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.junit.jupiter.api.Test;

class BlockDeflaterTest {
  private final BlockDeflater deflater = new BlockDeflater();

  private byte[] deflated(byte[] input) {
    return deflater.deflate(input, 0, input.length);
  }

  @Test
  void nothingBecomesOneEmptyFixedBlock() {
    assertArrayEquals(new byte[] {3, 0}, deflated(new byte[0]));
  }

  @Test
  void eachShortLengthComesBack() {
    for (int length = 0; length < 600; length++) {
      for (byte[] input :
          new byte[][] {
            new byte[length], Samples.random(length, length), Samples.text(length, length)
          }) {
        assertArrayEquals(input, Samples.inflated(deflated(input)));
      }
    }
  }

  @Test
  void eachKindComesBackAroundTheBoundariesOfBlocks() {
    for (int length : new int[] {2047, 2048, 2049, 32767, 32768, 32769, 65535, 65536, 131_071}) {
      for (byte[] input :
          new byte[][] {
            new byte[length],
            Samples.random(length, 1),
            Samples.text(length, 2),
            Samples.records(length, 3),
            Samples.mixed(length, 4)
          }) {
        assertArrayEquals(input, Samples.inflated(deflated(input)));
      }
    }
  }

  @Test
  void eachDistanceAndLengthComesBack() {
    for (int length : new int[] {3, 4, 5, 10, 11, 257, 258, 259, 600}) {
      for (int distance = 1; distance <= BlockDeflater.WINDOW + 1; distance += 1 + distance / 3) {
        byte[] input = Samples.random(distance + length, distance);
        for (int i = 0; i < length; i++) {
          input[distance + i] = input[i];
        }
        assertArrayEquals(input, Samples.inflated(deflated(input)));
      }
    }
  }

  @Test
  void randomBytesGrowByLessThanAThousandth() {
    byte[] input = Samples.random(1 << 20, 5);
    assertTrue(deflated(input).length < input.length + input.length / 1000);
  }

  @Test
  void isAboutAsSmallAsTheUsualDeflater() {
    for (byte[] input :
        new byte[][] {
          Samples.text(400_000, 6), Samples.records(400_000, 7), Samples.mixed(1 << 20, 8)
        }) {
      Deflater usual = new Deflater(6, true);
      usual.setInput(input);
      usual.finish();
      int size = usual.deflate(new byte[2 * input.length]);
      usual.end();
      assertTrue(deflated(input).length <= size * 1.02);
    }
  }

  @Test
  void skewedCountsStayWithinFifteenBits() {
    byte[] input = new byte[200_000];
    int at = 0;
    int before = 1;
    int count = 1;
    for (int symbol = 0; at < input.length; symbol++) {
      for (int i = 0; i < count && at < input.length; i++) {
        input[at++] = (byte) symbol;
      }
      int sum = before + count;
      before = count;
      count = sum;
    }
    java.util.Random random = new java.util.Random(9);
    for (int i = input.length - 1; i > 0; i--) {
      int other = random.nextInt(i + 1);
      byte swapped = input[i];
      input[i] = input[other];
      input[other] = swapped;
    }
    assertArrayEquals(input, Samples.inflated(deflated(input)));
  }

  @Test
  void usingAnInstanceAgainChangesNothing() {
    byte[] input = Samples.mixed(300_000, 10);
    byte[] fresh = new BlockDeflater().deflate(input, 0, input.length);
    deflated(Samples.text(500_000, 11));
    assertArrayEquals(fresh, deflated(input));
  }

  @Test
  void bytesAroundTheRangeChangeNothing() {
    byte[] input = Samples.mixed(100_000, 12);
    byte[] wide = Samples.random(input.length + 70_000, 13);
    System.arraycopy(input, 0, wide, 40_000, input.length);
    assertArrayEquals(deflated(input), deflater.deflate(wide, 40_000, 40_000 + input.length));
    Arrays.fill(wide, 40_000 + input.length, wide.length, input[input.length - 1]);
    assertArrayEquals(deflated(input), deflater.deflate(wide, 40_000, 40_000 + input.length));
  }

  @Test
  void writesNothingBeforeItsPlaceAndSaysWhereItEnds() {
    byte[] input = Samples.text(10_000, 14);
    byte[] out = new byte[100 + BlockDeflater.bound(input.length)];
    Arrays.fill(out, (byte) 7);
    int end = deflater.deflate(input, 0, input.length, out, 100);
    byte[] before = new byte[100];
    Arrays.fill(before, (byte) 7);
    assertArrayEquals(before, Arrays.copyOf(out, 100));
    assertArrayEquals(deflated(input), Arrays.copyOfRange(out, 100, end));
  }

  @Test
  void aSmallWindowIsNeverLeft() {
    byte[] once = Samples.random(4096, 15);
    byte[] input = Arrays.copyOf(once, 3 * once.length);
    System.arraycopy(once, 0, input, once.length, once.length);
    System.arraycopy(once, 0, input, 2 * once.length, once.length);
    int repeated = BlockDeflater.withWindow(1 << 13).deflate(input, 0, input.length).length;
    int apart = BlockDeflater.withWindow(1 << 12).deflate(input, 0, input.length).length;
    assertTrue(repeated < 4500, "finds what is in reach");
    assertTrue(apart > 12_000, "finds nothing out of reach");
  }

  @Test
  void zlibStreamsNameTheirWindowAndComeBack() {
    byte[] input = Samples.mixed(100_000, 16);
    byte[] stream = deflater.zlib(input, 0, input.length);
    assertEquals(0x78, stream[0]);
    assertArrayEquals(input, Samples.inflated(new Inflater(), stream));
    byte[] small = BlockDeflater.withWindow(1 << 12).zlib(input, 0, input.length);
    assertEquals(0x48, small[0]);
    assertArrayEquals(input, Samples.inflated(new Inflater(), small));
  }

  @Test
  void wrongRangesWindowsAndRoomAreRefused() {
    byte[] ten = new byte[10];
    assertThrows(IndexOutOfBoundsException.class, () -> deflater.deflate(ten, 3, 11));
    assertThrows(IndexOutOfBoundsException.class, () -> deflater.deflate(ten, 4, 3));
    assertThrows(IndexOutOfBoundsException.class, () -> deflater.zlib(ten, -1, 3));
    byte[] tight = new byte[BlockDeflater.bound(10) - 1];
    assertThrows(IndexOutOfBoundsException.class, () -> deflater.deflate(ten, 0, 10, tight, 0));
    assertThrows(IllegalArgumentException.class, () -> BlockDeflater.withWindow(128));
    assertThrows(IllegalArgumentException.class, () -> BlockDeflater.withWindow(5000));
    assertThrows(IllegalArgumentException.class, () -> BlockDeflater.withWindow(65536));
    assertThrows(IllegalArgumentException.class, () -> BlockDeflater.bound(-1));
    assertThrows(
        IllegalArgumentException.class, () -> BlockDeflater.bound(BlockDeflater.MAX_INPUT + 1));
  }
}
