package dev.imgstore.sync.client;

import dev.imgstore.sync.Content;
import java.io.InputStream;
import java.net.URI;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A request.
 *
 * @param headers without credentials, which are added to what the registry itself is asked
 */
record Call(String method, URI address, SortedMap<String, String> headers, Body body) {
  /** Copies in. */
  Call {
    headers = Collections.unmodifiableSortedMap(new TreeMap<>(headers));
  }

  /**
   * What is sent with it.
   *
   * @param length in bytes, -1 for nothing at all
   */
  record Body(long length, Content content) {
    static final Body NONE = new Body(-1, InputStream::nullInputStream);
    static final Body EMPTY = new Body(0, InputStream::nullInputStream);
  }

  Call(String method, URI address) {
    this(
        method,
        address,
        Collections.emptySortedMap(),
        method.equals("POST") ? Body.EMPTY : Body.NONE);
  }

  Call with(String header, String value) {
    SortedMap<String, String> more = new TreeMap<>(headers);
    more.put(header, value);
    return new Call(method, address, more, body);
  }

  Call with(Body other) {
    return new Call(method, address, headers, other);
  }

  Call at(URI other) {
    return new Call(method, other, headers, body);
  }

  boolean isReading() {
    return method.equals("GET") || method.equals("HEAD");
  }

  /** For messages: no query, no user. */
  String what() {
    return method + " " + Hosts.host(address) + address.getPath();
  }
}
