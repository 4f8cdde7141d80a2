package dev.imgstore.store.disk;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/** Some bytes of pieces in a row, which were verified one by one. Not safe for several threads. */
final class PieceStream extends InputStream {
  /** For less than this no room is needed beyond the pieces'. */
  private static final int LITTLE = 64 << 10;

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

  /** To a channel in large runs, out of memory that the system reads and writes by itself. */
  @Override
  public long transferTo(OutputStream out) throws IOException {
    return out instanceof WritableByteChannel channel ? to(channel) : given(out);
  }

  private long to(WritableByteChannel channel) throws IOException {
    long given = Math.min(due, piece.length - at);
    write(channel, ByteBuffer.wrap(piece, at, (int) given));
    at += (int) given;
    due -= given;
    ByteBuffer room = due > LITTLE ? Direct.take() : ByteBuffer.allocate(0);
    try {
      while (due > 0) {
        ByteBuffer next = pieces.next(room.clear());
        int before = (int) Math.min(skip, next.remaining());
        skip -= before;
        next.position(next.position() + before);
        next.limit(next.position() + (int) Math.min(due, next.remaining()));
        due -= next.remaining();
        given += next.remaining();
        write(channel, next);
      }
      return given;
    } finally {
      Direct.give(room);
    }
  }

  private static void write(WritableByteChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  private long given(OutputStream out) throws IOException {
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
