package dev.imgstore.builder.disk.bios;

import dev.imgstore.builder.disk.Block;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * The machine code of {@code loader.S} with the fields that differ from disk to disk. Of its three
 * sectors the first is the disk's first one, the others begin the BIOS boot partition.
 */
final class LoaderCode {
  static final int SECTOR = 512;

  /** Bytes of the partition that are code. */
  static final int SIZE = 2 * SECTOR;

  /** How many runs of sectors are loaded: real-mode part, kernel, initrd. */
  static final int RUNS = 3;

  /** Of the first sector, before what belongs to the disk (UEFI 2.10, table 5.1). */
  private static final int BOOT_CODE = 440;

  /** {@code lba}: the first sector of the partition, in the packet for the BIOS (EDD 3.0, 3.1). */
  private static final int PARTITION_AT = 0x188;

  /** {@code table}, within the partition. */
  private static final int TABLE_AT = 8;

  private static final String RESOURCE = "loader.hex";

  private LoaderCode() {}

  /**
   * Sectors that lie in one piece.
   *
   * @param sector the first, counted from the partition's first
   * @param count how many
   * @param address where they belong in memory
   */
  record Run(long sector, long count, long address) {}

  /** What runs first. */
  static byte[] bootCode(long partition) {
    byte[] code = Arrays.copyOf(code(), BOOT_CODE);
    byte[] sector = Block.little(8).u64(partition).array();
    System.arraycopy(sector, 0, code, PARTITION_AT, sector.length);
    return code;
  }

  /** What the partition begins with. */
  static byte[] sectors(List<Run> runs) {
    if (runs.size() != RUNS) {
      throw new IllegalArgumentException("the loader loads " + RUNS + " runs");
    }
    byte[] all = code();
    Block out = Block.little(SIZE).bytes(Arrays.copyOfRange(all, SECTOR, SECTOR + SIZE));
    out.at(TABLE_AT);
    for (Run run : runs) {
      out.u32(run.sector()).u32(run.count()).u32(run.address());
    }
    return out.array();
  }

  private static byte[] code() {
    try (InputStream in = LoaderCode.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new AssertionError(RESOURCE + " is missing from this jar");
      }
      String text = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
      return HexFormat.of().parseHex(text.replace("\n", ""));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + RESOURCE + " from this jar", e);
    }
  }
}
