package dev.imgstore.builder.pack.deflate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class BlockDeflaterProperties {
  private final BlockDeflater deflater = new BlockDeflater();

  @Property
  void anyBytesComeBack(@ForAll byte[] input) {
    assertArrayEquals(input, Samples.inflated(deflater.deflate(input, 0, input.length)));
  }

  @Property(tries = 300)
  void longInputsComeBackWithinTheBound(
      @ForAll @IntRange(max = 200_000) int length, @ForAll long seed) {
    byte[] input = Samples.mixed(length, seed);
    byte[] output = deflater.deflate(input, 0, length);
    assertArrayEquals(input, Samples.inflated(output));
    assertTrue(output.length + BitSink.SLACK <= BlockDeflater.bound(length));
  }

  @Property(tries = 300)
  void fewDifferentBytesComeBack(
      @ForAll @IntRange(max = 30_000) int length,
      @ForAll @IntRange(min = 1, max = 256) int different,
      @ForAll long seed) {
    byte[] input = Samples.random(length, seed);
    for (int i = 0; i < length; i++) {
      input[i] = (byte) ((input[i] & 0xff) % different);
    }
    assertArrayEquals(input, Samples.inflated(deflater.deflate(input, 0, length)));
  }

  @Property(tries = 300)
  void whatWasMadeQuicklyComesBack(@ForAll @IntRange(max = 100_000) int length, @ForAll long seed) {
    byte[] input = Samples.mixed(length, seed);
    byte[] output = BlockDeflater.quick().deflate(input, 0, length);
    assertArrayEquals(input, Samples.inflated(output));
  }

  @Property(tries = 200)
  void partsWithHistoryJoinToOneStream(
      @ForAll @IntRange(max = 100_000) int length,
      @ForAll @IntRange(min = 1, max = 50_000) int part,
      @ForAll long seed) {
    byte[] input = Samples.mixed(length, seed);
    byte[] joined = new byte[2 * length + 1000 + 100 * (length / part)];
    int at = 0;
    int from = 0;
    do {
      int to = Math.min(length, from + part);
      int history = Math.max(0, from - BlockDeflater.WINDOW);
      Ending ending = to == length ? Ending.LAST : Ending.CONTINUES;
      at = deflater.deflatePart(input, history, from, to, ending, joined, at);
      from = to;
    } while (from < length);
    assertArrayEquals(input, Samples.inflated(java.util.Arrays.copyOf(joined, at)));
  }
}
