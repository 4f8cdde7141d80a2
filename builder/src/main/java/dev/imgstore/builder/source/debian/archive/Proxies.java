package dev.imgstore.builder.source.debian.archive;

import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which proxy an address is asked through: apt's own setting for the host, then for the scheme,
 * then the environment's {@code http_proxy}, {@code https_proxy} and {@code no_proxy}.
 */
public final class Proxies {
  private static final Pattern SETTING =
      Pattern.compile("(?i)Acquire::(https?)::Proxy(?:::([^\\s\"]+))?\\s+\"([^\"]*)\"");
  private static final Pattern FLAG =
      Pattern.compile("(?i)Acquire::(Check-Valid-Until|Check-Date)\\s+\"([^\"]*)\"");

  private final SortedMap<String, String> apt = new TreeMap<>();
  private final Map<String, String> environment;
  private boolean expiryChecked = true;

  /**
   * Reads apt's configuration.
   *
   * @param aptConfiguration text of {@code apt.conf} and {@code apt.conf.d}, in order
   */
  public Proxies(String aptConfiguration, Map<String, String> environment) {
    this.environment = Map.copyOf(environment);
    String flat = AptConf.flat(aptConfiguration);
    Matcher setting = SETTING.matcher(flat);
    while (setting.find()) {
      String host = setting.group(2) == null ? "" : setting.group(2);
      apt.put(setting.group(1).toLowerCase(Locale.ROOT) + " " + host, setting.group(3));
    }
    Matcher flag = FLAG.matcher(flat);
    while (flag.find()) {
      expiryChecked &= !flag.group(2).matches("(?i)false|no|0|off|without|disable");
    }
  }

  /** Whether apt is told to check a release's date of expiry. */
  public Release.Expiry expiry() {
    return expiryChecked ? Release.Expiry.CHECKED : Release.Expiry.IGNORED;
  }

  /** The proxy for an address. */
  public Proxy of(URI address) {
    String scheme = String.valueOf(address.getScheme());
    String host = String.valueOf(address.getHost());
    String set = apt.getOrDefault(scheme + " " + host, apt.getOrDefault(scheme + " ", ""));
    if (set.isEmpty()) {
      set = isExempt(host) ? "" : variable(scheme + "_proxy");
    }
    if (set.isEmpty() || set.equalsIgnoreCase("DIRECT")) {
      return Proxy.NO_PROXY;
    }
    URI proxy = URI.create(set.contains("://") ? set : "http://" + set);
    int port = proxy.getPort() < 0 ? 3128 : proxy.getPort();
    return new Proxy(Proxy.Type.HTTP, new InetSocketAddress(proxy.getHost(), port));
  }

  private boolean isExempt(String host) {
    for (String exempt : variable("no_proxy").split(",", -1)) {
      String suffix = exempt.strip();
      if (suffix.equals("*")
          || (!suffix.isEmpty()
              && (host.equals(suffix)
                  || host.endsWith(suffix.startsWith(".") ? suffix : "." + suffix)))) {
        return true;
      }
    }
    return false;
  }

  private String variable(String name) {
    String lower = environment.getOrDefault(name, "");
    return lower.isEmpty() ? environment.getOrDefault(name.toUpperCase(Locale.ROOT), "") : lower;
  }
}
