package dev.imgstore.store.disk;

import java.io.IOException;
import java.nio.ByteBuffer;

/** A segment, but for one byte of one body, which is given out as it should be. */
record MendedPlace(Segment segment, BurstFix fix) implements Place {
  @Override
  public void read(Entry entry, long from, ByteBuffer target) throws IOException {
    int position = target.position();
    segment.read(entry, from, target);
    fix.apply(target, position, from);
  }

  @Override
  public boolean isThere() throws IOException {
    return segment.isThere();
  }

  @Override
  public boolean distrust(Entry entry) {
    return false;
  }

  @Override
  public String toString() {
    return segment.toString();
  }
}
