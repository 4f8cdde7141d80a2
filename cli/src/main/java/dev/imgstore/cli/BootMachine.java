package dev.imgstore.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What this machine has to start a disk with.
 *
 * @param program what starts QEMU
 * @param firmware the files of each kind of firmware, by its name
 * @param kvm whether there is a KVM that may be used
 */
record BootMachine(List<String> program, SortedMap<String, List<String>> firmware, boolean kvm) {
  private static final String QEMU = "qemu-system-x86_64";

  /** Where distributions have UEFI for QEMU. */
  private static final List<String> PLACES =
      List.of(
          "/usr/share/OVMF",
          "/usr/share/ovmf",
          "/usr/share/edk2/ovmf",
          "/usr/share/edk2/x64",
          "/usr/share/qemu");

  /** Code and variables that belong together, the larger and newer ones first. */
  private static final List<List<String>> PAIRS =
      List.of(
          List.of("OVMF_CODE_4M.fd", "OVMF_VARS_4M.fd"),
          List.of("OVMF_CODE.4m.fd", "OVMF_VARS.4m.fd"),
          List.of("OVMF_CODE.fd", "OVMF_VARS.fd"),
          List.of("edk2-x86_64-code.fd", "edk2-i386-vars.fd"));

  /**
   * Looks for all of it.
   *
   * @param ways names of the firmware that is needed, {@code uefi} and {@code bios}
   * @throws CommandFailure naming the packages that have what is not there
   */
  static BootMachine find(Context context, List<String> ways) throws CommandFailure {
    List<String> missing = new ArrayList<>();
    Optional<String> qemu = program(context, QEMU);
    if (qemu.isEmpty()) {
      missing.add("qemu-system-x86");
    }
    SortedMap<String, List<String>> firmware = new TreeMap<>();
    for (String way : ways) {
      Optional<List<String>> files = way.equals("bios") ? Optional.of(List.of()) : uefi(context);
      files.ifPresentOrElse(all -> firmware.put(way, all), () -> missing.add("ovmf"));
    }
    if (!missing.isEmpty()) {
      throw new CommandFailure(
          ExitCode.USAGE,
          "--boot-test starts the disk in QEMU, and this machine lacks what that needs; install "
              + String.join(" and ", missing)
              + " (the names are Debian's), or leave --boot-test out");
    }
    List<String> program = new ArrayList<>();
    program(context, "setsid").ifPresent(program::add); // Ctrl-C is ours to pass on
    program(context, "setpriv")
        .ifPresent(path -> program.addAll(List.of(path, "--pdeathsig", "KILL")));
    program.add(qemu.orElseThrow());
    Path kvm = Path.of("/dev/kvm");
    return new BootMachine(program, firmware, Files.isReadable(kvm) && Files.isWritable(kvm));
  }

  private static Optional<String> program(Context context, String name) {
    return Arrays.stream(context.environment("PATH").split(":", -1))
        .filter(directory -> directory.startsWith("/"))
        .map(directory -> Path.of(directory, name))
        .filter(path -> Files.isRegularFile(path) && Files.isExecutable(path))
        .map(Path::toString)
        .findFirst();
  }

  private static Optional<List<String>> uefi(Context context) {
    String set = context.environment("IMGSTORE_FIRMWARE");
    for (String place : set.isEmpty() ? PLACES : List.of(context.path(set).toString())) {
      for (List<String> pair : PAIRS) {
        List<Path> files = pair.stream().map(name -> Path.of(place, name)).toList();
        if (files.stream().allMatch(Files::isRegularFile)) {
          return Optional.of(files.stream().map(Path::toString).toList());
        }
      }
    }
    return Optional.empty();
  }
}
