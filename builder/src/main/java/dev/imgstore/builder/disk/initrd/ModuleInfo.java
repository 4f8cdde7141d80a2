package dev.imgstore.builder.disk.initrd;

import dev.imgstore.builder.disk.DiskException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a module says of itself in its section {@code .modinfo}: lines of key and value. Read with
 * bounds out of a 64-bit ELF file (System V ABI, gABI chapter 4).
 */
record ModuleInfo(List<String> needs, List<String> wants, List<String> aliases) {
  private static final int HEADER = 64;
  private static final int SECTION = 64;
  private static final int MAGIC = 0x464c457f;
  private static final int MAX_SECTIONS = 65_536;
  private static final String NAME = ".modinfo";

  /** Copies the lists in. */
  ModuleInfo {
    needs = List.copyOf(needs);
    wants = List.copyOf(wants);
    aliases = List.copyOf(aliases);
  }

  /** Reads a module that is not compressed. */
  static ModuleInfo read(String path, byte[] elf) throws DiskException {
    try {
      return of(section(elf));
    } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
      throw new DiskException("the kernel module " + path + " is damaged: " + e.getMessage());
    }
  }

  private static byte[] section(byte[] elf) {
    ByteBuffer file = ByteBuffer.wrap(elf).order(ByteOrder.LITTLE_ENDIAN);
    if (elf.length < HEADER || file.getInt(0) != MAGIC || elf[4] != 2 || elf[5] != 1) {
      throw new IllegalArgumentException("it is no 64-bit ELF file");
    }
    int table = index(file.getLong(0x28), elf.length);
    int count = file.getShort(0x3c) & 0xffff;
    int names = table + (file.getShort(0x3e) & 0xffff) * SECTION;
    if (file.getShort(0x3a) != SECTION || count > MAX_SECTIONS) {
      throw new IllegalArgumentException("its section table has another form");
    }
    index(table + (long) count * SECTION, elf.length);
    int strings = index(file.getLong(names + 24), elf.length);
    for (int i = 0; i < count; i++) {
      int header = table + i * SECTION;
      int name = Math.addExact(strings, index(file.getInt(header), elf.length));
      if (isNamed(elf, name)) {
        int from = index(file.getLong(header + 24), elf.length);
        int length = index(file.getLong(header + 32), elf.length - from);
        return Arrays.copyOfRange(elf, from, from + length);
      }
    }
    throw new IllegalArgumentException("it has no section " + NAME);
  }

  private static boolean isNamed(byte[] elf, int at) {
    byte[] wanted = (NAME + "\0").getBytes(StandardCharsets.US_ASCII);
    return at + wanted.length <= elf.length
        && Arrays.equals(elf, at, at + wanted.length, wanted, 0, wanted.length);
  }

  private static int index(long value, int limit) {
    if (value < 0 || value > limit) {
      throw new IllegalArgumentException("it points outside itself");
    }
    return (int) value;
  }

  private static ModuleInfo of(byte[] section) {
    List<String> needs = new ArrayList<>();
    List<String> wants = new ArrayList<>();
    List<String> aliases = new ArrayList<>();
    for (String line : new String(section, StandardCharsets.ISO_8859_1).split("\0", -1)) {
      if (line.startsWith("depends=")) {
        words(line, ",").map(ModuleInfo::canonical).forEach(needs::add);
      } else if (line.startsWith("softdep=")) {
        wants.addAll(before(words(line, "\\s+").toList()));
      } else if (line.startsWith("alias=")) {
        words(line, "\0").forEach(aliases::add);
      }
    }
    return new ModuleInfo(needs, wants, aliases);
  }

  private static Stream<String> words(String line, String separator) {
    String value = line.substring(line.indexOf('=') + 1);
    return Arrays.stream(value.split(separator, -1)).filter(word -> !word.isEmpty());
  }

  /** modprobe.d(5): "softdep NAME pre: ... post: ...", here without the name. */
  private static List<String> before(List<String> words) {
    List<String> wants = new ArrayList<>();
    boolean pre = false;
    for (String word : words) {
      if (word.endsWith(":")) {
        pre = word.equals("pre:");
      } else if (pre) {
        wants.add(canonical(word));
      }
    }
    return wants;
  }

  /** Names of modules with - and with _ are the same to the kernel. */
  static String canonical(String name) {
    return name.replace('-', '_');
  }
}
