package dev.imgstore.cli.schedule;

import dev.imgstore.builder.recipe.Settings;
import dev.imgstore.store.Retention;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a scheduled collection is told in place of the settings, in the words of {@code gc}: {@code
 * keep 10, for 90d, max 20G}.
 *
 * @param rules those given
 * @param maxSize 0 if it is not given
 * @param words by their kind, as they were written
 */
public record Policy(Retention rules, long maxSize, SortedMap<String, String> words) {
  private static final String KEEP = "keep";
  private static final String FOR = "for";
  private static final String MAX = "max";

  /** Copies in. */
  public Policy {
    words = java.util.Collections.unmodifiableSortedMap(new TreeMap<>(words));
  }

  /**
   * Reads one; an empty text is none.
   *
   * @throws IllegalArgumentException with a sentence
   */
  public static Policy parse(String text) {
    SortedMap<String, String> words = new TreeMap<>();
    for (String part : text.split(",", -1)) {
      String[] pair = part.strip().split("\\s+", -1);
      boolean isKnown = List.of(KEEP, FOR, MAX).contains(pair[0]);
      if (isKnown && pair.length == 2) {
        if (words.put(pair[0], pair[1]) != null) {
          throw new IllegalArgumentException("'" + pair[0] + "' is there twice");
        }
      } else if (!text.isBlank()) {
        throw new IllegalArgumentException(
            "'" + part.strip() + "' is no rule; write as in 'keep 10, for 90d, max 20G'");
      }
    }
    return of(words);
  }

  private static Policy of(SortedMap<String, String> words) {
    List<Retention.Rule> rules = new ArrayList<>();
    if (words.containsKey(KEEP)) {
      rules.add(new Retention.KeepLast(number(words.getOrDefault(KEEP, ""))));
    }
    if (words.containsKey(FOR)) {
      rules.add(new Retention.KeepFor(Retention.parse(words.getOrDefault(FOR, ""))));
    }
    String max = words.getOrDefault(MAX, "");
    return new Policy(new Retention(rules), max.isEmpty() ? 0 : Settings.bytes(max), words);
  }

  private static int number(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("'keep " + text + "' is no number of generations", e);
    }
  }

  /** The most that the store should have; empty if the settings say so. */
  public OptionalLong ceiling() {
    return maxSize == 0 ? OptionalLong.empty() : OptionalLong.of(maxSize);
  }

  /** As it can be read again; empty if there is none. */
  @Override
  public String toString() {
    List<String> parts = new ArrayList<>();
    for (String kind : List.of(KEEP, FOR, MAX)) {
      if (words.containsKey(kind)) {
        parts.add(kind + " " + words.get(kind));
      }
    }
    return String.join(", ", parts);
  }
}
