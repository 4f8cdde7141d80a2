package dev.imgstore.builder.source.fetch;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which proxy an address is asked through, as apt does: its own setting for the host, then for the
 * scheme ({@code https} falls back on {@code http}), then the environment's {@code http_proxy},
 * {@code https_proxy} and {@code no_proxy}.
 */
public final class Proxies {
  private static final Pattern SETTING =
      Pattern.compile("(?i)Acquire::(https?)::Proxy(?:::([^\\s\"]+))?\\s+\"([^\"]*)\"");
  private static final Pattern FLAG =
      Pattern.compile("(?i)Acquire::(Check-Valid-Until|Check-Date)\\s+\"([^\"]*)\"");
  private static final int HTTP_PORT = 80;
  private static final int SOCKS_PORT = 1080;

  private final SortedMap<String, String> apt = new TreeMap<>();
  private final SortedMap<String, Boolean> checks = new TreeMap<>();
  private final Map<String, String> environment;

  /**
   * Reads apt's configuration.
   *
   * @param aptConfiguration text of {@code apt.conf.d} and {@code apt.conf}, in this order
   */
  public Proxies(String aptConfiguration, Map<String, String> environment) {
    this.environment = Map.copyOf(environment);
    String flat = AptConf.flat(aptConfiguration);
    Matcher setting = SETTING.matcher(flat);
    while (setting.find()) {
      String host = setting.group(2) == null ? "" : setting.group(2);
      apt.put(lower(setting.group(1) + " " + host), setting.group(3));
    }
    Matcher flag = FLAG.matcher(flat);
    while (flag.find()) {
      checks.put(
          lower(flag.group(1)), !flag.group(2).matches("(?i)false|no|0|off|without|disable"));
    }
  }

  private static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }

  /** Whether apt is told to check a release's date of expiry, as it does unless told. */
  public boolean isExpiryChecked() {
    return !checks.containsValue(false);
  }

  /**
   * The proxy for an address.
   *
   * @throws IOException if the setting for it is no address of a proxy
   */
  public Proxy of(URI address) throws IOException {
    String set = set(address);
    return set.isEmpty() ? Proxy.NO_PROXY : proxy(set);
  }

  /**
   * {@code USER:PASSWORD}, which the proxy for an address wants; empty for none.
   *
   * @throws IOException if the setting for it is no address of a proxy
   */
  public String login(URI address) throws IOException {
    String set = set(address);
    String login = set.isEmpty() ? null : address(set).getUserInfo();
    return login == null ? "" : login;
  }

  /** What is set for an address; empty if it is asked directly. */
  private String set(URI address) {
    String scheme = lower(String.valueOf(address.getScheme()));
    String host = Host.of(address).map(Host::name).orElse("");
    String set = configured(scheme, host);
    if (set.isEmpty() && !isExempt(host)) {
      set = variable(scheme + "_proxy");
    }
    return set.equalsIgnoreCase("DIRECT") || set.equalsIgnoreCase("false") ? "" : set;
  }

  private String configured(String scheme, String host) {
    for (String each : scheme.equals("https") ? List.of("https", "http") : List.of(scheme)) {
      for (String where : List.of(host, "")) {
        String set = apt.getOrDefault(each + " " + where, "");
        if (!set.isEmpty()) {
          return set;
        }
      }
    }
    return "";
  }

  private static Proxy proxy(String set) throws IOException {
    URI proxy = address(set);
    boolean socks = lower(proxy.getScheme()).startsWith("socks");
    int port = proxy.getPort() >= 0 ? proxy.getPort() : socks ? SOCKS_PORT : HTTP_PORT;
    return new Proxy(
        socks ? Proxy.Type.SOCKS : Proxy.Type.HTTP,
        InetSocketAddress.createUnresolved(proxy.getHost(), port));
  }

  private static URI address(String set) throws IOException {
    try {
      URI proxy = URI.create(set.contains("://") ? set : "http://" + set);
      if (proxy.getHost() != null) {
        return proxy;
      }
    } catch (IllegalArgumentException e) {
      // Not shown, nor why: it may hold a password.
    }
    throw new IOException(
        "the proxy that apt's Acquire::http::Proxy or http_proxy names is not of the form"
            + " http://HOST:PORT");
  }

  private boolean isExempt(String host) {
    for (String exempt : variable("no_proxy").split(",", -1)) {
      String suffix = lower(exempt.strip());
      if (suffix.equals("*")
          || host.equals(suffix)
          || (!suffix.isEmpty() && host.endsWith(suffix.startsWith(".") ? suffix : "." + suffix))) {
        return true;
      }
    }
    return false;
  }

  private String variable(String name) {
    String found = environment.getOrDefault(name, "");
    return found.isEmpty() ? environment.getOrDefault(name.toUpperCase(Locale.ROOT), "") : found;
  }
}
