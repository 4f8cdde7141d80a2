package dev.imgstore.builder.pack;

import dev.imgstore.builder.pack.deflate.ParallelGzip;
import dev.imgstore.model.Descriptor;
import dev.imgstore.model.DiffId;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Layer;
import dev.imgstore.store.FrameStore;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.Objects;
import java.util.concurrent.Executor;

/**
 * A canonical tar as one gzip member, for clients that cannot read zstd; kept verbatim. A stream
 * that compresses while the store reads it; memory is bounded by the parts in work.
 */
final class GzipLayer extends InputStream {
  private static final int IN_WORK = 4;

  private final InputStream tar;
  private final ParallelGzip gzip;
  private final MessageDigest plain = Digest.sha256();
  private final byte[] buffer = new byte[ParallelGzip.PART];
  private final ByteArrayOutputStream compressed = new ByteArrayOutputStream();
  private byte[] ready = new byte[0];
  private int at;
  private long size;
  private boolean ended;

  private GzipLayer(InputStream tar, Executor pool) {
    this.tar = tar;
    this.gzip = new ParallelGzip(compressed, pool, IN_WORK);
  }

  /**
   * Packs and stores a layer; its bytes are durable when the caller flushes the store.
   *
   * @param pool helps to compress; the calling thread may be one of it
   * @throws PackException if a layer cannot hold one of the entries
   */
  static Layer pack(LayerContent content, FrameStore store, Executor pool) throws IOException {
    try (InputStream tar = CanonicalTar.open(content, store);
        GzipLayer layer = new GzipLayer(tar, pool)) {
      Digest digest = store.putVerbatim(layer);
      return new Layer(
          new Descriptor(MediaTypes.LAYER_GZIP, digest, layer.size),
          new DiffId(Digest.fromRaw(layer.plain.digest())));
    }
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, target.length);
    if (length == 0) {
      return 0;
    }
    while (at == ready.length) {
      if (ended) {
        return -1;
      }
      compressMore();
    }
    int got = Math.min(length, ready.length - at);
    System.arraycopy(ready, at, target, offset, got);
    at += got;
    size += got;
    return got;
  }

  private void compressMore() throws IOException {
    int got = tar.read(buffer, 0, buffer.length);
    if (got < 0) {
      gzip.finish();
      ended = true;
    } else {
      plain.update(buffer, 0, got);
      gzip.write(buffer, 0, got);
    }
    ready = compressed.toByteArray();
    compressed.reset();
    at = 0;
  }
}
