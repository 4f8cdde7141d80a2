package dev.imgstore.builder.disk;

import java.io.IOException;

/** A volume whose bytes are in memory. */
public final class BytesVolume implements Volume {
  private final byte[] bytes;

  private BytesVolume(byte[] bytes) {
    this.bytes = bytes;
  }

  /** A volume of a copy of these bytes. */
  public static Volume of(byte[] bytes) {
    return new BytesVolume(bytes.clone());
  }

  /** A volume of these bytes, which nobody changes from now on. */
  public static Volume owning(byte[] bytes) {
    return new BytesVolume(bytes);
  }

  @Override
  public long size() {
    return bytes.length;
  }

  @Override
  public void writeTo(VolumeSink sink) throws IOException {
    if (bytes.length > 0) {
      sink.write(0, bytes, 0, bytes.length);
    }
  }
}
