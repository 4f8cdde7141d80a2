package dev.imgstore.builder.disk.container;

import dev.imgstore.builder.disk.Volume;
import dev.imgstore.builder.disk.VolumeSink;
import java.io.IOException;
import java.util.Arrays;

/** Cuts a volume into units of one size, and hands on those that hold anything but zeros. */
final class Units implements VolumeSink {
  private final Taker taker;
  private final int size;
  private final byte[] zeros;
  private byte[] unit;
  private long index = -1;

  private Units(int size, Taker taker) {
    this.taker = taker;
    this.size = size;
    this.unit = new byte[size];
    this.zeros = new byte[size];
  }

  /** Takes units in ascending order. */
  interface Taker {
    /**
     * Takes one, filled up with zeros behind the end of the volume.
     *
     * @return an array of the same size for a later unit; may be this one
     */
    byte[] take(long index, byte[] unit) throws IOException;
  }

  static void each(Volume volume, int size, Taker taker) throws IOException {
    Units units = new Units(size, taker);
    volume.writeTo(units);
    units.handOn();
  }

  /** How many units a volume has. */
  static long count(Volume volume, int size) {
    return (volume.size() + size - 1) / size;
  }

  @Override
  public void write(long offset, byte[] bytes, int from, int length) throws IOException {
    int done = 0;
    while (done < length) {
      long at = offset + done;
      if (at / size != index) {
        handOn();
        index = at / size;
        Arrays.fill(unit, (byte) 0);
      }
      int within = (int) (at % size);
      int fits = Math.min(length - done, size - within);
      System.arraycopy(bytes, from + done, unit, within, fits);
      done += fits;
    }
  }

  private void handOn() throws IOException {
    if (index >= 0 && !Arrays.equals(unit, zeros)) {
      unit = taker.take(index, unit);
    }
  }
}
