package dev.imgstore.builder.disk.initrd;

import dev.imgstore.builder.disk.BytesVolume;
import dev.imgstore.builder.disk.DiskException;
import dev.imgstore.builder.disk.Volume;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Makes the initial file system: {@code /init} loads the modules, finds the partition that the
 * command line's {@code root=PARTUUID=} names, mounts it and goes on with {@code init=} in it. When
 * it cannot, it says on the console what is missing, and goes on looking.
 */
public final class Initrd {
  /**
   * What reaches the disk on machines one meets: QEMU, clouds, VMware, Hyper-V, Xen, SATA, NVMe.
   */
  public static final List<String> USUAL_MODULES =
      List.of(
          "virtio_pci",
          "virtio_mmio",
          "virtio_blk",
          "virtio_scsi",
          "sd_mod",
          "ahci",
          "ata_piix",
          "nvme",
          "vmw_pvscsi",
          "mptspi",
          "hv_storvsc",
          "xen_blkfront");

  /** What {@code /init} prints before anything else that it says. */
  public static final String MARK = "imgstore: ";

  private static final String SCRIPT = "init.sh";

  private Initrd() {}

  /**
   * What a root that is verified takes besides.
   *
   * @param programs dmsetup and the libraries it needs, by their paths
   * @param blocks of 4096 bytes that are proved
   * @param salt of the hashes, as hexadecimal digits
   * @param memory directories that are kept in memory: over {@code var} lies what is written there
   */
  public record Verity(
      SortedMap<String, Volume> programs, long blocks, String salt, List<String> memory) {
    /** Copies in. */
    public Verity {
      programs = Collections.unmodifiableSortedMap(new TreeMap<>(programs));
      memory = List.copyOf(memory);
    }

    /** What {@code /init} reads: assignments of a shell. */
    private String text() {
      return "blocks="
          + blocks
          + "\nsalt="
          + salt
          + "\nmemory='"
          + String.join(" ", memory)
          + "'\n";
    }
  }

  /**
   * The file system.
   *
   * @param busybox a static busybox with sh, mount, insmod, dd, hexdump, grep, sed and switch_root
   * @param modules of the kernel that will start
   * @param required modules without which there is no starting, such as {@code ext4}
   * @param useful modules that are taken if the kernel has them
   * @throws DiskException if a required module is missing or one is damaged
   */
  public static Volume of(
      Volume busybox, ModuleFiles modules, List<String> required, List<String> useful)
      throws IOException {
    return archive(busybox, modules, required, useful).volume();
  }

  /**
   * The file system for a root that is verified before it is mounted: without a match nothing
   * starts.
   *
   * @param required modules without which there is no starting, such as {@code dm_verity}
   */
  public static Volume of(
      Volume busybox,
      ModuleFiles modules,
      List<String> required,
      List<String> useful,
      Verity verity)
      throws IOException {
    CpioArchive cpio = archive(busybox, modules, required, useful);
    verity.programs().forEach((path, content) -> cpio.program(path, content));
    byte[] text = verity.text().getBytes(StandardCharsets.US_ASCII);
    return cpio.directory("writable", 0755).file("verity", 0644, BytesVolume.of(text)).volume();
  }

  private static CpioArchive archive(
      Volume busybox, ModuleFiles modules, List<String> required, List<String> useful)
      throws IOException {
    CpioArchive cpio = new CpioArchive();
    for (String directory : List.of("bin", "dev", "modules", "proc", "root", "sys")) {
      cpio.directory(directory, 0755);
    }
    cpio.characterDevice("dev/console", 0600, 5, 1);
    cpio.file("bin/busybox", 0755, busybox).link("bin/sh", "busybox");
    cpio.file("init", 0755, BytesVolume.of(script()));
    StringBuilder order = new StringBuilder();
    for (Map.Entry<String, byte[]> module :
        KernelModules.select(modules, required, useful).entrySet()) {
      String file = module.getKey() + ".ko";
      cpio.file("modules/" + file, 0644, BytesVolume.owning(module.getValue()));
      order.append(file).append('\n');
    }
    byte[] list = order.toString().getBytes(StandardCharsets.US_ASCII);
    return cpio.file("modules/order", 0644, BytesVolume.of(list));
  }

  private static byte[] script() throws IOException {
    try (InputStream in = Initrd.class.getResourceAsStream(SCRIPT)) {
      if (in == null) {
        throw new AssertionError(SCRIPT + " belongs to this package");
      }
      return in.readAllBytes();
    }
  }
}
