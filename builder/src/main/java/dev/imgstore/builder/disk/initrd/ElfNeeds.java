package dev.imgstore.builder.disk.initrd;

import dev.imgstore.builder.disk.DiskException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * What a program or library says it cannot run without: its interpreter and libraries. Read with
 * bounds out of a 64-bit ELF file (System V ABI, gABI chapter 5: program header, dynamic section).
 *
 * @param interpreter absolute path of the program that loads it; empty for libraries and for what
 *     is linked statically
 * @param libraries file names, in their order
 */
public record ElfNeeds(String interpreter, List<String> libraries) {
  private static final int HEADER = 64;
  private static final int MAGIC = 0x464c457f;
  private static final int PROGRAM_HEADER = 56;
  private static final int MAX_PROGRAM_HEADERS = 1024;
  private static final int MAX_TEXT = 4096;
  private static final int MAX_LIBRARIES = 256;
  private static final int LOAD = 1;
  private static final int DYNAMIC = 2;
  private static final int INTERPRETER = 3;
  private static final int DYNAMIC_ENTRY = 16;
  private static final int NEEDED = 1;
  private static final int STRING_TABLE = 5;

  /** Copies the list in. */
  public ElfNeeds {
    libraries = List.copyOf(libraries);
  }

  /**
   * Reads a file.
   *
   * @param path for messages
   * @throws DiskException if it is no 64-bit ELF file with its lowest byte first, or is damaged
   */
  public static ElfNeeds read(String path, byte[] elf) throws DiskException {
    try {
      return new Reader(elf).read();
    } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
      throw new DiskException("the program or library " + path + " is damaged: " + e.getMessage());
    }
  }

  /** One part of the file as it is in memory. */
  private record Segment(int type, long offset, long address, long length) {}

  private static final class Reader {
    private final byte[] elf;
    private final ByteBuffer file;
    private final List<Segment> segments = new ArrayList<>();

    Reader(byte[] elf) {
      this.elf = elf;
      this.file = ByteBuffer.wrap(elf).order(ByteOrder.LITTLE_ENDIAN);
    }

    ElfNeeds read() {
      if (elf.length < HEADER || file.getInt(0) != MAGIC || elf[4] != 2 || elf[5] != 1) {
        throw new IllegalArgumentException("it is no 64-bit ELF file");
      }
      readSegments();
      String interpreter = "";
      List<String> libraries = List.of();
      for (Segment each : segments) {
        if (each.type() == INTERPRETER) {
          interpreter = text(each.offset());
        } else if (each.type() == DYNAMIC) {
          libraries = libraries(each);
        }
      }
      return new ElfNeeds(interpreter, libraries);
    }

    private void readSegments() {
      int table = index(file.getLong(0x20), elf.length);
      int count = file.getShort(0x38) & 0xffff;
      if (count > MAX_PROGRAM_HEADERS || (count > 0 && file.getShort(0x36) != PROGRAM_HEADER)) {
        throw new IllegalArgumentException("its program headers have another form");
      }
      for (int i = 0; i < count; i++) {
        int at = index(table + (long) i * PROGRAM_HEADER, elf.length - PROGRAM_HEADER);
        int offset = index(file.getLong(at + 8), elf.length);
        int length = index(file.getLong(at + 32), elf.length - offset);
        segments.add(new Segment(file.getInt(at), offset, file.getLong(at + 16), length));
      }
    }

    private List<String> libraries(Segment dynamic) {
      long strings = -1;
      List<Long> names = new ArrayList<>();
      for (long i = 0; i + DYNAMIC_ENTRY <= dynamic.length(); i += DYNAMIC_ENTRY) {
        int at = (int) (dynamic.offset() + i);
        long tag = file.getLong(at);
        if (tag == 0) {
          break;
        } else if (tag == NEEDED) {
          names.add(file.getLong(at + 8));
          if (names.size() > MAX_LIBRARIES) {
            throw new IllegalArgumentException(
                "it needs more than " + MAX_LIBRARIES + " libraries");
          }
        } else if (tag == STRING_TABLE) {
          strings = file.getLong(at + 8);
        }
      }
      List<String> all = new ArrayList<>();
      for (long name : names) {
        String text = text(offset(strings) + index(name, elf.length));
        if (text.isEmpty() || text.indexOf('/') >= 0 || text.equals(".") || text.equals("..")) {
          throw new IllegalArgumentException("it needs a library by a path: " + text);
        }
        all.add(text);
      }
      return all;
    }

    /** Where in the file an address is. */
    private long offset(long address) {
      for (Segment each : segments) {
        long inside = address - each.address();
        if (each.type() == LOAD && inside >= 0 && inside < each.length()) {
          return each.offset() + inside;
        }
      }
      throw new IllegalArgumentException("its names are not in the file");
    }

    private String text(long from) {
      int start = index(from, elf.length);
      int end = start;
      while (elf[end] != 0) {
        end++;
        if (end - start > MAX_TEXT) {
          throw new IllegalArgumentException("a name in it has no end");
        }
      }
      return new String(elf, start, end - start, StandardCharsets.ISO_8859_1);
    }

    private static int index(long value, long limit) {
      if (value < 0 || value > limit) {
        throw new IllegalArgumentException("it points outside itself");
      }
      return (int) value;
    }
  }
}
