package dev.imgstore.builder.disk.bios;

import dev.imgstore.builder.disk.Block;
import dev.imgstore.builder.disk.BytesVolume;
import dev.imgstore.builder.disk.CompositeVolume;
import dev.imgstore.builder.disk.DiskException;
import dev.imgstore.builder.disk.Volume;
import java.io.IOException;
import java.util.List;

/**
 * Makes the BIOS boot partition: loader, command line, kernel and initrd, each in one piece, and
 * the boot code that starts it. The same parts give the same bytes.
 */
public final class BiosStart {
  private static final int SECTOR = LoaderCode.SECTOR;
  private static final int PAGE = 4096;

  /** Within the partition: the kernel's real-mode part as the loader has it, and the files. */
  private static final int SETUP_AT = LoaderCode.SIZE;

  private static final int MOST_LINE = 2047;
  private static final int SETUP_SIZE = LinuxKernel.HEAP_END + MOST_LINE + 1;
  private static final int KERNEL_AT = 64 << 10;

  private BiosStart() {}

  /**
   * What is started.
   *
   * @param commandLine one line of ASCII for the kernel
   * @param kernel a bzImage of x86
   * @param initrd one or several cpio archives, compressed or not
   */
  public record Parts(String commandLine, Volume kernel, Volume initrd) {}

  /**
   * The partition. Of the kernel all is read once here, and kernel and initrd at each writing.
   *
   * @throws DiskException if a part is not what it has to be
   */
  public static Volume of(Parts parts) throws IOException {
    LinuxKernel kernel = LinuxKernel.read(parts.kernel());
    requireCommandLine(parts.commandLine(), Math.min(MOST_LINE, kernel.commandLineSize()));
    long initrdSize = parts.initrd().size();
    long address = kernel.initrdAddress(initrdSize);
    long initrdAt = roundUp(KERNEL_AT + parts.kernel().size(), PAGE);
    List<LoaderCode.Run> runs =
        List.of(
            run(SETUP_AT, SETUP_SIZE, LinuxKernel.SETUP_ADDRESS),
            run(
                KERNEL_AT + kernel.setupSize(),
                parts.kernel().size() - kernel.setupSize(),
                LinuxKernel.ADDRESS),
            run(initrdAt, initrdSize, address));
    Block setup = Block.little(SETUP_SIZE).bytes(kernel.setup(address, initrdSize));
    setup.at(LinuxKernel.HEAP_END).ascii(parts.commandLine());
    return CompositeVolume.of(
        roundUp(initrdAt + initrdSize, SECTOR),
        List.of(
            new CompositeVolume.Part(0, BytesVolume.of(LoaderCode.sectors(runs))),
            new CompositeVolume.Part(SETUP_AT, BytesVolume.of(setup.array())),
            new CompositeVolume.Part(KERNEL_AT, parts.kernel()),
            new CompositeVolume.Part(initrdAt, parts.initrd())));
  }

  /**
   * The code in front of the partition table that starts the partition.
   *
   * @param sector of the disk, of 512 bytes, with which the partition begins
   */
  public static byte[] bootCode(long sector) {
    return LoaderCode.bootCode(sector);
  }

  private static LoaderCode.Run run(long at, long size, long address) {
    return new LoaderCode.Run(at / SECTOR, roundUp(size, SECTOR) / SECTOR, address);
  }

  private static void requireCommandLine(String line, long most) throws DiskException {
    if (line.length() > most || !line.chars().allMatch(c -> c >= ' ' && c <= '~')) {
      throw new DiskException(
          "the kernel's command line is one line of ASCII, here of at most "
              + most
              + " characters");
    }
  }

  private static long roundUp(long value, long unit) {
    return (value + unit - 1) / unit * unit;
  }
}
