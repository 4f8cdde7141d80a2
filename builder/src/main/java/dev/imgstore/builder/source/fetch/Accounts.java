package dev.imgstore.builder.source.fetch;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What proves to servers who we are. Each secret is for the addresses below one place, and sent
 * nowhere else; whoever asks sees to it that none follows a redirect to another server. Immutable,
 * and never shown: {@link #toString} tells how many there are.
 */
public final class Accounts {
  /** Nobody is known anywhere. */
  public static final Accounts NONE = new Accounts(Map.of());

  /** Headers by place: {@code scheme://host:port/path/}. */
  private final SortedMap<String, String> headers;

  private Accounts(Map<String, String> headers) {
    this.headers = new TreeMap<>(headers);
  }

  /**
   * With one more.
   *
   * @param place {@code https://host/path/}
   * @param header the value of {@code Authorization}
   * @throws IllegalArgumentException if the place is no address of a server
   */
  public Accounts with(String place, String header) {
    URI uri = URI.create(place).normalize();
    if (uri.getScheme() == null || Host.of(uri).isEmpty()) {
      throw new IllegalArgumentException("an address without a host");
    }
    String path = String.valueOf(uri.getRawPath());
    SortedMap<String, String> more = new TreeMap<>(headers);
    more.put(origin(uri) + path + (path.endsWith("/") ? "" : "/"), header);
    return new Accounts(more);
  }

  /** The header of a user with a password, joined by a colon. */
  public static String basic(String userAndPassword) {
    byte[] bytes = userAndPassword.getBytes(StandardCharsets.UTF_8);
    return "Basic " + Base64.getEncoder().encodeToString(bytes);
  }

  /** The header for an address: that of the longest place it is below. */
  Optional<String> of(URI address) {
    URI uri = address.normalize();
    if (Host.of(uri).isEmpty()) {
      return Optional.empty();
    }
    String whole = origin(uri) + uri.getRawPath();
    return headers.entrySet().stream()
        .filter(each -> whole.startsWith(each.getKey()))
        .max(Map.Entry.comparingByKey())
        .map(Map.Entry::getValue);
  }

  /** Scheme, host and port: who answers. */
  public static String origin(URI address) {
    return lower(address.getScheme()) + ":" + server(address);
  }

  private static String server(URI uri) {
    int port = Host.of(uri).map(Host::port).orElse(-1);
    boolean usual =
        port < 0
            || (port == 443 && !isScheme(uri, "http"))
            || (port == 80 && !isScheme(uri, "https"));
    return "//" + Host.of(uri).map(Host::name).orElse("") + (usual ? "" : ":" + port);
  }

  private static boolean isScheme(URI uri, String scheme) {
    return lower(uri.getScheme()).equals(scheme);
  }

  private static String lower(String text) {
    return String.valueOf(text).toLowerCase(Locale.ROOT);
  }

  @Override
  public String toString() {
    return headers.size() + " accounts";
  }
}
