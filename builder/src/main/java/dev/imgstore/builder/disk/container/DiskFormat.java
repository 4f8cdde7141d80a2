package dev.imgstore.builder.disk.container;

import dev.imgstore.model.Digest;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Executor;

/** The kinds of file, by the names under which people ask for them. */
public enum DiskFormat {
  /** The bytes as they are. */
  RAW("raw", ".raw", ".img"),
  /** QEMU's, clusters compressed with zstd; QEMU 5.1 and later read it. */
  QCOW2("qcow2", ".qcow2"),
  /** QEMU's, clusters compressed with deflate, for older readers. */
  QCOW2_ZLIB("qcow2-zlib"),
  /** QEMU's, not compressed. */
  QCOW2_PLAIN("qcow2-plain"),
  /** VMware's streamOptimized. */
  VMDK("vmdk", ".vmdk"),
  /** Microsoft's older one, of blocks. */
  VHD("vhd", ".vhd", ".vpc"),
  /** Microsoft's older one, with the bytes as they are: what Azure takes. */
  VHD_FIXED("vhd-fixed"),
  /** Hyper-V's. */
  VHDX("vhdx", ".vhdx"),
  /** VirtualBox's. */
  VDI("vdi", ".vdi"),
  /** A VMDK with the description of a machine. */
  OVA("ova", ".ova"),
  /** A Vagrant box for libvirt. */
  VAGRANT_LIBVIRT("vagrant-libvirt"),
  /** A Vagrant box for VirtualBox. */
  VAGRANT_VIRTUALBOX("vagrant-virtualbox");

  private final String text;
  private final String endings;

  DiskFormat(String text, String... endings) {
    this.text = text;
    this.endings = String.join(" ", endings);
  }

  /** The name on a command line. */
  public String text() {
    return text;
  }

  /** The format of this name. */
  public static Optional<DiskFormat> named(String text) {
    return Arrays.stream(values()).filter(format -> format.text.equals(text)).findFirst();
  }

  /** The format that a file's name stands for by its ending. */
  public static Optional<DiskFormat> ofFile(String fileName) {
    String name = fileName.toLowerCase(Locale.ROOT);
    return Arrays.stream(values())
        .filter(
            format ->
                Arrays.stream(format.endings.split(" ", -1))
                    .filter(ending -> !ending.isEmpty())
                    .anyMatch(name::endsWith))
        .findFirst();
  }

  /**
   * The container of this format.
   *
   * @param seed every identifier in the file comes from it
   * @param machine what an appliance runs in; the plain disks do not say
   * @param pool helps to compress; the calling thread may be one of it. Never shows in the bytes
   */
  public Container container(Digest seed, Machine machine, Executor pool) {
    return switch (this) {
      case RAW -> new RawContainer();
      case QCOW2 -> new QcowContainer(QcowContainer.Compression.ZSTD, pool);
      case QCOW2_ZLIB -> new QcowContainer(QcowContainer.Compression.ZLIB, pool);
      case QCOW2_PLAIN -> new QcowContainer(QcowContainer.Compression.NONE, pool);
      case VMDK -> new VmdkContainer(seed, pool);
      case VHD -> new VhdContainer(seed, true);
      case VHD_FIXED -> new VhdContainer(seed, false);
      case VHDX -> new VhdxContainer(seed);
      case VDI -> new VdiContainer(seed);
      case OVA -> new OvaContainer(seed, machine, pool);
      case VAGRANT_LIBVIRT -> VagrantBox.libvirt(machine, pool);
      case VAGRANT_VIRTUALBOX -> VagrantBox.virtualBox(seed, machine, pool);
    };
  }
}
