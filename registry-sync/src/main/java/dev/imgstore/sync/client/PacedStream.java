package dev.imgstore.sync.client;

import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.TimeUnit;

/**
 * A body that comes with a least speed, counted while it is waited for and not while it is used.
 */
final class PacedStream extends InputStream {
  private final InputStream in;
  private final Watch.Guard guard;
  private final Patience patience;
  private long waited;
  private long came;

  PacedStream(InputStream in, Watch.Guard guard, Patience patience) {
    this.in = in;
    this.guard = guard;
    this.patience = patience;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    long began = patience.nanos().getAsLong();
    guard.begin();
    int count;
    try {
      count = in.read(buffer, offset, length);
    } catch (IOException e) {
      throw guard.hasFired() ? new TooSlow() : e;
    } finally {
      guard.end();
    }
    waited += patience.nanos().getAsLong() - began;
    came += Math.max(count, 0);
    if (waited > patience.window().toNanos()) {
      if (came < Patience.FLOOR * TimeUnit.NANOSECONDS.toSeconds(waited)) {
        throw new TooSlow();
      }
      waited = 0;
      came = 0;
    }
    return count;
  }

  /** It gives so little that it would never end. */
  static final class TooSlow extends IOException {
    private static final long serialVersionUID = 1;

    TooSlow() {
      super("it is too slow");
    }
  }
}
