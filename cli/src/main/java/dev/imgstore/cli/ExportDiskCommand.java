package dev.imgstore.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.imgstore.builder.disk.Volume;
import dev.imgstore.builder.disk.container.Container;
import dev.imgstore.builder.disk.container.DiskFormat;
import dev.imgstore.builder.disk.container.Machine;
import dev.imgstore.builder.disk.container.RawContainer;
import dev.imgstore.builder.disk.machine.MachineDisk;
import dev.imgstore.builder.disk.machine.MachineRequest;
import dev.imgstore.builder.export.DiskFile;
import dev.imgstore.builder.pack.ImageDocument;
import dev.imgstore.builder.recipe.DiskConfig;
import dev.imgstore.store.BuildRecord;
import dev.imgstore.store.Store;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A disk that boots. */
@Command(
    name = "disk",
    mixinStandardHelpOptions = true,
    description = {
      "Write an image as the disk of a machine that starts from it.",
      "The image's recipe has a disk section and a kernel. No root, no loop device and no other",
      "program is needed, and the same image gives the same bytes each time."
    },
    footerHeading = "%nExample:%n",
    footer = {
      "  imgstore export disk web ./web.qcow2",
      "  imgstore export disk web ./web.vmdk --boot-test",
      "  imgstore export disk web@41 - | ssh host 'dd of=/dev/vg/web bs=1M'"
    })
final class ExportDiskCommand extends ImageCommand {
  private static final int PROCESSORS = 2;
  private static final int MEMORY_MIB = 1024;

  @Parameters(
      index = "1",
      paramLabel = "DEST",
      description =
          "A file, whose ending says the format; - writes the raw disk to standard output.")
  String destination;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      converter = FormatConverter.class,
      description = {
        "raw, qcow2, qcow2-zlib, qcow2-plain, vmdk, vhd, vhd-fixed, vhdx, vdi, ova,",
        "vagrant-libvirt or vagrant-virtualbox (default: by DEST's ending)."
      })
  Optional<DiskFormat> format = Optional.empty();

  @Mixin BootTestOption bootTest = new BootTestOption();

  /** Reads {@code --format} by its name. */
  static final class FormatConverter implements CommandLine.ITypeConverter<DiskFormat> {
    @Override
    public DiskFormat convert(String value) {
      return DiskFormat.named(value)
          .orElseThrow(
              () ->
                  new CommandLine.TypeConversionException(
                      "'" + value + "' is not one of " + names()));
    }

    private static String names() {
      return Arrays.stream(DiskFormat.values())
          .map(DiskFormat::text)
          .collect(Collectors.joining(", "));
    }
  }

  @Override
  ExitCode run(Store store) throws IOException, InterruptedException {
    DiskFormat chosen = chosen();
    Held held = held(store);
    Revoked.tell(this, store, held.ref());
    BuildRecord.Part part = held.part(platform);
    DiskConfig config = config(store, held, part);
    Optional<BootTests> tests =
        bootTest.tests(root(), held.ref().name(), part.platform(), config, destination);
    MachineRequest request =
        new MachineRequest(
            held.ref().name(), part.manifest(), part.platform(), part.tree(), config);
    int threads = Runtime.getRuntime().availableProcessors();
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      Volume disk = MachineDisk.plan(request, store.blobs(), pool);
      if (destination.equals("-")) {
        OutputStream out = new BufferedOutputStream(root().context().out(), 1 << 16);
        RawContainer.stream(disk, out);
        out.flush();
        return ExitCode.DONE;
      }
      Machine machine = new Machine(held.ref().profile(), PROCESSORS, MEMORY_MIB, firmware(config));
      Container container = chosen.container(part.manifest(), machine, pool);
      Path target = root().context().path(destination);
      ObjectNode json =
          object()
              .put("ref", held.ref().name())
              .put("image", held.ref().generation().image().toString())
              .put("destination", destination)
              .put("diskFormat", chosen.text())
              .put("size", disk.size());
      ArrayNode boot = json.putArray("boot");
      long bytes =
          tests.isEmpty()
              ? DiskFile.write(container, disk, target)
              : tests.get().write(chosen, container, disk, target, boot);
      String done =
          held.ref().name()
              + " as "
              + chosen.text()
              + " in "
              + destination
              + ": a disk of "
              + Table.bytes(disk.size())
              + "\n";
      print(json.put("bytes", bytes), bytes == 0 ? "" : done);
      return bytes == 0 ? ExitCode.FOUND : ExitCode.DONE;
    } finally {
      pool.shutdownNow();
    }
  }

  /** Of two that start the disk the newer. */
  private static Machine.Firmware firmware(DiskConfig config) {
    return config.boot().contains(DiskConfig.Starter.UEFI)
        ? Machine.Firmware.EFI
        : Machine.Firmware.BIOS;
  }

  private DiskFormat chosen() throws CommandFailure {
    if (destination.equals("-")) {
      if (format.isPresent() && format.get() != DiskFormat.RAW) {
        throw new CommandFailure(
            ExitCode.USAGE, "only the raw disk can be a stream; name a file for --format");
      }
      if (root().json) {
        throw new CommandFailure(
            ExitCode.USAGE,
            "with - the disk itself goes to standard output; name a file for --json");
      }
      return DiskFormat.RAW;
    }
    if (format.isEmpty() && destination.toLowerCase(Locale.ROOT).endsWith(".box")) {
      throw new CommandFailure(
          ExitCode.USAGE,
          destination
              + " may be for libvirt or for VirtualBox; say --format vagrant-libvirt or"
              + " --format vagrant-virtualbox");
    }
    return format
        .or(() -> DiskFormat.ofFile(destination))
        .orElseThrow(
            () ->
                new CommandFailure(
                    ExitCode.USAGE,
                    "the name " + destination + " says no format; choose with --format"));
  }

  /** What the recipe said, as the image has it. */
  private static DiskConfig config(Store store, Held held, BuildRecord.Part part)
      throws IOException {
    Optional<String> label = ImageDocument.label(store.blobs(), part.manifest(), DiskConfig.LABEL);
    if (label.isEmpty()) {
      throw new CommandFailure(
          ExitCode.USAGE,
          held.ref().name()
              + " says nothing of a disk; add `disk: {}` to its recipe and build it again");
    }
    try {
      return DiskConfig.parse(label.get());
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(ExitCode.USAGE, held.ref().name() + ": " + e.getMessage(), e);
    }
  }
}
