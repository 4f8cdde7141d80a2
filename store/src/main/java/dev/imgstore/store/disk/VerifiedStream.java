package dev.imgstore.store.disk;

import dev.imgstore.model.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;

/**
 * Hands out a blob piece by piece and hashes on the way; the last piece only after the hash of all
 * was right (law 1). Holds one piece at a time. Not safe for several threads.
 */
final class VerifiedStream extends InputStream {
  /** Gives the next bytes of the blob, at least one; asked only while bytes are due. */
  interface Pieces {
    byte[] next() throws IOException;

    /**
     * Puts the next bytes straight into an array, where that spares a copy.
     *
     * @param room the bytes that it has from {@code offset} on
     * @return their number; 0 if they are to be asked for with {@link #next()}
     */
    default int next(byte[] target, int offset, int room) throws IOException {
      return 0;
    }

    /**
     * Puts next bytes into a buffer, several pieces at once if they fit; at least one byte comes.
     *
     * @param room is empty, and may be used or not
     * @return the bytes, until the next call: {@code room} or another buffer
     */
    default ByteBuffer next(ByteBuffer room) throws IOException {
      return ByteBuffer.wrap(next());
    }
  }

  private final Located blob;
  private final Pieces pieces;
  private final MessageDigest hash = Digest.sha256();
  private long due;
  private byte[] piece = new byte[0];
  private int at;

  VerifiedStream(Located blob, Pieces pieces) throws IOException {
    this.blob = blob;
    this.pieces = pieces;
    this.due = blob.entry().plain();
    if (due == 0) {
      verify();
    }
  }

  private void verify() throws IOException {
    if (!Digest.fromRaw(hash.digest()).equals(blob.entry().digest())) {
      due = Long.MAX_VALUE;
      blob.distrust();
      throw blob.corrupt("its bytes hash to another digest");
    }
  }

  /** True if a byte is there to hand out. */
  private boolean fill() throws IOException {
    while (at == piece.length && due > 0) {
      byte[] next = pieces.next();
      if (next.length > due || next.length == 0) {
        throw blob.corrupt("its parts are not as long as the whole");
      }
      hash.update(next);
      due -= next.length;
      if (due == 0) {
        verify();
      }
      piece = next;
      at = 0;
    }
    return at < piece.length;
  }

  private int straight(byte[] target, int offset, int length) throws IOException {
    int got = pieces.next(target, offset, (int) Math.min(length, due));
    hash.update(target, offset, got);
    due -= got;
    if (due == 0) {
      verify();
    }
    return got;
  }

  @Override
  public int read() throws IOException {
    return fill() ? piece[at++] & 0xff : -1;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    int straight = at == piece.length && due > 0 ? straight(target, offset, length) : 0;
    if (straight > 0) {
      return straight;
    }
    if (!fill()) {
      return -1;
    }
    int some = Math.min(length, piece.length - at);
    System.arraycopy(piece, at, target, offset, some);
    at += some;
    return some;
  }

  @Override
  public long transferTo(OutputStream out) throws IOException {
    long given = 0;
    while (fill()) {
      int some = piece.length - at;
      out.write(piece, at, some);
      at = piece.length;
      given += some;
    }
    return given;
  }

  @Override
  public int available() {
    return piece.length - at;
  }
}
