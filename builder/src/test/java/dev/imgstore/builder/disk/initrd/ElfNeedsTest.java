package dev.imgstore.builder.disk.initrd;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.imgstore.builder.disk.Block;
import dev.imgstore.builder.disk.DiskException;
import dev.imgstore.builder.disk.Judge;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ElfNeedsTest {
  private static final String LOADER = "/lib64/ld-linux-x86-64.so.2";

  @TempDir Path directory;

  /** A program with all that is read of one: it is loaded at 4096. */
  static byte[] elf(String interpreter, String... libraries) {
    int headers = 64 + 3 * 56;
    int names = headers + 256;
    int dynamic = names + 1024;
    Block out = Block.little(dynamic + 16 * (libraries.length + 2));
    out.u32(0x464c457f).u8(2).u8(1).u8(1).at(0x20).u64(64);
    out.at(0x36).u16(56).u16(3);
    segment(out, 0, 1, 0, out.array().length);
    segment(out, 1, interpreter.isEmpty() ? 0 : 3, headers, interpreter.length() + 1);
    segment(out, 2, 2, dynamic, 16 * (libraries.length + 2));
    out.at(headers).ascii(interpreter);
    int name = 1;
    for (int i = 0; i < libraries.length; i++) {
      out.at(names + name).ascii(libraries[i]);
      out.at(dynamic + 16 * i).u64(1).u64(name);
      name += libraries[i].length() + 1;
    }
    return out.at(dynamic + 16 * libraries.length).u64(5).u64(4096 + names).array();
  }

  private static void segment(Block out, int index, int type, int offset, int length) {
    out.at(64 + 56 * index).u32(type).u32(0).u64(offset).u64(4096 + offset).u64(0);
    out.u64(length).u64(length);
  }

  @Test
  void aProgramNamesItsInterpreterAndLibraries() throws IOException {
    ElfNeeds needs = ElfNeeds.read("p", elf(LOADER, "libc.so.6", "libm.so.6"));
    assertEquals(new ElfNeeds(LOADER, List.of("libc.so.6", "libm.so.6")), needs);
    assertEquals(new ElfNeeds("", List.of()), ElfNeeds.read("p", elf("")));
  }

  /** binutils as the judge of programs of this machine. */
  @Test
  void realProgramsAreReadAsOthersReadThem() throws Exception {
    int seen = 0;
    for (String path : List.of("/bin/ls", "/usr/bin/curl", "/bin/busybox", "/usr/sbin/dmsetup")) {
      Path file = Path.of(path);
      if (Files.isExecutable(file)) {
        List<String> said =
            new Judge(directory)
                .run("objdump", "-p", path)
                .lines()
                .filter(line -> line.contains("NEEDED"))
                .map(line -> line.replaceAll(".*NEEDED *", ""))
                .toList();
        assertEquals(said, ElfNeeds.read(path, Files.readAllBytes(file)).libraries(), path);
        seen++;
      }
    }
    assumeTrue(seen > 0, "this machine has no such programs");
  }

  @Test
  void whatIsDamagedIsRefusedByName() {
    byte[] good = elf(LOADER, "libc.so.6");
    for (int length = 0; length < good.length - 16; length += 7) {
      byte[] cut = Arrays.copyOf(good, length);
      String said =
          String.valueOf(
              assertThrows(DiskException.class, () -> ElfNeeds.read("/sbin/p", cut)).getMessage());
      assertTrue(said.contains("/sbin/p"), said);
    }
    for (int at : new int[] {0, 4, 5, 0x27, 0x36, 0x39, 64 + 56 + 15, 64 + 112 + 15}) {
      byte[] odd = good.clone();
      odd[at] = (byte) 0xfe;
      assertThrows(DiskException.class, () -> ElfNeeds.read("p", odd), "byte " + at);
    }
    assertThrows(DiskException.class, () -> ElfNeeds.read("p", elf(LOADER, "../evil.so")));
    assertThrows(DiskException.class, () -> ElfNeeds.read("p", elf(LOADER, "..")));
    String[] many = Collections.nCopies(257, "a").toArray(String[]::new);
    assertThrows(DiskException.class, () -> ElfNeeds.read("p", elf(LOADER, many)));
    assertEquals(
        256,
        assertDoesNotThrow(() -> ElfNeeds.read("p", elf(LOADER, Arrays.copyOf(many, 256))))
            .libraries()
            .size());
  }
}
