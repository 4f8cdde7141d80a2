package dev.imgstore.builder.disk.container;

import dev.imgstore.builder.disk.Volume;
import dev.imgstore.builder.pack.Json;
import dev.imgstore.model.Digest;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executor;

/**
 * A Vagrant box (Vagrant, "Box File Format"): a tar, which the format allows beside compressed
 * ones; the disk in it is compressed already.
 */
final class VagrantBox {
  private static final long GIB = 1 << 30;

  private VagrantBox() {}

  /** For the provider libvirt: metadata, a Vagrantfile, and a qcow2 that older QEMUs read too. */
  static Container libvirt(Machine machine, Executor pool) {
    return (disk, out) -> {
      TarFile tar = new TarFile(out);
      tar.add("metadata.json", libvirtMetadata(disk));
      tar.add("Vagrantfile", vagrantfile("libvirt", settings(machine, "libvirt")));
      QcowContainer inside = new QcowContainer(QcowContainer.Compression.ZLIB, pool);
      tar.add("box.img", sink -> inside.write(disk, sink));
      return tar.end();
    };
  }

  /** For the provider virtualbox: metadata, a Vagrantfile, an OVF and its VMDK. */
  static Container virtualBox(Digest seed, Machine machine, Executor pool) {
    return (disk, out) -> {
      String name = "box-disk1.vmdk";
      TarFile tar = new TarFile(out);
      tar.add("metadata.json", metadata("virtualbox"));
      tar.add("Vagrantfile", vagrantfile("virtualbox", settings(machine, "virtualbox")));
      int room = OvfDescriptor.of(seed, machine, name, Long.MAX_VALUE, disk.size()).length;
      long at = tar.reserve(room);
      long size = tar.add(name, sink -> new VmdkContainer(seed, pool).write(disk, sink));
      byte[] ovf = OvfDescriptor.of(seed, machine, name, size, disk.size());
      tar.put(at, "box.ovf", OvaContainer.filled(ovf, room));
      return tar.end();
    };
  }

  private static byte[] metadata(String provider) {
    return Json.write(
        json -> {
          json.writeStartObject();
          json.writeStringField("provider", provider);
          json.writeEndObject();
        });
  }

  /** What vagrant-libvirt asks for; the size is in GiB, rounded up. */
  private static byte[] libvirtMetadata(Volume disk) {
    return Json.write(
        json -> {
          json.writeStartObject();
          json.writeStringField("provider", "libvirt");
          json.writeStringField("format", "qcow2");
          json.writeNumberField("virtual_size", (disk.size() + GIB - 1) / GIB);
          json.writeEndObject();
        });
  }

  private static String settings(Machine machine, String provider) {
    boolean efi = machine.firmware() == Machine.Firmware.EFI;
    String size =
        "    machine.memory = "
            + machine.memoryMib()
            + "\n"
            + ("    machine.cpus = " + machine.processors() + "\n");
    if (!efi) {
      return size;
    }
    return provider.equals("libvirt")
        ? size + "    machine.loader = \"/usr/share/OVMF/OVMF_CODE.fd\"\n"
        : size + "    machine.customize [\"modifyvm\", :id, \"--firmware\", \"efi\"]\n";
  }

  private static byte[] vagrantfile(String provider, String settings) {
    String text =
        "Vagrant.configure(\"2\") do |config|\n"
            + ("  config.vm.provider :" + provider + " do |machine|\n" + settings + "  end\n")
            + "  config.vm.synced_folder \".\", \"/vagrant\", disabled: true\nend\n";
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
