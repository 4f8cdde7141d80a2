package dev.imgstore.sync.client;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a registry wants to see (RFC 9110, "WWW-Authenticate"; distribution's token authentication).
 *
 * @param scheme {@code basic} or {@code bearer}
 * @param parameters by lower-case name
 */
record Challenge(String scheme, SortedMap<String, String> parameters) {
  private static final Pattern SCHEME =
      Pattern.compile("(?i)(?:^|,)[ \\t]*+(basic|bearer)(?=[ \\t,]|$)");
  private static final Pattern PARAMETER =
      Pattern.compile(
          "([A-Za-z0-9_-]{1,64}+)[ \\t]*+=[ \\t]*+(?:\"((?:[^\"\\\\]++|\\\\.)*+)\"|([^\\s,\"]++))");

  /** Copies in. */
  Challenge {
    parameters = Collections.unmodifiableSortedMap(new TreeMap<>(parameters));
  }

  /** The best that these headers ask for: a token before a password. */
  static Optional<Challenge> best(List<String> headers) {
    List<Challenge> all = new ArrayList<>();
    headers.forEach(header -> read(header, all));
    return all.stream()
        .filter(each -> each.scheme.equals("bearer") && !each.parameter("realm").isEmpty())
        .findFirst()
        .or(() -> all.stream().filter(each -> each.scheme.equals("basic")).findFirst());
  }

  private static void read(String header, List<Challenge> all) {
    Matcher scheme = SCHEME.matcher(header);
    boolean more = scheme.find();
    while (more) {
      String name = scheme.group(1).toLowerCase(Locale.ROOT);
      int from = scheme.end();
      more = scheme.find();
      String text = header.substring(from, more ? scheme.start() : header.length());
      SortedMap<String, String> parameters = new TreeMap<>();
      Matcher parameter = PARAMETER.matcher(text);
      while (parameter.find()) {
        String quoted = parameter.group(2);
        parameters.put(
            parameter.group(1).toLowerCase(Locale.ROOT),
            quoted == null ? parameter.group(3) : quoted.replaceAll("\\\\(.)", "$1"));
      }
      all.add(new Challenge(name, parameters));
    }
  }

  /** Empty if it is not there. */
  String parameter(String name) {
    return parameters.getOrDefault(name, "");
  }
}
