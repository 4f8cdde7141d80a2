package dev.imgstore.store;

import dev.imgstore.model.Digest;
import java.io.IOException;
import java.io.InputStream;

/** Digest in, verified bytes out. Safe for many threads. */
public interface BlobReader {
  /** True if the store holds this blob. */
  boolean has(Digest blob) throws IOException;

  /**
   * The number of bytes of the blob.
   *
   * @throws StoreException.MissingBlob if it is not held
   */
  long size(Digest blob) throws IOException;

  /**
   * The bytes of the blob. The hash is checked before the last byte is handed out: a stream that is
   * read to its known size without an exception was right. The caller closes it.
   *
   * @throws StoreException.MissingBlob if it is not held
   * @throws StoreException.Corrupt (while reading) if the bytes are not the blob's
   */
  InputStream open(Digest blob) throws IOException;

  /**
   * Some of the bytes of the blob. What a store keeps in pieces is not read before {@code from},
   * and of those pieces each byte handed out is held against a checksum or the digest of its piece.
   * The hash of the whole is not known here: who needs it reads the whole by {@link #open(Digest)},
   * or hashes what he got. The caller closes it.
   *
   * @param from offset of the first byte
   * @param length bytes; the stream ends after them
   * @throws IllegalArgumentException if the blob has no such bytes
   * @throws StoreException.MissingBlob if it is not held
   * @throws StoreException.Corrupt (now or while reading) if a piece is damaged
   */
  default InputStream open(Digest blob, long from, long length) throws IOException {
    requireRange(blob, size(blob), from, length);
    InputStream in = open(blob);
    try {
      in.skipNBytes(from);
      return new BoundedStream(in, length);
    } catch (IOException e) {
      in.close();
      throw e;
    }
  }

  /** Refuses bytes that a blob of this size does not have. */
  static void requireRange(Digest blob, long size, long from, long length) {
    if (from < 0 || length < 0 || from > size - length) {
      throw new IllegalArgumentException(
          blob + " has " + size + " bytes, and not " + length + " from " + from);
    }
  }

  /**
   * All bytes of a small blob.
   *
   * @param limit more bytes than this are refused, so that a record cannot fill the memory
   */
  default byte[] read(Digest blob, int limit) throws IOException {
    long size = size(blob);
    if (size > limit) {
      throw new IOException(blob + " has " + size + " bytes; at most " + limit + " are read here");
    }
    try (InputStream in = open(blob)) {
      return in.readNBytes((int) size);
    }
  }

  /**
   * Puts all bytes of a blob into an array, from {@code offset} on. After a failure, what is there
   * means nothing.
   *
   * @param length the bytes it must have
   * @return false if it has another number of them
   */
  default boolean readInto(Digest blob, byte[] target, int offset, int length) throws IOException {
    if (size(blob) != length) {
      return false;
    }
    byte[] bytes = read(blob, length);
    System.arraycopy(bytes, 0, target, offset, length);
    return true;
  }
}
