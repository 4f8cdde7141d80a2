package dev.imgstore.builder.source.debian.resolve;

import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What to resolve.
 *
 * @param packages in the order they were asked for, which decides where choices compete
 * @param base what to add without naming it
 * @param recommends whether recommended packages are wanted
 * @param keep versions to stay with as long as they are there and will do, by name or {@code
 *     name:architecture}: the last lock without the packages to be updated. Empty: the newest
 */
public record Request(
    List<Wanted> packages, Base base, Recommends recommends, SortedMap<String, String> keep) {

  /** What to add without naming it. */
  public enum Base {
    /** Nothing. */
    NONE,
    /** Packages marked {@code Essential: yes}. */
    ESSENTIAL,
    /** Those, and packages of {@code Priority: required}. */
    REQUIRED
  }

  /** What is done with the field Recommends. */
  public enum Recommends {
    /** It is ignored. */
    IGNORE,
    /** It is followed as far as nothing required forbids it. */
    FOLLOW
  }

  /** Copies the collections. */
  public Request {
    packages = List.copyOf(packages);
    keep = Collections.unmodifiableSortedMap(new TreeMap<>(keep));
  }

  /** The newest versions of some packages and what they require. */
  public static Request of(List<Wanted> packages) {
    return new Request(packages, Base.NONE, Recommends.IGNORE, Collections.emptySortedMap());
  }
}
