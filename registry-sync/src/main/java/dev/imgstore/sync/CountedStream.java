package dev.imgstore.sync;

import dev.imgstore.model.Descriptor;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** A blob on its way, which ends where its descriptor says, or fails. Of one thread. */
final class CountedStream extends FilterInputStream {
  private final Descriptor blob;
  private final Counter counter;
  private long count;

  /** Hears of bytes that came. */
  interface Counter {
    /** May refuse that more is read. */
    void more(int bytes) throws IOException;
  }

  CountedStream(InputStream in, Descriptor blob, Counter counter) {
    super(in);
    this.blob = blob;
    this.counter = counter;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int from, int length) throws IOException {
    int read = super.read(bytes, from, length);
    if (read > 0) {
      count += read;
      counter.more(read);
    }
    if (count > blob.size() || (read < 0 && count < blob.size())) {
      throw new RegistryException(
          RegistryException.Kind.WRONG,
          "the blob "
              + blob.digest()
              + " should have "
              + blob.size()
              + " bytes, and "
              + (read < 0 ? "ends after " + count : "has more"));
    }
    return read;
  }

  @Override
  public boolean markSupported() {
    return false;
  }
}
