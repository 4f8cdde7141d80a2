package dev.imgstore.store;

import dev.imgstore.model.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/**
 * A store seen as the zstd frames it is made of. A blob is one chunk or several; a chunk is a blob
 * itself and has one frame, whose bytes depend only on the chunk and {@link Frames#ENCODER}. Layers
 * are stitched from frames, so that nothing is compressed twice.
 */
public interface FrameStore extends BlobStore {
  /** A part of a blob that has a frame of its own. */
  record Chunk(Digest digest, int size) {}

  /**
   * The chunks whose bytes in a row are the blob; one, the blob itself, if it is below the cutting
   * threshold. The empty blob has one empty chunk.
   *
   * @throws StoreException.MissingBlob if it is not held
   */
  List<Chunk> chunks(Digest blob) throws IOException;

  /**
   * The frame of a chunk, made by {@link Frames#ENCODER}; a frame that another encoder made is
   * replaced by a fresh one. Decompressing it gives the chunk (not verified here: whoever hashes
   * what is stitched does that).
   */
  byte[] frame(Digest chunk) throws IOException;

  /**
   * Stores bytes that are compressed already, or must be kept as one run: not cut, not compressed.
   * The caller closes the stream.
   */
  Digest putVerbatim(InputStream bytes) throws IOException;

  /**
   * As {@link #putVerbatim(InputStream)}, but nothing is stored if the bytes are not this blob: so
   * who is given bytes by a stranger need not hash them too.
   *
   * @return what the bytes are
   */
  Digest putVerbatim(InputStream bytes, Digest wanted) throws IOException;

  /**
   * Names {@code blob} as the frames of these chunks in a row. The chunks are held already; the
   * caller has hashed the stitched bytes.
   *
   * @param size bytes of all frames together
   * @param chunks may hold the same chunk several times
   */
  void putStitched(Digest blob, long size, List<Digest> chunks) throws IOException;
}
