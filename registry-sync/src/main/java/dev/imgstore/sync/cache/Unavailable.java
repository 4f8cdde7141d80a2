package dev.imgstore.sync.cache;

import java.io.IOException;

/** The cache does not serve, for all that it is asked: it is left alone. */
final class Unavailable extends IOException {
  private static final long serialVersionUID = 1L;

  Unavailable(String why) {
    super(why);
  }

  Unavailable(String why, Throwable cause) {
    super(why, cause);
  }
}
