package dev.imgstore.builder.disk.fat;

import dev.imgstore.builder.disk.Block;
import dev.imgstore.builder.disk.Volume;
import dev.imgstore.builder.disk.VolumeSink;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The used beginning of a file allocation table whose chains lie one after the other. */
final class FatChains implements Volume {
  private static final int ENTRY = 4;
  private static final int PIECE = 16 * 1024;
  private static final int END = 0x0fff_ffff;
  private static final int MEDIA = 0x0fff_fff8;

  private final List<Long> lengths = new ArrayList<>();
  private long used = FatGeometry.FIRST_CLUSTER;

  /** A chain of this many clusters after the ones before; none at all for 0. */
  void add(long clusters) {
    if (clusters > 0) {
      lengths.add(clusters);
      used += clusters;
    }
  }

  @Override
  public long size() {
    return used * ENTRY;
  }

  /** FAT 1.03, "FAT Data Structure": the first two entries are no clusters. */
  @Override
  public void writeTo(VolumeSink sink) throws IOException {
    Block out = Block.little(PIECE * ENTRY).u32(MEDIA).u32(END);
    long written = 0;
    long cluster = FatGeometry.FIRST_CLUSTER;
    for (long length : lengths) {
      long last = cluster + length - 1;
      for (; cluster <= last; cluster++) {
        if (out.position() == PIECE * ENTRY) {
          sink.write(written, out.array(), 0, out.position());
          written += out.position();
          out.at(0);
        }
        out.u32(cluster == last ? END : cluster + 1);
      }
    }
    sink.write(written, out.array(), 0, out.position());
  }
}
