package dev.imgstore.store;

import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** So many bytes of another stream, which has them. */
final class BoundedStream extends FilterInputStream {
  private long due;

  BoundedStream(InputStream in, long length) {
    super(in);
    this.due = length;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    if (due == 0) {
      return length == 0 ? 0 : -1;
    }
    int got = in.read(target, offset, (int) Math.min(due, length));
    if (got < 0) {
      throw new EOFException("the blob is shorter than its size");
    }
    due -= got;
    return got;
  }

  @Override
  public long skip(long count) throws IOException {
    long skipped = in.skip(Math.min(due, count));
    due -= skipped;
    return skipped;
  }

  @Override
  public int available() throws IOException {
    return (int) Math.min(due, in.available());
  }

  @Override
  public boolean markSupported() {
    return false;
  }
}
