package dev.imgstore.builder.disk.uki;

import dev.imgstore.builder.disk.Volume;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** A section to be added: its bytes, and where they are in the file and in memory. */
record UkiSection(String name, Volume content, long rawOffset, long rawSize, long address) {
  /** Initialised data, to be read. */
  private static final int CHARACTERISTICS = 0x4000_0040;

  /** PE Format, "Section Table". */
  void putHeader(ByteBuffer out) {
    int start = out.position();
    out.put(name.getBytes(StandardCharsets.US_ASCII)).position(start + 8);
    out.putInt((int) content.size()).putInt((int) address).putInt((int) rawSize);
    out.putInt((int) rawOffset).putInt(0).putInt(0).putInt(0).putInt(CHARACTERISTICS);
  }
}
