package dev.imgstore.builder.sandbox;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** A stream that ends with an exception where a secret is in it. */
final class SearchedStream extends FilterInputStream {
  private final SecretSearch search;

  SearchedStream(InputStream in, SecretSearch search) {
    super(in);
    this.search = search;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    int count = in.read(target, offset, length);
    if (count > 0) {
      search.see(target, offset, count);
      if (!search.found().isEmpty()) {
        throw new SecretFound(search.found());
      }
    }
    return count;
  }

  @Override
  public long skip(long count) throws IOException {
    return Math.max(0, read(new byte[(int) Math.min(count, 1 << 16)]));
  }
}
