package dev.imgstore.builder.disk.uki;

import dev.imgstore.builder.disk.Block;
import dev.imgstore.builder.disk.BytesVolume;
import dev.imgstore.builder.disk.CompositeVolume;
import dev.imgstore.builder.disk.DiskException;
import dev.imgstore.builder.disk.Volume;
import dev.imgstore.model.Bytes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes the one file that UEFI starts. Sections come in a fixed order, each at the next page of
 * memory behind the one before, and the checksum is that of the whole file: the same parts give the
 * same bytes.
 */
public final class UnifiedKernel {
  private static final long PAGE = 4096;
  private static final long MAX_BYTES = 1L << 31;

  /** A file of fewer bytes stays in memory, so that kernel and initrd are read once. */
  private static final long KEPT = 32L << 20;

  private UnifiedKernel() {}

  /**
   * What goes into the file.
   *
   * @param stub systemd's, such as {@code linuxx64.efi.stub} of Debian's systemd-boot-efi
   * @param osRelease the image's own {@code /etc/os-release}
   * @param commandLine one line of ASCII for the kernel
   * @param release what {@code uname -r} will say; may be empty for not saying it
   * @param kernel a kernel that is a PE file itself, as Debian's are
   * @param initrd one or several cpio archives, compressed or not
   */
  public record Parts(
      Bytes stub,
      Bytes osRelease,
      String commandLine,
      String release,
      Volume kernel,
      Volume initrd) {}

  /**
   * The file. Kernel and initrd are read here, for the checksum; those of a file of 32 MiB and more
   * are read again at each writing.
   *
   * @throws DiskException if a part is not what it has to be
   */
  public static Volume of(Parts parts) throws IOException {
    PeStub stub = PeStub.read(parts.stub().toArray());
    requireCommandLine(parts.commandLine());
    List<UkiSection> sections = place(stub, contents(parts));
    UkiSection last = sections.get(sections.size() - 1);
    long imageSize = roundUp(last.address() + last.content().size(), stub.sectionAlignment());
    long size = last.rawOffset() + last.rawSize();
    if (size > MAX_BYTES || imageSize > MAX_BYTES) {
      throw new DiskException("kernel and initrd have more than 2 GiB, which no PE file holds");
    }
    byte[] front = stub.with(sections, imageSize);
    Volume whole = whole(front, sections, size);
    byte[] kept = size < KEPT ? new byte[(int) size] : new byte[0];
    int sum = sum(whole, sections.get(sections.size() - 2).rawOffset(), kept);
    if (kept.length > 0) {
      putSum(kept, stub, sum);
      return BytesVolume.owning(kept);
    }
    putSum(front, stub, sum);
    return whole(front, sections, size);
  }

  /** Reads the file once: the stub starts the kernel in it as UEFI would start it. */
  private static int sum(Volume whole, long kernel, byte[] kept) throws IOException {
    PeChecksum sum = new PeChecksum();
    byte[] first = new byte[2];
    whole.writeTo(
        (offset, bytes, from, length) -> {
          sum.write(offset, bytes, from, length);
          if (kept.length > 0) {
            System.arraycopy(bytes, from, kept, (int) offset, length);
          }
          for (int i = 0; i < first.length; i++) {
            long at = kernel + i - offset;
            if (at >= 0 && at < length) {
              first[i] = bytes[from + (int) at];
            }
          }
        });
    if (first[0] != 'M' || first[1] != 'Z') {
      throw new DiskException("this kernel cannot be started by UEFI: it is no PE file");
    }
    return sum.of(whole.size());
  }

  private static void putSum(byte[] bytes, PeStub stub, int sum) {
    byte[] number = Block.little(4).u32(sum).array();
    System.arraycopy(number, 0, bytes, stub.checksumAt(), number.length);
  }

  private record Content(String name, Volume bytes) {}

  /** systemd-stub(7) takes them by name; the ones that grow come last. */
  private static List<Content> contents(Parts parts) {
    List<Content> contents = new ArrayList<>();
    contents.add(new Content(".osrel", BytesVolume.of(parts.osRelease().toArray())));
    contents.add(new Content(".cmdline", ascii(parts.commandLine())));
    if (!parts.release().isEmpty()) {
      contents.add(new Content(".uname", ascii(parts.release())));
    }
    contents.add(new Content(".linux", parts.kernel()));
    contents.add(new Content(".initrd", parts.initrd()));
    return contents;
  }

  private static Volume ascii(String text) {
    return BytesVolume.of(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static List<UkiSection> place(PeStub stub, List<Content> contents) throws DiskException {
    if (contents.size() > stub.room()) {
      throw new DiskException(
          "this boot stub has room for "
              + stub.room()
              + " more sections, and "
              + (contents.size() + " are needed; take a newer systemd-boot-efi"));
    }
    long page = Math.max(PAGE, stub.sectionAlignment());
    long offset = roundUp(stub.rawEnd(), stub.fileAlignment());
    long address = roundUp(stub.virtualEnd(), page);
    List<UkiSection> sections = new ArrayList<>();
    for (Content content : contents) {
      if (content.bytes().size() == 0) {
        throw new DiskException("section " + content.name() + " of a kernel image would be empty");
      }
      long raw = roundUp(content.bytes().size(), stub.fileAlignment());
      sections.add(new UkiSection(content.name(), content.bytes(), offset, raw, address));
      offset += raw;
      address = roundUp(address + content.bytes().size(), page);
    }
    return sections;
  }

  private static Volume whole(byte[] front, List<UkiSection> sections, long size) {
    List<CompositeVolume.Part> parts = new ArrayList<>();
    parts.add(new CompositeVolume.Part(0, BytesVolume.of(front)));
    for (UkiSection section : sections) {
      parts.add(new CompositeVolume.Part(section.rawOffset(), section.content()));
    }
    return CompositeVolume.of(size, parts);
  }

  private static void requireCommandLine(String line) throws DiskException {
    for (int i = 0; i < line.length(); i++) {
      if (line.charAt(i) < ' ' || line.charAt(i) > '~') {
        throw new DiskException(
            "the kernel's command line is one line of ASCII; character " + (i + 1) + " is not");
      }
    }
  }

  private static long roundUp(long value, long unit) {
    return (value + unit - 1) / unit * unit;
  }
}
