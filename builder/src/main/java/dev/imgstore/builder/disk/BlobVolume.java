package dev.imgstore.builder.disk;

import dev.imgstore.model.Digest;
import dev.imgstore.store.BlobReader;
import java.io.IOException;
import java.io.InputStream;

/** A volume whose bytes are a blob of the store; each writing reads, and verifies, it anew. */
public final class BlobVolume implements Volume {
  private static final int BUFFER = 128 * 1024;

  private final BlobReader blobs;
  private final Digest blob;
  private final long size;

  private BlobVolume(BlobReader blobs, Digest blob, long size) {
    this.blobs = blobs;
    this.blob = blob;
    this.size = size;
  }

  /** The volume of a blob, which has to stay in the store as long as this is used. */
  public static Volume of(BlobReader blobs, Digest blob) throws IOException {
    return new BlobVolume(blobs, blob, blobs.size(blob));
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public void writeTo(VolumeSink sink) throws IOException {
    byte[] buffer = new byte[(int) Math.min(BUFFER, Math.max(size, 1))];
    long at = 0;
    try (InputStream in = blobs.open(blob)) {
      for (int got = in.read(buffer); got >= 0; got = in.read(buffer)) {
        sink.write(at, buffer, 0, got);
        at += got;
      }
    }
    if (at != size) {
      throw new IOException(blob + " gave " + at + " bytes instead of " + size);
    }
  }
}
