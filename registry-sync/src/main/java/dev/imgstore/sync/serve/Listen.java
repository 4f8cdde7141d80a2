package dev.imgstore.sync.serve;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a server listens.
 *
 * @param host a name or an address of this machine
 * @param port 0 for any that is free
 */
public record Listen(String host, int port) {
  private static final Pattern TEXT =
      Pattern.compile("(?:([A-Za-z0-9.-]+)|\\[([0-9a-fA-F:.]+)\\]):([0-9]{1,5})");
  private static final int MAX_PORT = 65_535;

  /**
   * Reads {@code HOST:PORT} or {@code [ADDRESS]:PORT}.
   *
   * @throws IllegalArgumentException if it is neither
   */
  public static Listen parse(String text) {
    Matcher matcher = TEXT.matcher(text);
    if (!matcher.matches() || Integer.parseInt(matcher.group(3)) > MAX_PORT) {
      throw new IllegalArgumentException(
          text + " is no address to listen on; write HOST:PORT, for instance 127.0.0.1:5000");
    }
    String host = matcher.group(1) == null ? matcher.group(2) : matcher.group(1);
    return new Listen(host, Integer.parseInt(matcher.group(3)));
  }

  /**
   * True if only this machine can reach it.
   *
   * @throws IOException if the host has no address
   */
  public boolean isLoopback() throws IOException {
    return resolve().isLoopbackAddress();
  }

  private InetAddress resolve() throws UnknownHostException {
    try {
      return InetAddress.getByName(host);
    } catch (UnknownHostException e) {
      UnknownHostException named = new UnknownHostException("there is no host " + host);
      named.initCause(e);
      throw named;
    }
  }

  InetSocketAddress address() throws UnknownHostException {
    return new InetSocketAddress(resolve(), port);
  }

  static Listen of(InetSocketAddress bound) {
    return new Listen(bound.getAddress().getHostAddress(), bound.getPort());
  }

  /** As {@link #parse} reads it. */
  @Override
  public String toString() {
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }
}
