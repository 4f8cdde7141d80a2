package dev.imgstore.builder.source.debian.resolve;

/**
 * One thing that must hold: at least one of its literals. A literal is twice a variable, plus one
 * if it says that the variable's version is <em>not</em> there.
 */
final class Clause {
  /** Why a clause must hold. */
  enum Why {
    /** It was asked for. */
    WANTED,
    /** A version needs one of others. */
    NEED,
    /** A version excludes another. */
    CONFLICT,
    /** A package has only one version. */
    ONE_VERSION,
    /** It follows from others. */
    LEARNED
  }

  /** In order of preference; never changed. */
  final int[] literals;

  /** The same; the search moves those it watches to the front. */
  final int[] watched;

  final Why why;

  /** The dependency, or the node that is wanted. */
  final int about;

  /** The version whose dependency it is. */
  final int owner;

  /** What a learned clause follows from. */
  final Clause[] from;

  Clause(int[] literals, Why why, int owner, int about) {
    this(literals, why, owner, about, new Clause[0]);
  }

  Clause(int[] literals, Why why, int owner, int about, Clause[] from) {
    this.literals = literals;
    this.watched = literals.clone();
    this.why = why;
    this.owner = owner;
    this.about = about;
    this.from = from;
  }
}
