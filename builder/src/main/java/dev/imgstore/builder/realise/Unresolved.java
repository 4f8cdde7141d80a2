package dev.imgstore.builder.realise;

import dev.imgstore.builder.recipe.PackageRequest;
import dev.imgstore.model.Platform;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** The packages of a recipe are unknown, or cannot be together; a mistake of the recipe. */
public final class Unresolved extends IOException {
  private static final long serialVersionUID = 1L;
  private final transient SortedMap<PackageRequest, String> unknown;

  private Unresolved(String message, SortedMap<PackageRequest, String> unknown) {
    super(message);
    this.unknown = Collections.unmodifiableSortedMap(new TreeMap<>(unknown));
  }

  /** No choice of packages does; the chain says why, a step a line. */
  static Unresolved together(Platform platform, List<String> chain) {
    return new Unresolved(
        "the packages for " + platform + " cannot be together:\n  " + String.join("\n  ", chain),
        new TreeMap<>());
  }

  /** Nobody has these; each with a sentence. */
  static Unresolved unknown(Platform platform, SortedMap<PackageRequest, String> unknown) {
    return new Unresolved(
        "packages that are not there for "
            + platform
            + ":\n  "
            + String.join("\n  ", unknown.values()),
        unknown);
  }

  /** The requests that nobody meets, each with a sentence; empty if packages conflict. */
  public SortedMap<PackageRequest, String> unknown() {
    return unknown;
  }
}
