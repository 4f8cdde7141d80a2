package dev.imgstore.cli;

import dev.imgstore.builder.disk.Block;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What a disk is made of, as files beside a recipe: nothing that would run, all that is looked at.
 */
final class FakeMachine {
  private static final int HEADERS = 1024;

  private FakeMachine() {}

  /** A recipe of a machine with these lines under {@code disk}. */
  static void recipe(Desk desk, String name, String disk) throws IOException {
    Path root = desk.path(name + "/root");
    put(root.resolve("boot/vmlinuz-6.1.0-9-cloud"), kernel());
    put(root.resolve("boot/vmlinuz-6.1.0-10-cloud"), kernel());
    put(
        root.resolve("boot/initrd.img-6.1.0-10-cloud"),
        "070701 an initrd".getBytes(StandardCharsets.UTF_8));
    put(root.resolve("usr/lib/systemd/boot/efi/linuxx64.efi.stub"), stub());
    put(root.resolve("usr/lib/modules/6.1.0-10-cloud/modules.dep"), new byte[0]);
    put(root.resolve("etc/os-release"), "ID=test\n".getBytes(StandardCharsets.UTF_8));
    put(root.resolve("usr/sbin/init"), "#!\n".getBytes(StandardCharsets.UTF_8));
    put(root.resolve("srv/data/kept"), "kept\n".getBytes(StandardCharsets.UTF_8));
    desk.recipe(
        name,
        """
        files:
          - {path: /, from: root}
          - {path: /lib, symlink: usr/lib}
          - {path: /sbin, symlink: usr/sbin}
        disk:
          initrd: packaged
        """
            + disk);
  }

  /** A recipe of a machine with a verified root and these other lines under {@code disk}. */
  static void verified(Desk desk, String name, String disk) throws IOException {
    recipe(desk, name, disk);
    Path root = desk.path(name + "/root");
    put(root.resolve("usr/bin/busybox"), new byte[] {1});
    put(root.resolve("tmp/kept"), new byte[] {1});
    for (String module : List.of("erofs", "dm-mod", "dm-verity", "overlay")) {
      put(root.resolve("usr/lib/modules/6.1.0-10-cloud/kernel/" + module + ".ko"), module());
    }
    Path recipe = desk.path(name + "/recipe.yaml");
    String text = Files.readString(recipe);
    Files.writeString(
        recipe,
        text.replace("  initrd: packaged\n", "  root: verity\n")
            .replace("files:\n", "files:\n  - {path: /bin, symlink: usr/bin}\n"));
  }

  /** Puts a program that needs no library where dmsetup is. */
  static void addSetup(Desk desk, String name) throws IOException {
    Block out = Block.little(64).u32(0x464c457f).u8(2).u8(1).u8(1);
    put(desk.path(name + "/root/usr/sbin/dmsetup"), out.array());
  }

  /** An ELF file with nothing but an empty section of what it says of itself. */
  private static byte[] module() {
    byte[] names = "\0.modinfo\0".getBytes(StandardCharsets.UTF_8);
    int table = 64 + names.length;
    Block elf = Block.little(table + 3 * 64).u32(0x464c457f).u8(2).u8(1);
    elf.at(0x28).u64(table).at(0x3a).u16(64).u16(3).u16(2).at(64).bytes(names);
    elf.at(table + 64).u32(1).u32(1).at(table + 64 + 24).u64(64).u64(0);
    elf.at(table + 128).u32(0).u32(3).at(table + 128 + 24).u64(64).u64(names.length);
    return elf.array();
  }

  private static void put(Path file, byte[] bytes) throws IOException {
    Files.createDirectories(file.getParent());
    Files.write(file, bytes);
  }

  /** The least that UEFI and a BIOS take (boot.rst, "The Real-Mode Kernel Header"). */
  private static byte[] kernel() {
    Block out = Block.little(4096).ascii("MZ a kernel").at(0x1f1).u8(3).at(0x1fe).u16(0xaa55);
    out.at(0x202).ascii("HdrS").u16(0x20f).at(0x211).u8(1).at(0x22c).u32(0x7fff_ffff);
    return out.at(0x238).u32(2047).at(0x258).u64(0x100_0000).u32(0x100_0000).array();
  }

  /** The least that is a PE32+ file (PE Format): headers and one section. */
  private static byte[] stub() {
    Block out = Block.little(HEADERS + 512).ascii("MZ").at(0x3c).u32(0x40);
    out.at(0x40).ascii("PE\0\0").u16(0x8664).u16(1).u32(0).u32(0).u32(0).u16(240).u16(0x206);
    out.u16(0x20b).u16(0).u32(512).u32(0).u32(0).u32(0x1000).u32(0x1000).u64(0);
    out.u32(512).u32(512).u64(0).u64(0).u32(0x1200).u32(HEADERS).u32(0).u16(10).u16(0);
    out.at(0x58 + 108).u32(16);
    out.at(0x58 + 240).ascii(".text").at(0x58 + 248).u32(512).u32(0x1000).u32(512).u32(HEADERS);
    return out.array();
  }
}
