package dev.imgstore.builder.recipe;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A YAML document as written: texts, lists and mappings, each with its place. */
sealed interface Yaml {
  /** Where it starts. */
  Place place();

  /** What it is, for a message: {@code text}, {@code a list} or {@code a mapping}. */
  String kind();

  /**
   * A single value. Numbers and booleans are still text here, so that nothing is lost.
   *
   * @param quoted written in quotes or as a block, so surely meant as text
   * @param filled a variable was put in, so it may be a number although it is quoted
   */
  record Scalar(String text, boolean quoted, boolean filled, Place place) implements Yaml {
    private static final Set<String> NULLS = Set.of("", "~", "null", "Null", "NULL");

    /** Whether this is the null of YAML's core schema. */
    boolean isNull() {
      return !quoted && !filled && NULLS.contains(text);
    }

    /** Whether this may be read as a number or boolean. */
    boolean isBare() {
      return !quoted || filled;
    }

    @Override
    public String kind() {
      return isNull() ? "nothing" : "text";
    }
  }

  /** A list. */
  record Sequence(List<Yaml> items, Place place) implements Yaml {
    public Sequence {
      items = List.copyOf(items);
    }

    @Override
    public String kind() {
      return "a list";
    }
  }

  /** A mapping in the order written; no key is there twice. */
  record Mapping(List<Entry> entries, Place place) implements Yaml {
    public Mapping {
      entries = List.copyOf(entries);
    }

    /** The value of a key. */
    Optional<Yaml> get(String key) {
      return entries.stream()
          .filter(entry -> entry.key().text().equals(key))
          .map(Entry::value)
          .findFirst();
    }

    @Override
    public String kind() {
      return "a mapping";
    }
  }

  /** One key and its value. */
  record Entry(Scalar key, Yaml value) {}
}
