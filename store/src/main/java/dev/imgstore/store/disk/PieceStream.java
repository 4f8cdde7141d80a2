package dev.imgstore.store.disk;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** Some bytes of pieces in a row, which were verified one by one. Not safe for several threads. */
final class PieceStream extends InputStream {
  private final VerifiedStream.Pieces pieces;
  private long skip;
  private long due;
  private byte[] piece = new byte[0];
  private int at;

  PieceStream(VerifiedStream.Pieces pieces, long skip, long length) {
    this.pieces = pieces;
    this.skip = skip;
    this.due = length;
  }

  /** How many bytes of this piece are to be handed out. */
  private int fill() throws IOException {
    while (due > 0 && at == piece.length) {
      piece = pieces.next();
      at = (int) Math.min(skip, piece.length);
      skip -= at;
    }
    return (int) Math.min(due, piece.length - at);
  }

  @Override
  public int read() throws IOException {
    if (fill() == 0) {
      return -1;
    }
    due--;
    return piece[at++] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    int some = Math.min(length, fill());
    if (some == 0) {
      return -1;
    }
    System.arraycopy(piece, at, target, offset, some);
    at += some;
    due -= some;
    return some;
  }

  @Override
  public long transferTo(OutputStream out) throws IOException {
    long given = 0;
    for (int some = fill(); some > 0; some = fill()) {
      out.write(piece, at, some);
      at += some;
      due -= some;
      given += some;
    }
    return given;
  }

  @Override
  public int available() {
    return (int) Math.min(due, piece.length - at);
  }
}
