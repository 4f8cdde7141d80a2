package dev.imgstore.model;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * A name, its numbered generations, and which is current.
 *
 * @param current a number among the generations, or 0 if there is none: before the first, and after
 *     all were removed
 * @param next the number the next generation gets; numbers are never reused, even after deletion
 * @param generations by rising number
 * @param history every change of what was current, oldest first
 * @param activation what became of the commands that were to follow the last change
 */
public record Profile(
    String name,
    int current,
    int next,
    List<Generation> generations,
    List<Switch> history,
    Activation activation) {
  /** What became of the commands that make the current generation work on this machine. */
  public enum Activation {
    /** Nobody said that any would run. */
    NONE,
    /** They were to run, and nobody has said how that ended. */
    BEGUN,
    /** They ran, and all was well. */
    DONE,
    /** They ran, and something was not well. */
    FAILED
  }

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");

  /** What {@link #isName} wants, for messages. */
  public static final String NAME_RULE =
      "a profile's name has 1 to 128 letters, digits, '.', '_' or '-', and begins with a letter or"
          + " a digit";

  /** Copies in; refuses a bad name and a current number that is not there. */
  public Profile {
    if (!isName(name)) {
      throw new IllegalArgumentException("not a profile: " + name + "; " + NAME_RULE);
    }
    generations = List.copyOf(generations);
    history = List.copyOf(history);
    Objects.requireNonNull(activation);
    int at = current;
    if (at != 0 && generations.stream().noneMatch(g -> g.number() == at)) {
      throw new IllegalArgumentException("generation " + at + " of " + name + " is not there");
    }
  }

  /** One of which nothing was to be activated. */
  public Profile(
      String name, int current, int next, List<Generation> generations, List<Switch> history) {
    this(name, current, next, generations, history, Activation.NONE);
  }

  /** A profile before its first generation. */
  public static Profile empty(String name) {
    return new Profile(name, 0, 1, List.of(), List.of());
  }

  /** True if a profile may have this name: see {@link #NAME_RULE}. ASCII only. */
  public static boolean isName(String name) {
    return NAME.matcher(name).matches();
  }

  /** The generation with this number. */
  public Optional<Generation> generation(int number) {
    return generations.stream().filter(g -> g.number() == number).findFirst();
  }

  /**
   * The last going back from a generation with this image, if nobody chose that generation since; a
   * build does not promote it again.
   */
  public Optional<Switch> rolledBackFrom(Digest image) {
    SortedMap<Integer, Switch> left = new TreeMap<>();
    for (Switch change : history) {
      if (change.kind() == Switch.Kind.ROLLBACK) {
        left.put(change.from(), change);
      }
      left.remove(change.to());
    }
    return left.values().stream()
        .filter(
            change -> generation(change.from()).filter(g -> g.image().equals(image)).isPresent())
        .reduce((first, second) -> second);
  }

  /** The generation that is current. */
  public Optional<Generation> currentGeneration() {
    return generation(current);
  }
}
