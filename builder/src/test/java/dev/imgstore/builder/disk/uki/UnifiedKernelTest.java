package dev.imgstore.builder.disk.uki;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.imgstore.builder.disk.Block;
import dev.imgstore.builder.disk.BytesVolume;
import dev.imgstore.builder.disk.DiskException;
import dev.imgstore.builder.disk.Judge;
import dev.imgstore.builder.disk.Volumes;
import dev.imgstore.model.Bytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnifiedKernelTest {
  private static final Path REAL = Path.of("/usr/lib/systemd/boot/efi/linuxx64.efi.stub");
  private static final String LINE = "root=PARTUUID=abc ro console=ttyS0";
  private static final Pattern SECTION =
      Pattern.compile(
          "\\s+\\d+ (\\.\\S+)\\s+(\\p{XDigit}{8})\\s+(\\p{XDigit}{16})\\s+\\S+\\s+(\\p{XDigit}{8}).*");

  @TempDir Path directory;

  /** The least that is a PE32+ file: one section, and headers up to {@code headers}. */
  private static byte[] stub(int headers) {
    Block out = Block.little(headers + 512).ascii("MZ").at(0x3c).u32(0x40);
    out.at(0x40).ascii("PE\0\0").u16(0x8664).u16(1).u32(0).u32(0).u32(0).u16(240).u16(0x206);
    out.u16(0x20b).u16(0).u32(512).u32(0).u32(0).u32(0x1000).u32(0x1000).u64(0);
    out.u32(512).u32(512).u64(0).u64(0).u32(0x1200).u32(headers).u32(0).u16(10).u16(0);
    out.at(0x58 + 108).u32(16);
    out.at(0x58 + 240).ascii(".text").at(0x58 + 248).u32(512).u32(0x1000).u32(512).u32(headers);
    return out.at(headers).bytes(Volumes.noise(3, 512)).array();
  }

  private static byte[] kernel(int length) {
    byte[] kernel = Volumes.noise(1, length);
    kernel[0] = 'M';
    kernel[1] = 'Z';
    return kernel;
  }

  private static UnifiedKernel.Parts parts(byte[] stub) {
    return new UnifiedKernel.Parts(
        Bytes.of(stub),
        Bytes.utf8("ID=debian\n"),
        LINE,
        "6.1.0",
        BytesVolume.of(kernel(100_001)),
        BytesVolume.of(Volumes.noise(2, 70_000)));
  }

  private static byte[] image(byte[] stub) throws IOException {
    return Volumes.bytes(UnifiedKernel.of(parts(stub)));
  }

  private void assertObjdumpFindsEverySection(byte[] stub) throws Exception {
    Path file = directory.resolve("kernel.efi");
    byte[] image = image(stub);
    Files.write(file, image);
    Judge judge = new Judge(directory);
    Map<String, byte[]> found = new TreeMap<>();
    long end = 0;
    for (String line : judge.run("objdump", "-h", "kernel.efi").lines().toList()) {
      Matcher section = SECTION.matcher(line);
      if (section.matches()) {
        int size = Integer.parseInt(section.group(2), 16);
        long address = Long.parseLong(section.group(3), 16);
        assertTrue(address >= end, () -> "overlaps: " + line);
        end = address + size;
        int from = Integer.parseInt(section.group(4), 16);
        found.put(section.group(1), Arrays.copyOfRange(image, from, from + size));
      }
    }
    assertArrayEquals(kernel(100_001), found.get(".linux"));
    assertArrayEquals(Volumes.noise(2, 70_000), found.get(".initrd"));
    assertEquals(LINE, text(found.get(".cmdline")));
    assertEquals("ID=debian\n", text(found.get(".osrel")));
    assertEquals("6.1.0", text(found.get(".uname")));
  }

  private static String text(byte @Nullable [] bytes) {
    return new String(Objects.requireNonNull(bytes), StandardCharsets.US_ASCII);
  }

  @Test
  @Tag("tools")
  void objdumpFindsEverySection() throws Exception {
    assertObjdumpFindsEverySection(stub(1024));
  }

  @Test
  @Tag("tools")
  void theStubOfDebianTakesEverySection() throws Exception {
    assumeTrue(Files.exists(REAL), "this machine has no systemd-boot-efi; install it");
    assertObjdumpFindsEverySection(Files.readAllBytes(REAL));
  }

  /** Made the other way round: over the whole file at once, the field left out. */
  @Test
  void theChecksumIsThatOfTheWholeFile() throws IOException {
    byte[] image = image(stub(1024));
    ByteBuffer words = ByteBuffer.wrap(image).order(ByteOrder.LITTLE_ENDIAN);
    int field = 0x58 + 64;
    long sum = 0;
    for (int at = 0; at < image.length; at += 2) {
      sum += at == field || at == field + 2 ? 0 : words.getShort(at) & 0xffff;
      sum = (sum & 0xffff) + (sum >>> 16);
    }
    assertEquals(sum + image.length, words.getInt(field) & 0xffff_ffffL);
  }

  @Test
  void theImageCoversAllSectionsInMemory() throws IOException {
    byte[] image = image(stub(1024));
    ByteBuffer words = ByteBuffer.wrap(image).order(ByteOrder.LITTLE_ENDIAN);
    int last = 0x58 + 240 + 40 * 5;
    assertEquals(6, words.getShort(0x46));
    int end = words.getInt(last + 8) + words.getInt(last + 12);
    int size = words.getInt(0x58 + 56);
    assertTrue(size >= end && size < end + 512, size + " for " + end);
    assertEquals(image.length, words.getInt(last + 16) + words.getInt(last + 20));
  }

  @Test
  void theSamePartsGiveTheSameBytes() throws IOException {
    assertArrayEquals(image(stub(1024)), image(stub(1024)));
  }

  private static String refusal(UnifiedKernel.Parts parts) {
    return String.valueOf(
        assertThrows(DiskException.class, () -> UnifiedKernel.of(parts)).getMessage());
  }

  @Test
  void aStubWithoutRoomSaysSo() {
    String said = refusal(parts(stub(512)));
    assertTrue(said.contains("has room for 3 more sections, and 5 are needed"), said);
  }

  @Test
  void aDamagedStubIsRefused() {
    byte[] good = stub(1024);
    for (int cut : new int[] {0, 2, 63, 64, 100, 200, 340, 1023, 1535}) {
      assertTrue(refusal(parts(Arrays.copyOf(good, cut))).contains("boot stub"), "" + cut);
    }
    for (int at :
        new int[] {0, 0x3f, 0x40, 0x46, 0x54, 0x58, 0x58 + 36, 0x58 + 61, 0x58 + 149, 0x58 + 263}) {
      byte[] bad = good.clone();
      bad[at] ^= 0x7f;
      assertTrue(refusal(parts(bad)).contains("boot stub"), () -> "byte " + at);
    }
  }

  @Test
  void whatIsNoKernelAndNoLineIsRefused() {
    UnifiedKernel.Parts good = parts(stub(1024));
    byte[] gzip = {0x1f, (byte) 0x8b, 8};
    String noKernel =
        refusal(
            new UnifiedKernel.Parts(
                good.stub(), good.osRelease(), LINE, "", BytesVolume.of(gzip), good.initrd()));
    assertTrue(noKernel.contains("no PE file"), noKernel);
    String noLine =
        refusal(
            new UnifiedKernel.Parts(
                good.stub(), good.osRelease(), "a\nb", "", good.kernel(), good.initrd()));
    assertTrue(noLine.contains("character 2"), noLine);
    String empty =
        refusal(
            new UnifiedKernel.Parts(
                good.stub(),
                good.osRelease(),
                LINE,
                "",
                good.kernel(),
                BytesVolume.of(new byte[0])));
    assertTrue(empty.contains(".initrd"), empty);
    assertFalse(empty.contains(".linux"), empty);
  }
}
