package dev.imgstore.builder.recipe;

/**
 * One package asked for: {@code name}, {@code name=version} or {@code name/suite}, with {@code
 * name:arch} for a foreign architecture.
 *
 * @param architecture Debian's word, empty for the platform's own
 * @param version exact, empty for the best
 * @param suite empty for any
 */
public record PackageRequest(String name, String architecture, String version, String suite)
    implements Comparable<PackageRequest> {
  @Override
  public int compareTo(PackageRequest other) {
    return toString().compareTo(other.toString());
  }

  /** As written in a recipe. */
  @Override
  public String toString() {
    return name
        + (architecture.isEmpty() ? "" : ":" + architecture)
        + (version.isEmpty() ? "" : "=" + version)
        + (suite.isEmpty() ? "" : "/" + suite);
  }
}
