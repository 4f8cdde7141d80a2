package dev.imgstore.sync.serve;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** A body that fails when it has more bytes than are taken. */
final class BoundedBody extends FilterInputStream {
  private long room;

  BoundedBody(InputStream in, long room) {
    super(in);
    this.room = room;
  }

  /** It had more. */
  static final class TooLong extends IOException {
    private static final long serialVersionUID = 1;

    TooLong() {
      super("the body is longer than what is taken");
    }
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    int got = in.read(target, offset, length);
    room -= Math.max(0, got);
    if (room < 0) {
      throw new TooLong();
    }
    return got;
  }
}
