package dev.imgstore.builder.disk.gpt;

import dev.imgstore.builder.disk.BytesVolume;
import dev.imgstore.builder.disk.CompositeVolume;
import dev.imgstore.builder.disk.Derived;
import dev.imgstore.builder.disk.Volume;
import dev.imgstore.builder.disk.VolumeSink;
import dev.imgstore.model.Digest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/**
 * A disk of partitions, one after the other in the order they are given, each of which begins and
 * ends at a multiple of 1 MiB. Sectors have 512 bytes. The disk's size is a multiple of 1 MiB and
 * leaves room for the backup table. Everything is a function of what is handed in.
 */
public final class GptDisk implements Volume {
  /** Bytes of a sector. */
  public static final int SECTOR = 512;

  /** What partitions and the disk's size are multiples of. */
  public static final long ALIGNMENT = 1 << 20;

  /** How many partitions there may be. */
  public static final int MAX_PARTITIONS = GptTable.ENTRIES;

  private final CompositeVolume whole;
  private final List<Extent> extents;

  private GptDisk(CompositeVolume whole, List<Extent> extents) {
    this.whole = whole;
    this.extents = extents;
  }

  /** Where a partition is; both numbers are bytes. */
  public record Extent(Partition partition, long offset, long length) {}

  /**
   * A disk.
   *
   * @param seed the disk's own id comes from it
   * @param bootCode what a BIOS runs, at most 440 bytes; mostly none
   * @param atLeast bytes that the disk is to have at least
   * @throws IllegalArgumentException if there are too many partitions, or two of one id
   */
  public static GptDisk of(Digest seed, List<Partition> partitions, byte[] bootCode, long atLeast) {
    requireDistinct(partitions);
    List<Extent> extents = new ArrayList<>();
    long end = ALIGNMENT;
    for (Partition partition : partitions) {
      long length = roundUp(partition.content().size(), ALIGNMENT);
      extents.add(new Extent(partition, end, length));
      end = Math.addExact(end, length);
    }
    long size = Math.max(Math.addExact(end, ALIGNMENT), roundUp(atLeast, ALIGNMENT));
    GptTable table = new GptTable(Derived.uuid(seed, "disk"), size / SECTOR, extents);
    List<CompositeVolume.Part> parts = new ArrayList<>();
    parts.add(new CompositeVolume.Part(0, BytesVolume.of(table.front(bootCode))));
    for (Extent extent : extents) {
      parts.add(new CompositeVolume.Part(extent.offset(), extent.partition().content()));
    }
    byte[] back = table.back();
    parts.add(new CompositeVolume.Part(size - back.length, BytesVolume.of(back)));
    return new GptDisk(CompositeVolume.of(size, parts), List.copyOf(extents));
  }

  private static void requireDistinct(List<Partition> partitions) {
    if (partitions.size() > MAX_PARTITIONS) {
      throw new IllegalArgumentException(
          "a disk has at most "
              + MAX_PARTITIONS
              + " partitions, not "
              + partitions.size()
              + "; leave some out");
    }
    Set<UUID> ids = new HashSet<>();
    for (Partition partition : partitions) {
      if (!ids.add(partition.id())) {
        throw new IllegalArgumentException(
            "partition " + partition.name() + " has the id of another, " + partition.id());
      }
    }
  }

  private static long roundUp(long size, long unit) {
    return Math.addExact(size, unit - 1) / unit * unit;
  }

  /** Where each partition is, in their order. */
  public List<Extent> extents() {
    return extents;
  }

  @Override
  public long size() {
    return whole.size();
  }

  @Override
  public void writeTo(VolumeSink sink) throws IOException {
    whole.writeTo(sink);
  }
}
