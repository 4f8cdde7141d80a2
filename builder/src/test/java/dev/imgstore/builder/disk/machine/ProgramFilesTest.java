package dev.imgstore.builder.disk.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.builder.disk.Block;
import dev.imgstore.builder.disk.DiskException;
import dev.imgstore.builder.tree.TreeEditor;
import dev.imgstore.model.Bytes;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Node;
import dev.imgstore.model.TreePath;
import dev.imgstore.testkit.MemoryBlobStore;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a program takes with it out of an image. */
class ProgramFilesTest {
  private static final String TRIPLET = "x86_64-linux-gnu";
  private static final TreePath PROGRAM = TreePath.of("sbin/tool");

  private final TreeEditor tree = TreeEditor.empty(new MemoryBlobStore());

  /** A program that is loaded at 4096 (gABI chapter 5). */
  private static byte[] elf(String interpreter, String... libraries) {
    int headers = 64 + 3 * 56;
    int names = headers + 256;
    int dynamic = names + 1024;
    Block out = Block.little(dynamic + 16 * (libraries.length + 2));
    out.u32(0x464c457f).u8(2).u8(1).u8(1).at(0x20).u64(64).at(0x36).u16(56).u16(3);
    int[] types = {1, interpreter.isEmpty() ? 0 : 3, 2};
    int[] offsets = {0, headers, dynamic};
    int[] lengths = {out.array().length, interpreter.length() + 1, 16 * (libraries.length + 2)};
    for (int i = 0; i < 3; i++) {
      out.at(64 + 56 * i).u32(types[i]).u32(0).u64(offsets[i]).u64(4096 + offsets[i]).u64(0);
      out.u64(lengths[i]).u64(lengths[i]);
    }
    out.at(headers).ascii(interpreter);
    int name = 1;
    for (int i = 0; i < libraries.length; i++) {
      out.at(names + name).ascii(libraries[i]).at(dynamic + 16 * i).u64(1).u64(name);
      name += libraries[i].length() + 1;
    }
    return out.at(dynamic + 16 * libraries.length).u64(5).u64(4096 + names).array();
  }

  private void put(String path, byte[] bytes) throws IOException {
    tree.putFile(TreePath.of(path), bytes, Meta.of(0755, 0, 0));
  }

  private void link(String path, String target) throws IOException {
    tree.put(TreePath.of(path), new Node.Symlink(Bytes.utf8(target), Meta.of(0777, 0, 0)));
  }

  private String refusal() {
    return String.valueOf(
        assertThrows(
                DiskException.class, () -> ProgramFiles.of(tree, TRIPLET, PROGRAM, "sbin/tool"))
            .getMessage());
  }

  @Test
  void librariesOfLibrariesComeAlongThroughLinks() throws IOException {
    link("lib", "usr/lib");
    link("lib64", "usr/lib64");
    link("sbin", "usr/sbin");
    put("usr/sbin/tool", elf("/lib64/ld.so.2", "libone.so.1", "libc.so.6"));
    put("usr/lib64/ld.so.2", elf(""));
    put("usr/lib/x86_64-linux-gnu/libone.so.1.2.3", elf("", "libtwo.so", "libc.so.6"));
    link("usr/lib/x86_64-linux-gnu/libone.so.1", "libone.so.1.2.3");
    put("usr/lib/libtwo.so", elf("", "libone.so.1", "ld.so.2"));
    put("usr/lib/x86_64-linux-gnu/libc.so.6", elf("", "ld.so.2"));
    put("usr/lib/libc.so.6", elf("", "libother.so"));
    assertEquals(
        List.of("lib/libc.so.6", "lib/libone.so.1", "lib/libtwo.so", "lib64/ld.so.2", "sbin/tool"),
        List.copyOf(ProgramFiles.of(tree, TRIPLET, PROGRAM, "sbin/tool").keySet()));
  }

  @Test
  void aMissingLibraryIsNamedWithWhatHelps() throws IOException {
    put("sbin/tool", elf("", "libgone.so.1"));
    String said = refusal();
    assertTrue(said.contains("sbin/tool") && said.contains("libgone.so.1"), said);
    assertTrue(said.contains("`packages`"), said);
  }

  @Test
  void aLoaderThatNamesItselfIsTakenOnce() throws IOException {
    put("sbin/tool", elf("/lib64/ld.so"));
    put("lib64/ld.so", elf("/lib64/ld.so"));
    assertEquals(
        List.of("lib64/ld.so", "sbin/tool"),
        List.copyOf(ProgramFiles.of(tree, TRIPLET, PROGRAM, "sbin/tool").keySet()));
  }

  @Test
  void whatFillsMemoryIsRefused() throws IOException {
    put("sbin/tool", elf("", "a.so", "b.so"));
    byte[] large = Arrays.copyOf(elf(""), 17 << 20);
    put("lib/a.so", large);
    put("lib/b.so", large);
    assertTrue(refusal().contains("32 MiB"), refusal());
  }

  @Test
  void oddNamesAndNonProgramsAreRefused() throws IOException {
    for (String odd : List.of("relative/ld.so", "/lib/../ld.so", "/lib//ld.so", "/")) {
      put("sbin/tool", elf(odd));
      assertTrue(refusal().contains("odd name"), odd);
    }
    put("sbin/tool", elf("", ".hidden"));
    assertTrue(refusal().contains("odd name"));
    put("sbin/tool", elf("", "l".repeat(300)));
    assertTrue(refusal().contains("odd name"));
    put("sbin/tool", elf("/lib64/gone.so"));
    assertTrue(refusal().contains("/lib64/gone.so"), refusal());
    put("sbin/tool", new byte[] {'#', '!'});
    assertTrue(refusal().contains("no 64-bit ELF file"));
  }
}
