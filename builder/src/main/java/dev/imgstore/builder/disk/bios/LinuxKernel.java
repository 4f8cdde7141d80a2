package dev.imgstore.builder.disk.bios;

import dev.imgstore.builder.disk.DiskException;
import dev.imgstore.builder.disk.Volume;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The part of a kernel that runs in real mode, with the header in which loader and kernel tell each
 * other what they have to know (boot.rst, "The Real-Mode Kernel Header"). Read with bounds: the
 * file comes out of a package.
 */
final class LinuxKernel {
  /** Where in memory this part is loaded: a segment of its own. */
  static final int SETUP_ADDRESS = 0x10000;

  /** Where the rest of the file is loaded. */
  static final int ADDRESS = 0x100000;

  /** From the beginning of the segment: the end of the heap, and then the command line. */
  static final int HEAP_END = 0xe000;

  private static final int PAGE = 4096;
  private static final int SECTOR = LoaderCode.SECTOR;
  private static final int MOST_SETUP = 0x8000;
  private static final int HEADER_END = 0x268;
  private static final int BOOT_FLAG = 0xaa55;
  private static final int MAGIC = 0x53726448; // HdrS

  /** Since then a kernel says how much memory it takes to unpack itself (Linux 2.6.31). */
  private static final int LEAST_VERSION = 0x20a;

  private static final int LOADED_HIGH = 1;
  private static final int CAN_USE_HEAP = 0x80;
  private static final int UNKNOWN_LOADER = 0xff;

  private final byte[] setup;
  private final ByteBuffer fields;
  private final long size;

  private LinuxKernel(byte[] setup, long size) {
    this.setup = setup;
    this.fields = little(setup);
    this.size = size;
  }

  /**
   * Reads the beginning of a kernel.
   *
   * @throws DiskException if a BIOS could not start it
   */
  static LinuxKernel read(Volume file) throws IOException {
    byte[] first = new byte[(int) Math.min(MOST_SETUP, file.size())];
    file.writeTo(
        (offset, bytes, from, length) -> {
          if (offset < first.length) {
            int part = (int) Math.min(length, first.length - offset);
            System.arraycopy(bytes, from, first, (int) offset, part);
          }
        });
    require(first.length >= HEADER_END, "it is cut off");
    ByteBuffer header = little(first);
    require((header.getShort(0x1fe) & 0xffff) == BOOT_FLAG, "it has no boot sector");
    require(header.getInt(0x202) == MAGIC, "it has no header");
    int version = header.getShort(0x206) & 0xffff;
    require(version >= LEAST_VERSION, "its boot protocol is older than 2.10");
    require((header.get(0x211) & LOADED_HIGH) != 0, "it is no bzImage");
    int sectors = header.get(0x1f1) & 0xff;
    int length = ((sectors == 0 ? 4 : sectors) + 1) * SECTOR;
    require(length <= first.length && length < file.size(), "its real-mode part is cut off");
    return new LinuxKernel(Arrays.copyOf(first, length), file.size());
  }

  private static ByteBuffer little(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static void require(boolean holds, String why) throws DiskException {
    if (!holds) {
      throw new DiskException(
          "this kernel cannot be started by a BIOS: " + why + "; leave `bios` out of `boot`");
    }
  }

  private long u32(int at) {
    return fields.getInt(at) & 0xffff_ffffL;
  }

  /** Bytes of the file that are this part; a whole number of sectors. */
  int setupSize() {
    return setup.length;
  }

  /** How long a command line may be. */
  long commandLineSize() {
    return u32(0x238);
  }

  /**
   * Where an initrd of this size goes: behind the kernel and the memory in which it unpacks itself
   * ({@code pref_address}, {@code init_size}), so that neither is written over.
   */
  long initrdAddress(long initrdSize) throws DiskException {
    long preferred = fields.getLong(0x258);
    require(preferred >= 0 && preferred <= Integer.MAX_VALUE, "it wants to be above 2 GiB");
    long unpacked = Math.max(preferred, ADDRESS) + u32(0x260);
    long end = Math.max(unpacked, ADDRESS + size - setupSize());
    long address = (end + PAGE - 1) / PAGE * PAGE;
    long most = Math.min(u32(0x22c), Integer.MAX_VALUE);
    require(
        initrdSize <= most - address + 1, "it finds no initrd of " + initrdSize + " bytes there");
    return address;
  }

  /** This part, with what a loader says to the kernel. */
  byte[] setup(long initrdAddress, long initrdSize) {
    byte[] said = setup.clone();
    ByteBuffer out = little(said);
    out.put(0x210, (byte) UNKNOWN_LOADER);
    out.put(0x211, (byte) (said[0x211] | CAN_USE_HEAP));
    out.putInt(0x218, (int) initrdAddress);
    out.putInt(0x21c, (int) initrdSize);
    out.putShort(0x224, (short) (HEAP_END - 0x200));
    out.putInt(0x228, SETUP_ADDRESS + HEAP_END);
    return said;
  }
}
