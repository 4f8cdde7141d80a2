package dev.imgstore.builder.disk.machine;

import dev.imgstore.builder.disk.Block;
import dev.imgstore.builder.disk.Derived;
import dev.imgstore.builder.disk.Volume;
import dev.imgstore.builder.disk.VolumeSink;
import dev.imgstore.model.Digest;
import java.io.IOException;

/**
 * Space to swap to, of pages of 4 KiB (Linux, {@code include/linux/swap.h}, {@code union
 * swap_header}): the first page says so, the others are free.
 */
final class SwapVolume implements Volume {
  static final int PAGE = 4096;
  private static final int HEADER = 1024;
  private static final int UUID_AT = HEADER + 12;
  private static final String MAGIC = "SWAPSPACE2";

  /** Fewer than these the kernel refuses. */
  private static final int FEWEST = 10;

  private final long size;
  private final byte[] first;

  private SwapVolume(long size, byte[] first) {
    this.size = size;
    this.first = first;
  }

  /**
   * A partition of this many bytes.
   *
   * @param seed the UUID comes from it
   */
  static SwapVolume of(Digest seed, long size) {
    long pages = Math.max(FEWEST, size / PAGE);
    Block page = Block.little(PAGE);
    page.at(HEADER).u32(1).u32(pages - 1).u32(0);
    page.at(UUID_AT).uuid(Derived.uuid(seed, "swap"));
    page.at(PAGE - MAGIC.length()).ascii(MAGIC);
    return new SwapVolume(pages * PAGE, page.array());
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public void writeTo(VolumeSink sink) throws IOException {
    sink.write(0, first, 0, first.length);
  }
}
