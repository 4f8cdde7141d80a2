package dev.imgstore.model;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A name, its numbered generations, and which is current.
 *
 * @param current a number among the generations, or 0 before the first
 * @param next the number the next generation gets; numbers are never reused, even after deletion
 * @param generations by rising number
 * @param history every change of what was current, oldest first
 */
public record Profile(
    String name, int current, int next, List<Generation> generations, List<Switch> history) {
  /** Copies in; refuses a current number that is not there. */
  public Profile {
    Objects.requireNonNull(name);
    generations = List.copyOf(generations);
    history = List.copyOf(history);
    int at = current;
    if (at != 0 && generations.stream().noneMatch(g -> g.number() == at)) {
      throw new IllegalArgumentException("generation " + at + " of " + name + " is not there");
    }
  }

  /** A profile before its first generation. */
  public static Profile empty(String name) {
    return new Profile(name, 0, 1, List.of(), List.of());
  }

  /** The generation with this number. */
  public Optional<Generation> generation(int number) {
    return generations.stream().filter(g -> g.number() == number).findFirst();
  }

  /** The generation that is current. */
  public Optional<Generation> currentGeneration() {
    return generation(current);
  }
}
