package dev.imgstore.builder.source.fetch;

import java.net.URI;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The server of an address, as a connection to it takes it: {@link URI#getHost} knows none whose
 * name has an underscore, which DNS and connections do.
 *
 * @param name in small letters
 * @param port -1 if the address says none
 */
record Host(String name, int port) {
  private static final Pattern LENIENT =
      Pattern.compile("(?:[^@]*@)?([^@:\\[\\]]+)(?::([0-9]{0,5}))?");

  /** Nothing if the address names no server. */
  static Optional<Host> of(URI address) {
    if (address.getHost() != null) {
      return Optional.of(new Host(lower(address.getHost()), address.getPort()));
    }
    Matcher found = LENIENT.matcher(String.valueOf(address.getRawAuthority()));
    if (address.getRawAuthority() == null || !found.matches()) {
      return Optional.empty();
    }
    String port = found.group(2);
    boolean told = port != null && !port.isEmpty();
    return Optional.of(new Host(lower(found.group(1)), told ? Integer.parseInt(port) : -1));
  }

  private static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }

  @Override
  public String toString() {
    return port < 0 ? name : name + ":" + port;
  }
}
