package dev.imgstore.builder.spec;

import java.util.List;
import java.util.Optional;

/** A value of a YAML or JSON file with its place. An alias is the very node it stands for. */
sealed interface Node {
  /** The byte where it begins. */
  int at();

  /** How a scalar is written. Only what is written as it is read can be changed. */
  enum Style {
    PLAIN,
    QUOTED,
    /** Over several lines, with escapes, or as a block. */
    OTHER
  }

  /**
   * Text; numbers and all else count as what is written.
   *
   * @param from first byte of the text, within quotes
   * @param to the byte after it
   */
  record Scalar(String value, int at, int from, int to, Style style) implements Node {}

  /** A list. */
  record Sequence(List<Node> items, int at) implements Node {
    public Sequence {
      items = List.copyOf(items);
    }
  }

  /**
   * A mapping.
   *
   * @param block whether each entry has its own lines
   */
  record Mapping(List<Entry> entries, int at, boolean block) implements Node {
    private static final int DEEPEST_MERGE = 8;

    public Mapping {
      entries = List.copyOf(entries);
    }

    /** The value of a key, also one that is merged in by {@code <<} (YAML 1.1, "Merge Key"). */
    Optional<Node> get(String key) {
      return get(key, 0);
    }

    private Optional<Node> get(String key, int depth) {
      Optional<Node> own = own(key);
      if (own.isPresent() || depth >= DEEPEST_MERGE) {
        return own;
      }
      Optional<Node> merged = own("<<");
      if (merged.isPresent() && merged.get() instanceof Mapping one) {
        return one.get(key, depth + 1);
      }
      if (merged.isPresent() && merged.get() instanceof Sequence several) {
        for (Node each : several.items()) {
          if (each instanceof Mapping one) {
            Optional<Node> found = one.get(key, DEEPEST_MERGE);
            if (found.isPresent()) {
              return found;
            }
          }
        }
      }
      return Optional.empty();
    }

    /** The value of a key that is written here. */
    Optional<Node> own(String key) {
      for (Entry entry : entries) {
        if (entry.key().value().equals(key)) {
          return Optional.of(entry.value());
        }
      }
      return Optional.empty();
    }

    Optional<Mapping> mapping(String key) {
      return get(key).filter(Mapping.class::isInstance).map(Mapping.class::cast);
    }

    Optional<Scalar> scalar(String key) {
      return get(key).filter(Scalar.class::isInstance).map(Scalar.class::cast);
    }

    List<Node> sequence(String key) {
      return get(key).filter(Sequence.class::isInstance).map(Sequence.class::cast).stream()
          .flatMap(each -> each.items().stream())
          .toList();
    }

    /** The text of a key; empty if it has none. */
    String text(String key) {
      return scalar(key).map(Scalar::value).orElse("");
    }
  }

  /** A key and its value. */
  record Entry(Scalar key, Node value) {}
}
