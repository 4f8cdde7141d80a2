package dev.imgstore.builder.recipe;

import java.util.List;

/**
 * Packages of a Debian archive.
 *
 * @param suites for instance {@code bookworm}, {@code bookworm-updates}, {@code bookworm-security}
 * @param components for instance {@code main}
 * @param keyring name of a keyring of the machine, {@code debian-archive-keyring} by default
 * @param essential whether the packages marked Essential are added (default: only with scripts)
 * @param packages empty if the recipe uses no packages
 */
public record DebianSource(
    List<String> suites,
    List<String> components,
    String keyring,
    boolean essential,
    boolean recommends,
    Scripts scripts,
    List<PackageRequest> packages) {
  /** What becomes of maintainer scripts. */
  public enum Scripts {
    /** Nothing is run; built-in handlers do what the common ones would. */
    NONE,
    /** They run in the sandbox, without network. */
    SANDBOX
  }

  /** Copies in. */
  public DebianSource {
    suites = List.copyOf(suites);
    components = List.copyOf(components);
    packages = List.copyOf(packages);
  }
}
