package dev.imgstore.builder.recipe;

import dev.imgstore.builder.json.CanonicalObject;
import java.util.List;
import java.util.Set;

/**
 * What a machine's disk is like when an image is put on one. It is part of the image, as the label
 * {@link #LABEL}: so it is pinned with it, and an image that came from a registry can be a disk.
 *
 * @param boot what starts the machine; sorted, at least one
 * @param cmdline words for the kernel, besides those that name the root
 * @param size of the whole disk in bytes, 0 for what its content needs and {@code free}
 * @param free bytes of the root file system that nothing takes, where {@code size} is 0
 * @param swap bytes of the partition to swap to, 0 for none
 * @param partitions further ones, sorted by where they are mounted
 * @param initrd what the kernel starts with
 * @param marker what the console shows when the machine is up; empty for what systemd and login say
 * @param root how the root is mounted
 */
public record DiskConfig(
    List<Starter> boot,
    String cmdline,
    long size,
    long free,
    long swap,
    List<Partition> partitions,
    Initrd initrd,
    String marker,
    Root root) {
  /** Where an image says it, as the text of {@link #toString}. */
  public static final String LABEL = "dev.imgstore.disk";

  /** The partition that is mounted at the root, as its label on the disk. */
  public static final String ROOT = "root";

  /** The partition to swap to, as its label on the disk. */
  public static final String SWAP = "swap";

  /** The partition that UEFI starts from, as its label on the disk. */
  public static final String FIRMWARE = "esp";

  /** The partition that a BIOS starts from, as its label on the disk. */
  public static final String BIOS = "bios";

  /** The partition that proves the root, if it is verified, as its label on the disk. */
  public static final String HASHES = "root-verity";

  /** Labels of partitions that the recipe does not list. */
  static final Set<String> OWN = Set.of(ROOT, SWAP, FIRMWARE, BIOS);

  private static final int FORMAT = 1;

  /** What starts the machine. */
  public enum Starter {
    /** Firmware of today. */
    UEFI,
    /** That of a PC before it. */
    BIOS
  }

  /** What the kernel starts with. */
  public enum Initrd {
    /** Made when the disk is: the modules that a root needs, and nothing else. */
    OWN,
    /** The one that a package of the image made. */
    PACKAGED
  }

  /** How the root is mounted. */
  public enum Root {
    /** As ext4 that the machine may write. */
    WRITABLE,
    /** Read-only, and each block is proved by dm-verity when it is read. */
    VERITY
  }

  /**
   * A partition of its own, which keeps what it holds when the others are replaced.
   *
   * @param mount an absolute path, not the root
   * @param size in bytes
   */
  public record Partition(String mount, long size) {
    /** Its label on the disk: the path with dashes, at most 36 characters (UEFI 2.10, 5.3.3). */
    public String label() {
      String dashes = mount.substring(1).replace('/', '-');
      return dashes.substring(0, Math.min(36, dashes.length()));
    }
  }

  /** Copies in and sorts; refuses a disk that nothing starts. */
  public DiskConfig {
    boot = boot.stream().distinct().sorted().toList();
    if (boot.isEmpty()) {
      throw new IllegalArgumentException("nothing starts this disk");
    }
    partitions =
        partitions.stream().sorted((one, other) -> one.mount().compareTo(other.mount())).toList();
  }

  /** JSON, the same for the same disk. */
  @Override
  public String toString() {
    List<CanonicalObject> all =
        partitions.stream()
            .map(
                each ->
                    new CanonicalObject().text("mount", each.mount()).number("size", each.size()))
            .toList();
    CanonicalObject text =
        new CanonicalObject()
            .number("format", FORMAT)
            .texts("boot", boot.stream().map(DiskPart::word).toList())
            .text("cmdline", cmdline)
            .number("size", size)
            .number("free", free)
            .number("swap", swap)
            .objects("partitions", all)
            .text("initrd", DiskPart.word(initrd))
            .text("marker", marker);
    if (root != Root.WRITABLE) {
      text.text("root", DiskPart.word(root)); // absent, so that other images keep their digests
    }
    return text.toString();
  }

  /**
   * Reads the text of a label.
   *
   * @throws IllegalArgumentException if it is none, or of a later version, saying so
   */
  public static DiskConfig parse(String label) {
    return DiskLabel.parse(label);
  }
}
