package dev.imgstore.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.imgstore.builder.boot.BootReport;
import dev.imgstore.builder.boot.BootTest;
import dev.imgstore.builder.boot.VirtualMachine;
import dev.imgstore.builder.disk.Volume;
import dev.imgstore.builder.disk.container.Container;
import dev.imgstore.builder.disk.container.DiskFormat;
import dev.imgstore.builder.disk.container.RawContainer;
import dev.imgstore.builder.export.DiskFile;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Starts a disk by each firmware before it takes its name.
 *
 * @param image as the person named it
 * @param marker of its recipe
 * @param seconds that each try may take
 */
record BootTests(Imgstore root, String image, String marker, int seconds, BootMachine machine) {
  private static final Duration SILENT = Duration.ofSeconds(10);

  /**
   * Writes the disk if it starts.
   *
   * @param reports gets what each start gave
   * @return bytes of the file, 0 if the disk does not start and so is not there
   */
  long write(DiskFormat format, Container container, Volume disk, Path target, ArrayNode reports)
      throws IOException, InterruptedException {
    Optional<String> driver = driver(format);
    Container tried = driver.isPresent() ? container : new RawContainer();
    try (DiskFile.Unnamed file = DiskFile.unnamed(tried, disk, target)) {
      if (!starts(file.path(), driver.orElse("raw"), reports)) {
        return 0;
      }
      if (driver.isPresent()) {
        file.take();
        return file.size();
      }
    }
    return DiskFile.write(container, disk, target);
  }

  /** How QEMU calls the formats that it reads; of the others the disk inside is tried. */
  private static Optional<String> driver(DiskFormat format) {
    return switch (format) {
      case RAW -> Optional.of("raw");
      case QCOW2, QCOW2_ZLIB, QCOW2_PLAIN -> Optional.of("qcow2");
      case VMDK -> Optional.of("vmdk");
      case VHD, VHD_FIXED -> Optional.of("vpc");
      case VHDX -> Optional.of("vhdx");
      case VDI -> Optional.of("vdi");
      case OVA, VAGRANT_LIBVIRT, VAGRANT_VIRTUALBOX -> Optional.empty();
    };
  }

  private boolean starts(Path file, String driver, ArrayNode reports)
      throws IOException, InterruptedException {
    boolean all = true;
    for (Map.Entry<String, List<String>> each : machine.firmware().entrySet()) {
      root.notice(
          "starting " + image + " by " + each.getKey() + " in QEMU, for at most " + seconds + " s");
      BootReport report = start(file, driver, each.getValue());
      add(reports, each.getKey(), report);
      tell(each.getKey(), report);
      all &= report.up();
    }
    return all;
  }

  private BootReport start(Path file, String driver, List<String> firmware)
      throws IOException, InterruptedException {
    VirtualMachine disk =
        new VirtualMachine(machine.program(), firmware, file.toAbsolutePath().toString(), driver);
    Duration limit = Duration.ofSeconds(seconds);
    Duration silent = limit.compareTo(SILENT) < 0 ? limit : SILENT;
    Map<String, String> environment =
        Map.of(
            "PATH", root.context().environment("PATH"),
            "TMPDIR", String.valueOf(file.toAbsolutePath().getParent())); // what the guest writes
    try (BootGuard guard = new BootGuard(file)) {
      BootTest.Limits limits = new BootTest.Limits(machine.kvm(), limit, silent);
      BootReport report = new BootTest(disk, limits, marker, environment, guard).run();
      guard.requireNotEnded();
      return report;
    }
  }

  private void tell(String firmware, BootReport report) {
    String how = report.accelerator().equals("kvm") ? " with KVM" : " emulated";
    String took = report.milliseconds() / 1000 + "." + report.milliseconds() / 100 % 10 + " s";
    if (report.up()) {
      root.notice(image + " started by " + firmware + " in " + took + how);
      report.failed().forEach(each -> root.notice("on the way this failed: " + each));
      return;
    }
    if (!root.json) {
      report.console().forEach(line -> root.notice("console: " + line));
      root.complain(
          image
              + " does not start by "
              + firmware
              + ": "
              + report.why()
              + "; the disk is not written. Without --boot-test it is, to be looked at");
    }
  }

  private static void add(ArrayNode reports, String firmware, BootReport report) {
    ObjectNode one = reports.addObject();
    one.put("firmware", firmware)
        .put("up", report.up())
        .put("why", report.why())
        .put("accelerator", report.accelerator())
        .put("milliseconds", report.milliseconds());
    ArrayNode failed = one.putArray("failed");
    report.failed().forEach(failed::add);
    ArrayNode console = one.putArray("console");
    report.console().forEach(console::add);
  }
}
