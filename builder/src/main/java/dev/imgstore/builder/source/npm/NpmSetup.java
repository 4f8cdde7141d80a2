package dev.imgstore.builder.source.npm;

import dev.imgstore.builder.source.fetch.Accounts;
import dev.imgstore.builder.source.fetch.Address;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What npm is told on this machine: which registry, which one for a scope, which proxy, and which
 * account for whom.
 *
 * @param values by key, the strongest of each
 */
public record NpmSetup(SortedMap<String, String> values) {
  private static final String LOOPBACK =
      "http://(localhost|127(\\.[0-9]{1,3}){3}|\\[::1])(:[0-9]+)?";
  private static final Pattern VARIABLE = Pattern.compile("\\$\\{([^}]+)}");

  /** Copies in. */
  public NpmSetup {
    values = Collections.unmodifiableSortedMap(new TreeMap<>(values));
  }

  /**
   * Reads npm's configuration.
   *
   * @param files texts of npmrc files, the weakest first
   * @param environment {@code npm_config_...} is stronger than any file; case does not matter
   */
  public static NpmSetup read(List<String> files, Map<String, String> environment) {
    SortedMap<String, String> values = new TreeMap<>();
    for (String file : files) {
      for (String line : file.split("\\R", -1)) {
        int equals = line.indexOf('=');
        if (equals > 0 && !line.strip().startsWith("#") && !line.strip().startsWith(";")) {
          String value = line.substring(equals + 1).strip().replaceAll("^([\"'])(.*)\\1$", "$2");
          values.put(
              filled(line.substring(0, equals).strip(), environment), filled(value, environment));
        }
      }
    }
    environment.forEach(
        (name, value) -> {
          if (name.regionMatches(true, 0, "npm_config_", 0, 11) && !value.isEmpty()) {
            String key = name.substring(11);
            values.put(
                key.startsWith("//") || key.startsWith("_")
                    ? key
                    : key.toLowerCase(java.util.Locale.ROOT).replace('_', '-'),
                value);
          }
        });
    return new NpmSetup(values);
  }

  private static String filled(String value, Map<String, String> environment) {
    Matcher matcher = VARIABLE.matcher(value);
    return matcher.replaceAll(
        found -> Matcher.quoteReplacement(environment.getOrDefault(found.group(1), found.group())));
  }

  /** The same with a registry that is used where none is set. */
  public NpmSetup withRegistry(String registry) {
    SortedMap<String, String> more = new TreeMap<>(values);
    more.putIfAbsent("registry", registry);
    return new NpmSetup(more);
  }

  /** Whether a registry is set. */
  public boolean hasRegistry() {
    return values.containsKey("registry");
  }

  /** The registry of a package, if one is set; it ends in a slash. */
  Optional<URI> registry(String packageName) throws IOException {
    String scope =
        packageName.startsWith("@") ? packageName.substring(0, packageName.indexOf('/')) : "";
    String set = scope.isEmpty() ? "" : values.getOrDefault(scope + ":registry", "");
    String used = set.isEmpty() ? values.getOrDefault("registry", "") : set;
    return used.matches("https?://[^/?#]+.*")
        ? Optional.of(
            Address.of(
                "the registry that npm's configuration (npmrc) names for " + packageName,
                used.endsWith("/") ? used : used + "/"))
        : Optional.empty();
  }

  /**
   * The accounts, each for the registry its key names: {@code //host/path/:_authToken}, {@code
   * :_auth}, or {@code :username} with {@code :_password}. A key has no scheme, and none is sent in
   * clear text unless the registry itself is asked so, or is on this machine: who writes a lock
   * file also writes the addresses in it.
   *
   * @throws IOException if one is for no registry in particular: nobody knows who may see it
   */
  public Accounts accounts() throws IOException {
    Accounts accounts = Accounts.NONE;
    for (Map.Entry<String, String> each : values.entrySet()) {
      String key = each.getKey();
      if (key.matches("_auth|_authToken|_password")) {
        throw new IOException(
            "npm's configuration has an account for no registry in particular ("
                + key
                + "); write it as //HOST/:"
                + key
                + ", as npm does since version 9");
      }
      int colon = key.lastIndexOf(':');
      if (key.startsWith("//") && colon > 0 && !each.getValue().isEmpty()) {
        String place = key.substring(0, colon);
        Optional<String> header = header(place, key.substring(colon + 1), each.getValue());
        accounts = header.isPresent() ? with(accounts, place, header.get()) : accounts;
      }
    }
    return accounts;
  }

  private Accounts with(Accounts accounts, String place, String header) throws IOException {
    try {
      Accounts more = accounts.with("https:" + place, header);
      URI plain = URI.create("http:" + place);
      return isAskedPlainly(plain) ? more.with(plain.toString(), header) : more;
    } catch (IllegalArgumentException e) {
      throw new IOException("npm's configuration has an account for " + place + ", no address", e);
    }
  }

  private boolean isAskedPlainly(URI place) {
    String server = Accounts.origin(place);
    return server.matches(LOOPBACK)
        || values.entrySet().stream()
            .filter(each -> each.getKey().matches("registry|.+:registry"))
            .anyMatch(each -> isBelow(server, each.getValue()));
  }

  private static boolean isBelow(String server, String address) {
    try {
      return Accounts.origin(URI.create(address)).equals(server);
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private Optional<String> header(String place, String what, String value) throws IOException {
    if (value.contains("${")) {
      throw new IOException(
          "npm's configuration takes the account for "
              + place
              + " from a variable that is not set; set it");
    }
    if (what.equals("_authToken")) {
      return Optional.of("Bearer " + value);
    }
    boolean token = values.containsKey(place + ":_authToken");
    if (what.equals("_auth") && !token) {
      return Optional.of("Basic " + value);
    }
    String user = values.getOrDefault(place + ":username", "");
    if (what.equals("_password") && !token && !values.containsKey(place + ":_auth")) {
      try {
        byte[] password = Base64.getDecoder().decode(value);
        return Optional.of(
            Accounts.basic(user + ":" + new String(password, StandardCharsets.UTF_8)));
      } catch (IllegalArgumentException e) {
        throw new IOException(
            "npm's configuration has a _password for " + place + " that is no Base64");
      }
    }
    return Optional.empty();
  }

  /** Without secrets. */
  @Override
  public String toString() {
    return "NpmSetup of " + values.size() + " values";
  }

  /** What names the proxies: the environment, with those npm is told. */
  public Map<String, String> proxies(Map<String, String> environment) {
    Map<String, String> proxies = new TreeMap<>(environment);
    put(proxies, "https_proxy", "https-proxy");
    put(proxies, "http_proxy", "proxy");
    put(proxies, "no_proxy", "noproxy");
    return proxies;
  }

  private void put(Map<String, String> proxies, String name, String key) {
    String value = values.getOrDefault(key, "");
    if (!value.isEmpty() && !value.equals("null") && !value.equals("false")) {
      proxies.put(name, value);
    }
  }

  /** Where a tarball may be: at the registry, then where npm had it from. */
  List<URI> addresses(String packageName, String path, String resolved) throws IOException {
    Set<URI> addresses = new LinkedHashSet<>();
    Optional<URI> registry = registry(packageName);
    if (registry.isPresent()) {
      addresses.add(Address.of("the path locked for " + packageName, registry.get() + path));
    }
    if (!resolved.isEmpty()) {
      addresses.add(Address.of("what the lock file names for " + packageName, resolved));
    }
    return new ArrayList<>(addresses);
  }
}
