package dev.imgstore.builder.source.fetch;

import java.io.IOException;
import java.net.URI;

/** Addresses that people, tools or strangers have written. */
public final class Address {
  private Address() {}

  /**
   * Reads one.
   *
   * @param where names what says so, for people; the text itself is not shown, for it may hold a
   *     password
   * @throws IOException if it is none, or of a server without saying which
   */
  public static URI of(String where, String text) throws IOException {
    IOException none = new IOException(where + " is no address (is a variable in it not set?)");
    try {
      URI uri = URI.create(text);
      if (uri.getScheme() == null
          || (uri.getScheme().matches("(?i)https?") && Host.of(uri).isEmpty())) {
        throw none;
      }
      return uri;
    } catch (IllegalArgumentException e) {
      throw none;
    }
  }
}
