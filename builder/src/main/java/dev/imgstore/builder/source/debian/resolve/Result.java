package dev.imgstore.builder.source.debian.resolve;

import dev.imgstore.model.Digest;
import java.util.List;
import java.util.function.Function;

/** What became of a request. */
public sealed interface Result {

  /** Gives the result to the function for its kind. */
  <T> T match(
      Function<Resolved, T> resolved,
      Function<Unsatisfiable, T> unsatisfiable,
      Function<Unknown, T> unknown);

  /**
   * A set of packages in which every requirement is met and nothing is forbidden.
   *
   * @param packages sorted by name, then architecture
   */
  record Resolved(List<Chosen> packages) implements Result {
    /** Copies the list. */
    public Resolved {
      packages = List.copyOf(packages);
    }

    @Override
    public <T> T match(
        Function<Resolved, T> resolved,
        Function<Unsatisfiable, T> unsatisfiable,
        Function<Unknown, T> unknown) {
      return resolved.apply(this);
    }
  }

  /**
   * No set of packages does.
   *
   * @param chain one sentence per step, from what was asked for to where it ends
   */
  record Unsatisfiable(List<String> chain) implements Result {
    /** Copies the list. */
    public Unsatisfiable {
      chain = List.copyOf(chain);
    }

    @Override
    public <T> T match(
        Function<Resolved, T> resolved,
        Function<Unsatisfiable, T> unsatisfiable,
        Function<Unknown, T> unknown) {
      return unsatisfiable.apply(this);
    }
  }

  /**
   * Some of what was asked for is not there; nothing was resolved.
   *
   * @param missing each with what to write instead
   */
  record Unknown(List<Missing> missing) implements Result {
    /** Copies the list. */
    public Unknown {
      missing = List.copyOf(missing);
    }

    @Override
    public <T> T match(
        Function<Resolved, T> resolved,
        Function<Unsatisfiable, T> unsatisfiable,
        Function<Unknown, T> unknown) {
      return unknown.apply(this);
    }
  }

  /**
   * One thing asked for that is not there.
   *
   * @param reason one sentence
   * @param instead what could be written instead, nearest first; may be empty
   */
  record Missing(Wanted wanted, String reason, List<String> instead) {
    /** Copies the list. */
    public Missing {
      instead = List.copyOf(instead);
    }
  }

  /**
   * One package of a resolution.
   *
   * @param architecture the package's own, {@code all} among them
   * @param suite as it was asked for in the index it came from
   * @param component of that index
   * @param path relative to the root of a mirror of that suite
   * @param size bytes of the package file
   */
  record Chosen(
      String name,
      String version,
      String architecture,
      String suite,
      String component,
      String path,
      Digest digest,
      long size,
      Reason reason) {}

  /**
   * Why a package is there.
   *
   * @param rule {@code requested}, {@code base}, {@code Pre-Depends}, {@code Depends} or {@code
   *     Recommends}
   * @param by name of the package whose field it is, or what was written in the request
   * @param clause the clause of that field; empty for what was requested
   */
  record Reason(String rule, String by, String clause) {}
}
