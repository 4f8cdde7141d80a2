package dev.imgstore.builder.disk.bios;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.builder.disk.Block;
import dev.imgstore.builder.disk.BytesVolume;
import dev.imgstore.builder.disk.DiskException;
import dev.imgstore.builder.disk.Judge;
import dev.imgstore.builder.disk.Volume;
import dev.imgstore.builder.disk.Volumes;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a BIOS starts, at its exact places; that it runs is tried by the acceptance. */
class BiosStartTest {
  private static final String LINE = "root=PARTUUID=1 rw";
  private static final int KERNEL_SIZE = 100_001;
  private static final int INITRD_SIZE = 70_000;
  private static final int SETUP_SIZE = 28 * 512;

  @TempDir Path directory;

  /** Where in the kernel's header a field is, and what a test has there instead. */
  private record Wrong(int at, int value) {}

  /** A kernel as far as loaders look at it (boot.rst, "The Real-Mode Kernel Header"). */
  private static byte[] kernel(Wrong... wrong) {
    Block out = Block.little(KERNEL_SIZE).bytes(Volumes.noise(1, KERNEL_SIZE));
    out.at(0).ascii("MZ").at(0x1f1).u8(27).at(0x1fe).u16(0xaa55);
    out.at(0x202).ascii("HdrS").u16(0x20f).at(0x211).u8(1).at(0x22c).u32(0x7fff_ffff);
    out.at(0x234).u8(1).at(0x238).u32(2047).at(0x258).u64(0x100_0000).u32(0x2d0_0123);
    for (Wrong each : wrong) {
      out.at(each.at()).u8(each.value());
    }
    return out.array();
  }

  private static byte[] initrd() {
    return Volumes.noise(2, INITRD_SIZE);
  }

  private static Volume partition(String line, byte[] kernel) throws IOException {
    return BiosStart.of(
        new BiosStart.Parts(line, BytesVolume.of(kernel), BytesVolume.of(initrd())));
  }

  private static ByteBuffer partition() throws IOException {
    byte[] all = Volumes.bytes(partition(LINE, kernel()));
    return ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static byte[] part(ByteBuffer partition, long from, int length) {
    byte[] bytes = new byte[length];
    partition.get((int) from, bytes);
    return bytes;
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream in = LoaderCode.class.getResourceAsStream(name)) {
      return Objects.requireNonNull(in).readAllBytes();
    }
  }

  @Test
  @Tag("tools")
  void theBytesOfTheLoaderAreThoseOfItsSource() throws Exception {
    Files.write(directory.resolve("loader.S"), resource("loader.S"));
    Judge judge = new Judge(directory);
    judge.run("as", "--32", "-o", "loader.o", "loader.S");
    judge.run("ld", "-m", "elf_i386", "-Ttext=0x7c00", "-e", "start", "-o", "elf", "loader.o");
    judge.run("objcopy", "-O", "binary", "-j", ".text", "elf", "loader.bin");
    byte[] assembled = Files.readAllBytes(directory.resolve("loader.bin"));
    byte[] boot = BiosStart.bootCode(0);
    assertArrayEquals(Arrays.copyOf(assembled, boot.length), boot);
    List<LoaderCode.Run> none =
        List.of(
            new LoaderCode.Run(0, 0, 0), new LoaderCode.Run(0, 0, 0), new LoaderCode.Run(0, 0, 0));
    assertArrayEquals(
        Arrays.copyOfRange(assembled, 512, assembled.length), LoaderCode.sectors(none));
    assertEquals(1536, assembled.length);
  }

  @Test
  void theBootCodeKnowsWhereThePartitionBegins() {
    byte[] one = BiosStart.bootCode(0x1122_3344_5566_7788L);
    byte[] packet = {16, 0, 0, 0, 0, 0x7e, 0, 0};
    assertEquals(440, one.length);
    assertArrayEquals(packet, Arrays.copyOfRange(one, 0x180, 0x188));
    ByteBuffer code = ByteBuffer.wrap(one).order(ByteOrder.LITTLE_ENDIAN);
    assertEquals(0x1122_3344_5566_7788L, code.getLong(0x188));
    byte[] other = BiosStart.bootCode(2048);
    assertEquals(0x188, Arrays.mismatch(one, other));
    assertArrayEquals(Arrays.copyOf(one, 0x188), Arrays.copyOf(other, 0x188));
    assertArrayEquals(Arrays.copyOfRange(one, 0x190, 440), Arrays.copyOfRange(other, 0x190, 440));
  }

  @Test
  void theTableSaysWhereKernelAndInitrdAreAndBelong() throws IOException {
    ByteBuffer all = partition();
    assertEquals("imgstore", new String(part(all, 0, 8), StandardCharsets.US_ASCII));
    int[] table = new int[9];
    for (int i = 0; i < table.length; i++) {
      table[i] = all.getInt(8 + 4 * i);
    }
    int kernelSectors = (KERNEL_SIZE - SETUP_SIZE + 511) / 512;
    int initrdSectors = (INITRD_SIZE + 511) / 512;
    assertArrayEquals(
        new int[] {
          2, 116, 0x10000, 128 + 28, kernelSectors, 0x100000, 328, initrdSectors, 0x3d01000
        },
        table);
    assertArrayEquals(kernel(), part(all, 128 * 512, KERNEL_SIZE));
    assertArrayEquals(initrd(), part(all, 328 * 512, INITRD_SIZE));
    assertEquals((328 + initrdSectors) * 512, all.capacity());
  }

  @Test
  void theKernelIsToldWhatItHasToKnow() throws IOException {
    ByteBuffer all = partition();
    byte[] setup = part(all, 1024, SETUP_SIZE);
    ByteBuffer said = ByteBuffer.wrap(setup).order(ByteOrder.LITTLE_ENDIAN);
    assertEquals(0xff, said.get(0x210) & 0xff, "type_of_loader");
    assertEquals(0x81, said.get(0x211) & 0xff, "loadflags");
    assertEquals(0x3d01000, said.getInt(0x218), "ramdisk_image");
    assertEquals(INITRD_SIZE, said.getInt(0x21c), "ramdisk_size");
    assertEquals(0xde00, said.getShort(0x224) & 0xffff, "heap_end_ptr");
    assertEquals(0x1e000, said.getInt(0x228), "cmd_line_ptr");
    byte[] kernel = kernel();
    for (int i = 0; i < SETUP_SIZE; i++) {
      boolean field =
          i == 0x210 || i == 0x211 || (i >= 0x218 && i < 0x220) || (i >= 0x224 && i < 0x22c);
      assertTrue(field || kernel[i] == setup[i], "byte " + i);
    }
    byte[] line = part(all, 1024 + 0xe000, LINE.length() + 1);
    assertEquals(LINE + "\0", new String(line, StandardCharsets.US_ASCII));
  }

  @Test
  void aKernelThatIsLargerThanItsMemoryIsNotWrittenOver() throws IOException {
    byte[] kernel = kernel(new Wrong(0x25b, 0), new Wrong(0x262, 0), new Wrong(0x263, 0));
    byte[] all = Volumes.bytes(partition(LINE, kernel));
    int address = ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN).getInt(8 + 32);
    int end = 0x100000 + KERNEL_SIZE - SETUP_SIZE;
    assertTrue(address >= end && address < end + 4096 && address % 4096 == 0, () -> "" + address);
  }

  private static String refusal(String line, byte[] kernel) {
    return String.valueOf(
        assertThrows(DiskException.class, () -> partition(line, kernel)).getMessage());
  }

  @Test
  void whatIsNoKernelForABiosIsRefused() {
    for (int cut : new int[] {0, 1, 0x1ff, 0x267, SETUP_SIZE - 1, SETUP_SIZE}) {
      String said = refusal(LINE, Arrays.copyOf(kernel(), cut));
      assertTrue(said.contains("cut off"), () -> cut + ": " + said);
    }
    assertTrue(refusal(LINE, kernel(new Wrong(0x1fe, 0))).contains("no boot sector"));
    assertTrue(refusal(LINE, kernel(new Wrong(0x202, 0))).contains("no header"));
    assertTrue(refusal(LINE, kernel(new Wrong(0x206, 9))).contains("older than 2.10"));
    assertTrue(refusal(LINE, kernel(new Wrong(0x211, 0))).contains("no bzImage"));
    assertTrue(refusal(LINE, kernel(new Wrong(0x1f1, 255))).contains("cut off"));
    assertTrue(refusal(LINE, kernel(new Wrong(0x25f, 0x80))).contains("above 2 GiB"));
    assertTrue(refusal(LINE, kernel(new Wrong(0x25c, 1))).contains("above 2 GiB"));
    assertTrue(refusal(LINE, kernel(new Wrong(0x22f, 2))).contains("no initrd of 70000"));
    assertTrue(refusal(LINE, kernel(new Wrong(0x263, 0xff))).contains("no initrd of 70000"));
  }

  /** Whatever a header says, nothing of what is loaded lies on something else. */
  @Test
  void aDamagedHeaderIsRefusedOrDoesNoHarm() throws IOException {
    int refused = 0;
    for (int at = 0x1f1; at < 0x268; at++) {
      for (int value : new int[] {0, 1, 0x7f, 0x80, 0xff}) {
        try {
          byte[] all = Volumes.bytes(partition(LINE, kernel(new Wrong(at, value))));
          ByteBuffer table = ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN);
          long end = table.getInt(8 + 20) + table.getInt(8 + 16) * 512L;
          long initrd = table.getInt(8 + 32);
          assertTrue(initrd >= end && initrd + INITRD_SIZE > 0, at + " is " + value);
          assertEquals(LINE.charAt(0), all[1024 + 0xe000], at + " is " + value);
        } catch (DiskException e) {
          refused++;
        }
      }
    }
    assertTrue(refused > 50, "refused: " + refused);
  }

  @Test
  void aCommandLineThatDoesNotFitIsRefused() throws IOException {
    assertTrue(refusal("a\nb", kernel()).contains("one line of ASCII"));
    assertTrue(refusal("a".repeat(2048), kernel()).contains("at most 2047"));
    assertTrue(refusal("a".repeat(256), kernel(new Wrong(0x239, 0))).contains("at most 255"));
    byte[] all = Volumes.bytes(partition("a".repeat(2047), kernel()));
    assertEquals(0, all[1024 + 0xe000 + 2047]);
    assertEquals('M', all[64 << 10]);
  }

  @Test
  void theSamePartsGiveTheSameBytes() throws IOException {
    assertEquals(partition(), partition());
  }
}
