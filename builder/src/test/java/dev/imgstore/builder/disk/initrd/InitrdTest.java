package dev.imgstore.builder.disk.initrd;

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
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

class InitrdTest {
  @TempDir Path directory;
  private final SortedMap<String, byte[]> files = new TreeMap<>();
  private final ModuleFiles modules =
      new ModuleFiles() {
        @Override
        public SortedSet<String> paths() {
          return Collections.unmodifiableSortedSet(new TreeSet<>(files.keySet()));
        }

        @Override
        public byte[] read(String path) throws IOException {
          byte[] bytes = files.get(path);
          if (bytes == null) {
            throw new IOException(path);
          }
          return bytes;
        }
      };

  /** A relocatable ELF file of a header, the section in question, and a table of three sections. */
  private static byte[] module(String... lines) {
    byte[] info = (String.join("\0", lines) + "\0").getBytes(StandardCharsets.US_ASCII);
    byte[] names = "\0.modinfo\0.shstrtab\0".getBytes(StandardCharsets.US_ASCII);
    int table = 64 + info.length + names.length;
    Block elf = Block.little(table + 3 * 64).u32(0x464c457f).u8(2).u8(1).u8(1);
    elf.at(0x28).u64(table).at(0x3a).u16(64).u16(3).u16(2);
    elf.at(64).bytes(info).bytes(names);
    elf.at(table + 64).u32(1).u32(1).at(table + 64 + 24).u64(64).u64(info.length);
    elf.at(table + 128).u32(10).u32(3).at(table + 128 + 24).u64(64 + info.length).u64(names.length);
    return elf.array();
  }

  private static byte[] xz(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (XZOutputStream xz = new XZOutputStream(out, new LZMA2Options(1))) {
      xz.write(bytes);
    }
    return out.toByteArray();
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    }
    return out.toByteArray();
  }

  private void kernelOfDebian() throws IOException {
    files.put("modules.builtin", "kernel/fs/nls/nls_base.ko\n".getBytes(StandardCharsets.US_ASCII));
    files.put(
        "kernel/fs/ext4/ext4.ko.xz",
        xz(module("license=GPL", "softdep=pre: crc32c", "depends=mbcache,jbd2,nls_base,crc16")));
    files.put("kernel/fs/jbd2/jbd2.ko", module("depends="));
    files.put("kernel/fs/mbcache.ko.gz", gzip(module("depends=")));
    files.put("kernel/lib/crc16.ko", module("depends="));
    files.put("kernel/crypto/crc32c_generic.ko", module("alias=crc32c", "alias=crypto-crc32c"));
    files.put("kernel/arch/x86/crypto/crc32c-intel.ko", module("alias=crc32c", "depends="));
    files.put("kernel/drivers/block/virtio_blk.ko", module("depends=virtio-ring"));
    files.put("kernel/drivers/virtio/virtio_ring.ko", module("depends=virtio"));
    files.put("kernel/drivers/virtio/virtio.ko", module("depends="));
    files.put("kernel/net/other.ko", new byte[] {1});
  }

  private List<String> select(List<String> required, List<String> useful) throws IOException {
    return List.copyOf(KernelModules.select(modules, required, useful).keySet());
  }

  @Test
  void modulesThatFillMemoryAreRefused() {
    byte[] large = Arrays.copyOf(module("depends="), 33 << 20);
    for (String name : List.of("a", "b", "c")) {
      files.put("kernel/" + name + ".ko", large);
    }
    String said =
        String.valueOf(
            assertThrows(DiskException.class, () -> select(List.of("a", "b", "c"), List.of()))
                .getMessage());
    assertTrue(said.contains("96 MiB, at kernel/c.ko"), said);
  }

  @Test
  void whatAModuleNeedsComesBeforeIt() throws IOException {
    kernelOfDebian();
    assertEquals(
        List.of(
            "virtio",
            "virtio_ring",
            "virtio_blk",
            "crc32c_generic",
            "crc32c_intel",
            "mbcache",
            "jbd2",
            "crc16",
            "ext4"),
        select(List.of("ext4"), List.of("virtio-blk", "not_here", "nls_base")));
  }

  @Test
  void compressedModulesAreTakenPlain() throws IOException {
    kernelOfDebian();
    byte[] ext4 = KernelModules.select(modules, List.of("ext4"), List.of()).get("ext4");
    assertArrayEquals(
        module("license=GPL", "softdep=pre: crc32c", "depends=mbcache,jbd2,nls_base,crc16"), ext4);
  }

  private String refusal(String... required) {
    return String.valueOf(
        assertThrows(DiskException.class, () -> select(List.of(required), List.of())).getMessage());
  }

  @Test
  void aMissingModuleIsNamedWithWhoNeedsIt() throws IOException {
    kernelOfDebian();
    files.remove("kernel/fs/jbd2/jbd2.ko");
    String said = refusal("ext4");
    assertTrue(said.contains("no module jbd2, which ext4 needs"), said);
    assertTrue(refusal("zfs").contains("no module zfs"), refusal("zfs"));
  }

  @Test
  void damagedModulesAreNamed() {
    byte[] good = module("depends=");
    for (int cut = 0; cut < good.length; cut++) {
      files.put("kernel/a.ko", Arrays.copyOf(good, cut));
      assertTrue(refusal("a").contains("kernel/a.ko is damaged"), "cut at " + cut);
    }
    for (int at : List.of(0, 4, 5, 0x2f, 0x3a, 0x3f)) {
      byte[] bad = good.clone();
      bad[at] ^= 0x7f;
      files.put("kernel/a.ko", bad);
      assertTrue(refusal("a").contains("kernel/a.ko is damaged"), () -> "byte " + at);
    }
    files.put("kernel/b.ko.xz", new byte[] {1, 2, 3});
    assertTrue(refusal("b").contains("kernel/b.ko.xz is damaged"), refusal("b"));
  }

  @Test
  void modulesThatNeedEachOtherEnd() throws IOException {
    files.put("kernel/a.ko", module("depends=b"));
    files.put("kernel/b.ko", module("depends=a"));
    assertEquals(List.of("b", "a"), select(List.of("a"), List.of()));
  }

  private Volume initrd() throws IOException {
    kernelOfDebian();
    Volume busybox = BytesVolume.of(Volumes.noise(1, 1001));
    return Initrd.of(busybox, modules, List.of("ext4"), List.of("virtio_blk"));
  }

  @Test
  void theSamePartsGiveTheSameBytes() throws IOException {
    assertArrayEquals(Volumes.bytes(initrd()), Volumes.bytes(initrd()));
  }

  @Test
  @Tag("tools")
  void busyboxUnpacksIt() throws Exception {
    Judge judge = new Judge(directory);
    Volumes.toFile(initrd(), directory.resolve("initrd"));
    String listed = judge.run("busybox", "cpio", "-tv", "-F", "initrd");
    assertTrue(listed.contains("dev/console"), listed);
    judge.ask("busybox", "cpio", "-id", "-F", "initrd", "bin/*", "modules/*", "init");
    assertArrayEquals(Volumes.noise(1, 1001), Files.readAllBytes(directory.resolve("bin/busybox")));
    List<String> order = Files.readAllLines(directory.resolve("modules/order"));
    assertEquals("ext4.ko", order.get(order.size() - 1));
    for (String module : order) {
      assertTrue(Files.size(directory.resolve("modules").resolve(module)) > 64, module);
    }
    assertTrue(Files.isExecutable(directory.resolve("init")));
    judge.run("busybox", "sh", "-n", "init");
  }
}
