package dev.imgstore.builder.setup;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The options and operands of a command, as getopt_long(3) reads them.
 *
 * @param flags options without a value, with their dashes
 * @param values options with one; the last counts
 * @param operands all else
 */
record Arguments(Set<String> flags, Map<String, String> values, List<String> operands) {
  /**
   * Reads arguments.
   *
   * @param withValue the options that take a value, separated by blanks
   */
  static Arguments read(List<String> words, String withValue) {
    Set<String> takers = Set.copyOf(List.of(withValue.split(" ", -1)));
    Set<String> flags = new TreeSet<>();
    Map<String, String> values = new TreeMap<>();
    List<String> operands = new ArrayList<>();
    boolean options = true;
    for (int i = 0; i < words.size(); i++) {
      String word = words.get(i);
      int equals = word.indexOf('=');
      if (!options || !word.startsWith("-") || word.length() == 1) {
        operands.add(word);
      } else if (word.equals("--")) {
        options = false;
      } else if (word.startsWith("--") && equals > 0) {
        values.put(word.substring(0, equals), word.substring(equals + 1));
      } else if (takers.contains(word)) {
        i++;
        values.put(word, i < words.size() ? words.get(i) : "");
      } else if (word.startsWith("--")) {
        flags.add(word);
      } else {
        readShort(word, takers, flags, values);
      }
    }
    return new Arguments(flags, values, operands);
  }

  private static void readShort(
      String word, Set<String> takers, Set<String> flags, Map<String, String> values) {
    for (int i = 1; i < word.length(); i++) {
      String option = "-" + word.charAt(i);
      if (takers.contains(option)) {
        values.put(option, word.substring(i + 1));
        return;
      }
      flags.add(option);
    }
  }

  /** Whether one of these options is given. */
  boolean has(String... options) {
    for (String option : options) {
      if (flags.contains(option) || values.containsKey(option)) {
        return true;
      }
    }
    return false;
  }

  /** The value of the first of these options that is given, else {@code otherwise}. */
  String value(String otherwise, String... options) {
    for (String option : options) {
      String value = values.get(option);
      if (value != null) {
        return value;
      }
    }
    return otherwise;
  }

  /** Whether nothing but these options is given. */
  boolean only(String... options) {
    Set<String> known = Set.of(options);
    return known.containsAll(flags) && known.containsAll(values.keySet());
  }
}
