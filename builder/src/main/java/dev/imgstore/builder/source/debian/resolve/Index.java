package dev.imgstore.builder.source.debian.resolve;

import java.util.List;

/**
 * What is known of one {@code Packages} index beside its bytes.
 *
 * @param suite as it was asked for; it is what a lock names
 * @param names under which a request may choose this suite ({@code package/name}): the suite as
 *     asked for, and the release's own suite and code name
 * @param component for instance {@code main}
 * @param architecture of the index
 * @param priority as apt_preferences(5) gives it: 500, or 100 or 1 for suites that are not
 *     automatic
 */
public record Index(
    String suite, List<String> names, String component, String architecture, int priority) {
  /** Copies the list. */
  public Index {
    names = List.copyOf(names);
  }

  /** How complaints name it. */
  String place() {
    return suite + " " + component + " " + architecture + " Packages";
  }
}
