package dev.imgstore.builder.disk.uki;

import dev.imgstore.builder.disk.DiskException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The headers of a PE32+ file (Microsoft, PE Format) to which sections are to be added behind the
 * last one. Read with bounds: the file comes out of a package.
 */
final class PeStub {
  static final int SECTION = 40;
  private static final int MAX_BYTES = 16 << 20;
  private static final int DOS_MAGIC = 0x5a4d;
  private static final int PE_MAGIC = 0x4550;
  private static final int PE32_PLUS = 0x20b;
  private static final int NEW_HEADER_AT = 0x3c;
  private static final int FILE_HEADER = 24;
  private static final int LEAST_OPTIONAL_HEADER = 112 + 5 * 8;
  private static final int MAX_SECTIONS = 96;

  private final ByteBuffer bytes;
  private final int fileHeader;
  private final int optionalHeader;
  private final int sectionTable;
  private final int sections;

  private PeStub(ByteBuffer bytes, int header) throws DiskException {
    this.bytes = bytes;
    this.fileHeader = header + 4;
    this.optionalHeader = header + FILE_HEADER;
    this.sections = u16(fileHeader + 2);
    int optionalSize = u16(fileHeader + 16);
    this.sectionTable = optionalHeader + optionalSize;
    require(optionalSize >= LEAST_OPTIONAL_HEADER, "its optional header is cut off");
    require(u16(optionalHeader) == PE32_PLUS, "it is not made for 64 bits");
    require(sections > 0 && sections <= MAX_SECTIONS, "it has " + sections + " sections");
    require(headerBytes() >= sectionTable + sections * SECTION, "its headers overlap");
    require(headerBytes() <= bytes.capacity(), "its headers are cut off");
    int alignment = fileAlignment();
    require(Integer.bitCount(alignment) == 1 && alignment <= 65_536, "its alignment is wrong");
    require(u32(optionalHeader + 112 + 4 * 8 + 4) == 0, "it is signed, which would be lost");
  }

  /**
   * Reads a stub.
   *
   * @throws DiskException if this is none to which sections can be added
   */
  static PeStub read(byte[] file) throws DiskException {
    ByteBuffer bytes = ByteBuffer.wrap(file.clone()).order(ByteOrder.LITTLE_ENDIAN);
    require(file.length > NEW_HEADER_AT + 4 && file.length <= MAX_BYTES, "of its size");
    require((bytes.getShort(0) & 0xffff) == DOS_MAGIC, "it is no PE file");
    int header = bytes.getInt(NEW_HEADER_AT);
    int rest = FILE_HEADER + LEAST_OPTIONAL_HEADER;
    require(header > 0 && header <= file.length - rest, "its header is cut off");
    require(bytes.getInt(header) == PE_MAGIC, "it is no PE file");
    PeStub stub = new PeStub(bytes, header);
    for (int i = 0; i < stub.sections; i++) {
      require(stub.rawEnd(i) <= file.length, "a section of it is cut off");
    }
    return stub;
  }

  private static void require(boolean holds, String why) throws DiskException {
    if (!holds) {
      throw new DiskException(
          "this is no boot stub that can be used: "
              + why
              + "; take the one of Debian's systemd-boot-efi");
    }
  }

  private int u16(int at) {
    return bytes.getShort(at) & 0xffff;
  }

  private long u32(int at) {
    return bytes.getInt(at) & 0xffff_ffffL;
  }

  private int section(int index) {
    return sectionTable + index * SECTION;
  }

  private long rawEnd(int index) {
    return u32(section(index) + 20) + u32(section(index) + 16);
  }

  int fileAlignment() {
    return bytes.getInt(optionalHeader + 36);
  }

  long sectionAlignment() {
    return u32(optionalHeader + 32);
  }

  private long headerBytes() {
    return u32(optionalHeader + 60);
  }

  /** How many sections can be added: there is room for so many headers. */
  int room() {
    return (int) ((headerBytes() - section(sections)) / SECTION);
  }

  /** Behind what is loaded. */
  long virtualEnd() {
    long end = 0;
    for (int i = 0; i < sections; i++) {
      end = Math.max(end, u32(section(i) + 12) + u32(section(i) + 8));
    }
    return end;
  }

  /** The bytes of the file that sections own; what is behind them (symbols) is dropped. */
  int rawEnd() {
    long end = headerBytes();
    for (int i = 0; i < sections; i++) {
      end = Math.max(end, rawEnd(i));
    }
    return (int) end;
  }

  /** The file with headers of these sections added, and its symbols, if any, forgotten. */
  byte[] with(Iterable<UkiSection> added, long imageSize) {
    byte[] file = new byte[rawEnd()];
    bytes.get(0, file);
    ByteBuffer out = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    int count = sections;
    long data = u32(optionalHeader + 8);
    for (UkiSection section : added) {
      section.putHeader(out.position(section(count)));
      data += section.rawSize();
      count++;
    }
    out.putShort(fileHeader + 2, (short) count).putInt(fileHeader + 8, 0);
    out.putInt(fileHeader + 12, 0).putInt(optionalHeader + 8, (int) data);
    out.putInt(optionalHeader + 56, (int) imageSize).putInt(checksumAt(), 0);
    return file;
  }

  /** Where the checksum of the whole file is kept. */
  int checksumAt() {
    return optionalHeader + 64;
  }

  /** What the machine is, as in the file header: 0x8664 for x86-64, 0xaa64 for 64-bit ARM. */
  int machine() {
    return u16(fileHeader);
  }
}
