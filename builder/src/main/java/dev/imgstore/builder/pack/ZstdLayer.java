package dev.imgstore.builder.pack;

import dev.imgstore.model.Descriptor;
import dev.imgstore.model.DiffId;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Layer;
import dev.imgstore.model.Node;
import dev.imgstore.store.FrameStore;
import dev.imgstore.store.Frames;
import dev.imgstore.store.StoreException;
import java.io.IOException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A canonical tar as a row of zstd frames (RFC 8878, "Frames": frames in a row decompress to their
 * contents in a row). A file's frames are the ones the store keeps; what lies between contents is
 * put as chunks of its own. Nothing is compressed twice, and no tar is kept.
 *
 * <p>One pass hashes both sides. Each chunk is checked against its own digest on the way, so a
 * damaged frame is found here and never becomes part of a layer (law 1). Memory: one chunk and the
 * list of chunks.
 */
final class ZstdLayer {
  /** Number of the rule by which runs are cut; covered by the key of a packed layer. */
  static final int STITCHING = 1;

  /** Contents up to this many bytes lie in the runs beside their headers. */
  static final int INLINE_LIMIT = 0;

  /** A run is cut here; far below the size at which a store cuts blobs. */
  static final int MAX_RUN = 32 * 1024;

  private final FrameStore store;
  private final MessageDigest plain = Digest.sha256();
  private final MessageDigest packed = Digest.sha256();
  private final List<Digest> chunks = new ArrayList<>();
  private final byte[] run = new byte[MAX_RUN];
  private int runLength;
  private long size;

  private ZstdLayer(FrameStore store) {
    this.store = store;
  }

  /**
   * Packs and stores a layer; its bytes are durable when the caller flushes the store.
   *
   * @throws PackException if a layer cannot hold one of the entries
   * @throws StoreException.MissingBlob if a content is not held
   * @throws StoreException.Corrupt if stored bytes are damaged
   */
  static Layer pack(LayerContent content, FrameStore store) throws IOException {
    return new ZstdLayer(store).pack(CanonicalTar.of(content));
  }

  private Layer pack(CanonicalTar tar) throws IOException {
    for (Optional<TarPart> part = tar.next(); part.isPresent(); part = tar.next()) {
      if (part.get() instanceof TarPart.Own own) {
        append(own.bytes().toArray());
      } else if (part.get() instanceof TarPart.Content content) {
        append(content.file());
      }
    }
    endRun();
    Digest digest = Digest.fromRaw(packed.digest());
    store.putStitched(digest, size, chunks);
    return new Layer(
        new Descriptor(MediaTypes.LAYER_ZSTD, digest, size),
        new DiffId(Digest.fromRaw(plain.digest())));
  }

  private void append(Node.File file) throws IOException {
    if (file.size() <= INLINE_LIMIT) {
      append(store.read(file.content(), INLINE_LIMIT));
      return;
    }
    endRun();
    long total = 0;
    for (FrameStore.Chunk chunk : store.chunks(file.content())) {
      stitch(chunk);
      total += chunk.size();
    }
    if (total != file.size()) {
      throw new StoreException.Corrupt(
          "file " + file.content(), "a tree says " + file.size() + " bytes, held are " + total);
    }
  }

  private void stitch(FrameStore.Chunk chunk) throws IOException {
    byte[] frame = store.frame(chunk.digest());
    byte[] bytes;
    try {
      bytes = Frames.decode(frame, chunk.size());
    } catch (IllegalArgumentException e) {
      throw new StoreException.Corrupt("chunk " + chunk.digest(), String.valueOf(e.getMessage()));
    }
    if (!Digest.of(bytes).equals(chunk.digest())) {
      throw new StoreException.Corrupt("chunk " + chunk.digest(), "its frame holds other bytes");
    }
    plain.update(bytes);
    packed.update(frame);
    size += frame.length;
    chunks.add(chunk.digest());
  }

  private void append(byte[] bytes) throws IOException {
    int at = 0;
    while (at < bytes.length) {
      int fits = Math.min(bytes.length - at, run.length - runLength);
      System.arraycopy(bytes, at, run, runLength, fits);
      runLength += fits;
      at += fits;
      if (runLength == run.length) {
        endRun();
      }
    }
  }

  private void endRun() throws IOException {
    if (runLength == 0) {
      return;
    }
    Digest digest = store.put(Arrays.copyOf(run, runLength));
    for (FrameStore.Chunk chunk : store.chunks(digest)) {
      stitch(chunk);
    }
    runLength = 0;
  }
}
