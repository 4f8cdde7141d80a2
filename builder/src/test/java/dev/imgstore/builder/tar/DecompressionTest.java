package dev.imgstore.builder.tar;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.luben.zstd.ZstdOutputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

/** Each format of compression: several in a row, cut, followed by something, asking too much. */
@Timeout(120)
final class DecompressionTest {
  private static final Decompression.Bounds BOUNDS =
      new Decompression.Bounds(64 << 20, 1000, 1 << 20);

  private interface Compressor {
    OutputStream over(OutputStream out) throws IOException;
  }

  private record Format(String name, Compressor compressor) {
    byte[] pack(byte[] plain) throws IOException {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      try (OutputStream packing = compressor.over(out)) {
        packing.write(plain);
      }
      return out.toByteArray();
    }

    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Arguments> formats() {
    return Stream.of(
            new Format("gzip", GZIPOutputStream::new),
            new Format("xz", out -> new XZOutputStream(out, new LZMA2Options(0))),
            new Format("zstd", out -> new ZstdOutputStream(out).setChecksum(true)),
            new Format("bzip2", BZip2CompressorOutputStream::new))
        .map(Arguments::of);
  }

  private static byte[] unpack(byte[]... parts) throws IOException {
    try (InputStream in =
        Decompression.detect("a", new ByteArrayInputStream(joined(parts)), BOUNDS)) {
      return in.readAllBytes();
    }
  }

  private static byte[] joined(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  private static String fault(byte[]... parts) {
    return assertThrows(HostileArchive.class, () -> unpack(parts)).fault();
  }

  private static byte[] noise(int length) {
    byte[] noise = new byte[length];
    new Random(length).nextBytes(noise);
    return noise;
  }

  @ParameterizedTest
  @MethodSource("formats")
  void severalInARowAreOne(Object format) throws IOException {
    Format it = (Format) format;
    byte[] one = noise(100_000);
    byte[] two = noise(70_000);
    assertArrayEquals(
        joined(one, new byte[0], two),
        unpack(it.pack(one), it.pack(new byte[0]), it.pack(two)),
        it.name());
  }

  /** Where the first ends just at the end of a reader's buffer, an end is easily seen too soon. */
  @ParameterizedTest
  @ValueSource(ints = {512, 4096, 8192, 32768, 65536})
  void aSecondMemberAfterAFullBufferIsNotOverlooked(int buffer) throws IOException {
    Format gzip = new Format("gzip", GZIPOutputStream::new);
    byte[] one = noise(buffer - 100);
    int length = gzip.pack(one).length;
    byte[] name = new byte[buffer - length];
    Arrays.fill(name, 0, name.length - 1, (byte) 'n');
    byte[] plain = gzip.pack(one);
    plain[3] = 0x08; // a name follows the header
    byte[] full = joined(Arrays.copyOf(plain, 10), name, Arrays.copyOfRange(plain, 10, length));
    assertTrue(full.length == buffer, "just full");
    assertArrayEquals(
        joined(one, one, new byte[] {1}), unpack(full, full, gzip.pack(new byte[] {1})));
  }

  @ParameterizedTest
  @MethodSource("formats")
  void whatFollowsTheEndIsRefused(Object format) throws IOException {
    Format it = (Format) format;
    byte[] packed = it.pack(noise(1000));
    for (String more : List.of("x", "garbage that is long enough for a header", "BZ")) {
      fault(packed, more.getBytes(StandardCharsets.UTF_8));
    }
  }

  @ParameterizedTest
  @MethodSource("formats")
  void everyCutIsRefused(Object format) throws IOException {
    byte[] packed = ((Format) format).pack(noise(3000));
    for (int cut = 7; cut < packed.length; cut++) {
      fault(Arrays.copyOf(packed, cut));
    }
  }

  @ParameterizedTest
  @MethodSource("formats")
  void aFlippedBitIsRefusedOrWithoutEffect(Object format) throws IOException {
    byte[] plain = noise(500);
    byte[] packed = ((Format) format).pack(plain);
    for (int at = 6; at < packed.length; at++) {
      byte[] flipped = packed.clone();
      flipped[at] ^= 0x10;
      try {
        assertArrayEquals(plain, unpack(flipped), "a flip at " + at);
      } catch (HostileArchive e) {
        assertTrue(String.valueOf(e.getMessage()).startsWith("a: "), e.getMessage());
      }
    }
  }

  @Test
  void zerosAfterGzipArePaddingAndNothingAfterThem() throws IOException {
    byte[] packed = new Format("gzip", GZIPOutputStream::new).pack(new byte[] {1, 2});
    assertArrayEquals(new byte[] {1, 2}, unpack(packed, new byte[5000]));
    assertTrue(fault(packed, new byte[500], packed).contains("something after its end"));
  }

  @Test
  void gzipHeadersOfAnyKindArePassedOver() throws IOException {
    byte[] packed = new Format("gzip", GZIPOutputStream::new).pack(new byte[] {1, 2});
    byte[] header = Arrays.copyOf(packed, 10);
    header[3] = 0x1e; // all there are
    byte[] before = joined(header, new byte[] {2, 0, 'e', 'x', 'n', 0, 'c', 0});
    CRC32 crc = new CRC32();
    crc.update(before);
    byte[] sum = {(byte) crc.getValue(), (byte) (crc.getValue() >> 8)};
    byte[] rest = Arrays.copyOfRange(packed, 10, packed.length);
    assertArrayEquals(new byte[] {1, 2}, unpack(before, sum, rest));
    sum[0] ^= 1;
    assertTrue(fault(before, sum, rest).contains("its header is not"));
    header[3] = 0x20;
    assertTrue(fault(header, rest).contains("unknown flags"));
  }

  @ParameterizedTest
  @ValueSource(ints = {29, 35, 40}) // 48 MiB times a power of two, 4 GiB
  void aDictionaryOfXzThatIsTooLargeIsRefused(int size) throws IOException {
    byte[] packed =
        new Format("xz", out -> new XZOutputStream(out, new LZMA2Options(0))).pack(noise(100));
    fault(dictionary(packed, size + 5));
  }

  /** The same with another size of its dictionary (xz file format 5.3.1). */
  static byte[] dictionary(byte[] xz, int size) {
    byte[] changed = xz.clone();
    int length = (changed[12] + 1) * 4;
    changed[16] = (byte) Math.min(size, 40);
    CRC32 crc = new CRC32();
    crc.update(changed, 12, length - 4);
    ByteBuffer.wrap(changed)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(12 + length - 4, (int) crc.getValue());
    return changed;
  }

  @ParameterizedTest
  @ValueSource(ints = {18, 21, 31}) // 2 to the power of 28, 31, 41 (RFC 8878, 3.1.1.1.2)
  void aWindowOfZstdThatIsTooLargeIsRefused(int exponent) {
    byte[] frame = {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd, 0, (byte) (exponent << 3), 1, 0, 0};
    assertTrue(fault(frame).contains("memory"), () -> fault(frame));
    byte[] single = {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd, (byte) 0xe0, 0, 0, 0, 0, 1, 0, 0, 0};
    fault(single);
  }

  @Test
  void framesOfZstdThatHoldNothingArePassedOver() throws IOException {
    byte[] skipped = {0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 'a', 'b', 'c'};
    byte[] packed = new Format("zstd", ZstdOutputStream::new).pack(new byte[] {1, 2});
    assertArrayEquals(new byte[] {1, 2}, unpack(packed, skipped));
    assertArrayEquals(new byte[] {1, 2, 1, 2}, unpack(packed, skipped, packed));
  }
}
