package dev.imgstore.builder.source.fetch;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Counts what is read, and refuses what is too much. */
final class Counted extends FilterInputStream {
  private final String what;
  private final long limit;
  private long count;

  /** More came than is taken. */
  static final class TooLarge extends IOException {
    private static final long serialVersionUID = 1L;

    TooLarge(String message) {
      super(message);
    }
  }

  Counted(InputStream in, String what, long limit) {
    super(in);
    this.what = what;
    this.limit = limit;
  }

  long count() {
    return count;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    int read = super.read(target, offset, length);
    count += Math.max(read, 0);
    if (count > limit) {
      throw new TooLarge(what + " is larger than " + limit + " bytes; it is not read");
    }
    return read;
  }
}
