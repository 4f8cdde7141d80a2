package dev.imgstore.builder.source.debian.archive;

import dev.imgstore.builder.source.debian.ControlFile;
import dev.imgstore.builder.source.debian.DebianException;
import dev.imgstore.builder.source.debian.Stanza;
import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The mirrors that the machine's own apt configuration names. Entries of other kinds are passed
 * over.
 */
public record AptSources(List<AptSource> entries) {
  private static final Pattern LINE =
      Pattern.compile("deb\\s+(?:\\[[^]]*]\\s*)?(\\S+)\\s+(\\S+)((?:\\s+\\S+)*)\\s*");
  private static final int UNFIT = 4;
  private static final Set<String> SCHEMES = Set.of("http", "https", "file", "copy");

  /** Copies in. */
  public AptSources {
    entries = List.copyOf(entries);
  }

  /**
   * Reads the files of {@code sources.list} and {@code sources.list.d}.
   *
   * @param files text by file name; names ending in {@code .sources} are in the deb822 style,
   *     {@code .list} in the one-line style, others are ignored as apt does
   * @throws DebianException.Malformed if a deb822 file cannot be read
   */
  public static AptSources read(SortedMap<String, String> files) throws DebianException.Malformed {
    List<AptSource> entries = new ArrayList<>();
    for (Map.Entry<String, String> file : files.entrySet()) {
      if (file.getKey().endsWith(".list")) {
        file.getValue().lines().forEach(line -> oneLine(line, entries));
      } else if (file.getKey().endsWith(".sources")) {
        for (Stanza stanza : ControlFile.read(file.getKey(), file.getValue())) {
          stanza(stanza, entries);
        }
      }
    }
    return new AptSources(entries);
  }

  private static void oneLine(String line, List<AptSource> entries) {
    int comment = line.indexOf('#');
    String text = (comment < 0 ? line : line.substring(0, comment)).strip();
    Matcher matcher = LINE.matcher(text);
    if (matcher.matches()) {
      add(List.of(matcher.group(1)), List.of(matcher.group(2)), words(matcher.group(3)), entries);
    }
  }

  private static void stanza(Stanza stanza, List<AptSource> entries) {
    boolean disabled = stanza.get("Enabled").orElse("yes").strip().matches("(?i)no|false|0|off");
    if (!disabled && words(stanza.get("Types").orElse("")).contains("deb")) {
      add(
          words(stanza.get("URIs").orElse("")),
          words(stanza.get("Suites").orElse("")),
          words(stanza.get("Components").orElse("")),
          entries);
    }
  }

  private static void add(
      List<String> uris, List<String> suites, List<String> components, List<AptSource> entries) {
    List<URI> usable = new ArrayList<>();
    for (String uri : uris) {
      try {
        URI parsed = URI.create(uri.endsWith("/") ? uri : uri + "/");
        if (isUsable(parsed)) {
          usable.add(parsed);
        }
      } catch (IllegalArgumentException e) {
        // Not an address; apt would complain, we only look for mirrors we can use.
      }
    }
    if (!usable.isEmpty() && !suites.isEmpty() && !components.isEmpty()) {
      entries.add(new AptSource(usable, suites, components));
    }
  }

  /** Of other machines' files nothing is known; apt's {@code file:} has no host either. */
  private static boolean isUsable(URI uri) {
    String scheme = String.valueOf(uri.getScheme());
    boolean web = scheme.startsWith("http");
    return SCHEMES.contains(scheme)
        && uri.getRawPath() != null
        && (web ? uri.getHost() != null : uri.getRawAuthority() == null);
  }

  private static List<String> words(String text) {
    return Arrays.stream(text.strip().split("\\s+", -1)).filter(word -> !word.isEmpty()).toList();
  }

  /**
   * Where a suite may be found: first mirrors listed with the suite and one of the components, then
   * others listed with the suite. Without any of the first, those of suites of the same kind
   * (security or not) come last, since one archive holds many releases. Others than Debian may use
   * its names: signatures and hashes decide.
   *
   * @throws DebianException.Missing if the machine names no mirror that could have it
   */
  public List<URI> mirrors(String suite, List<String> components) throws DebianException.Missing {
    Set<URI> found = new LinkedHashSet<>();
    boolean listed = entries.stream().anyMatch(entry -> rank(entry, suite, components) == 0);
    entries.stream()
        .filter(entry -> rank(entry, suite, components) < (listed ? 2 : UNFIT))
        .sorted(Comparator.comparingInt(entry -> rank(entry, suite, components)))
        .forEach(entry -> found.addAll(entry.uris()));
    if (found.isEmpty()) {
      throw new DebianException.Missing(
          "this machine's apt configuration names no mirror for the suite "
              + suite
              + "; add one to /etc/apt/sources.list.d");
    }
    return List.copyOf(found);
  }

  private static int rank(AptSource entry, String suite, List<String> components) {
    int rank = Collections.disjoint(entry.components(), components) ? 1 : 0;
    if (entry.suites().contains(suite)) {
      return rank;
    }
    boolean related =
        entry.suites().stream().anyMatch(other -> isSecurity(other) == isSecurity(suite));
    return related ? rank + 2 : UNFIT;
  }

  private static boolean isSecurity(String suite) {
    return suite.endsWith("-security") || suite.endsWith("/updates");
  }
}
