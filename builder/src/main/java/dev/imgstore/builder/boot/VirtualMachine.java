package dev.imgstore.builder.boot;

import java.util.ArrayList;
import java.util.List;

/**
 * A machine in QEMU that has one disk and nothing else: no network, and nothing written to any
 * file.
 *
 * @param program what starts QEMU, with words before it if it is started by another
 * @param firmware files of UEFI, its code and its variables; none for the BIOS that QEMU brings
 * @param disk the file's absolute path
 * @param driver how QEMU calls the file's format
 */
public record VirtualMachine(
    List<String> program, List<String> firmware, String disk, String driver) {
  private static final String MEMORY_MIB = "1024";
  private static final String PROCESSORS = "2";

  /** How its processors run. */
  enum Accelerator {
    /** On those of this machine. */
    KVM("kvm"),
    /** Emulated. */
    TCG("tcg");

    private final String text;

    Accelerator(String text) {
      this.text = text;
    }

    /** As QEMU calls it. */
    String text() {
      return text;
    }
  }

  /** Copies in. */
  public VirtualMachine {
    program = List.copyOf(program);
    firmware = List.copyOf(firmware);
  }

  /** The words that start it; its console is their standard output. */
  List<String> command(Accelerator accelerator) {
    List<String> all = new ArrayList<>(program);
    all.addAll(List.of("-machine", "q35,accel=" + accelerator.text()));
    if (accelerator == Accelerator.KVM) {
      all.addAll(List.of("-cpu", "host"));
    }
    all.addAll(List.of("-m", MEMORY_MIB, "-smp", PROCESSORS, "-nodefaults", "-no-user-config"));
    all.addAll(List.of("-vga", "std", "-display", "none", "-no-reboot", "-nic", "none"));
    all.addAll(List.of("-serial", "stdio"));
    for (String file : firmware) {
      all.add("-drive");
      all.add("if=pflash,format=raw,snapshot=on,file=" + word(file));
    }
    all.add("-drive");
    all.add("if=virtio,snapshot=on,format=" + driver + ",file=" + word(disk));
    return all;
  }

  /** A comma would end the word (qemu(1), "Image and device options"). */
  private static String word(String path) {
    return path.replace(",", ",,");
  }
}
