package dev.imgstore.sync.client;

import dev.imgstore.sync.RegistryException;
import java.net.URI;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** Whom one may speak to without TLS, and which addresses are of one server. */
record Hosts(Set<String> insecure) {
  private static final Pattern LOOPBACK =
      Pattern.compile("(?i)localhost|127(\\.\\d{1,3}){3}|\\[::1\\]|\\[0:0:0:0:0:0:0:1\\]");
  private static final int HTTPS = 443;
  private static final int HTTP = 80;

  /** True if the host, with or without a port, is this machine. */
  static boolean isLoopback(String host) {
    return LOOPBACK.matcher(host.replaceFirst(":\\d{1,5}$", "")).matches();
  }

  /** True if the host may be asked without TLS. */
  boolean isPlainAllowed(String host) {
    return isLoopback(host) || insecure.contains(host);
  }

  /** Scheme, host and port, in one spelling. */
  static String origin(URI address) {
    boolean tls = "https".equalsIgnoreCase(address.getScheme());
    int port = address.getPort() >= 0 ? address.getPort() : tls ? HTTPS : HTTP;
    return (tls ? "https://" : "http://") + lower(address.getHost()) + ":" + port;
  }

  private static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }

  /** Host and port as written, without a user. */
  static String host(URI address) {
    return address.getHost() + (address.getPort() < 0 ? "" : ":" + address.getPort());
  }

  /**
   * Where another address leads that a registry gave.
   *
   * @param what gave it, for messages
   */
  URI follow(URI from, String location, String what) throws RegistryException {
    URI to;
    try {
      to = from.resolve(URI.create(location));
    } catch (IllegalArgumentException e) {
      throw wrong(what + " leads to what is no address");
    }
    String scheme = lower(String.valueOf(to.getScheme()));
    if (to.getHost() == null || !(scheme.equals("https") || scheme.equals("http"))) {
      throw wrong(what + " leads to what is no address of the web");
    }
    if (to.getUserInfo() != null) {
      throw wrong(what + " leads to an address with a user's name in it, which is not followed");
    }
    if (scheme.equals("http")
        && (from.getScheme().equalsIgnoreCase("https") || !isPlainAllowed(host(to)))) {
      throw wrong(
          what
              + " leads to "
              + host(to)
              + " without TLS, which is not followed; --insecure-registry names hosts that may be"
              + " asked so");
    }
    if (isLoopback(to.getHost()) && !isLoopback(from.getHost())) {
      throw wrong(what + " leads from " + host(from) + " into this machine, which is not followed");
    }
    return to;
  }

  private static RegistryException wrong(String message) {
    return new RegistryException(RegistryException.Kind.WRONG, message);
  }
}
