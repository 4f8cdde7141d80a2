package dev.imgstore.builder.recipe;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.Function;

/** One mapping of a file whose keys are known; absent or wrong values give the fallback. */
final class Section {
  private final Yaml.Mapping mapping;
  private final Values values;

  private Section(Yaml.Mapping mapping, Values values) {
    this.mapping = mapping;
    this.values = values;
  }

  /** Complains of every key the part does not know, and of anything but a mapping. */
  static Optional<Section> of(String name, Yaml node, Keys part, Values values) {
    if (!(node instanceof Yaml.Mapping mapping)) {
      values
          .complaints()
          .add(
              node.place(),
              name
                  + " is a mapping, this is "
                  + node.kind()
                  + "; its keys are `"
                  + String.join("`, `", part.keys())
                  + "`");
      return Optional.empty();
    }
    for (Yaml.Entry entry : mapping.entries()) {
      String key = entry.key().text();
      if (!part.keys().contains(key)) {
        values.complaints().add(entry.key().place(), part.unknown(key));
      }
    }
    return Optional.of(new Section(mapping, values));
  }

  Place place() {
    return mapping.place();
  }

  /** Where the value of a key is, or the section itself. */
  Place place(String key) {
    return mapping.get(key).map(Yaml::place).orElse(place());
  }

  boolean has(String key) {
    return mapping.get(key).isPresent();
  }

  /** The value; complains of a key with nothing after it. */
  Optional<Yaml> value(String key) {
    Optional<Yaml> value = mapping.get(key);
    if (value.isPresent() && value.get() instanceof Yaml.Scalar scalar && scalar.isNull()) {
      values
          .complaints()
          .add(scalar.place(), "`" + key + "` has no value; give it one or leave the key out");
      return Optional.empty();
    }
    return value;
  }

  /** The value of a key that must be there. */
  Optional<Yaml> required(String key, String what) {
    if (!has(key)) {
      values.complaints().add(place(), what + " needs `" + key + "`");
    }
    return value(key);
  }

  Optional<String> text(String key, Rule rule) {
    return value(key).flatMap(node -> values.text(key, node, rule));
  }

  String text(String key, String fallback, Rule rule) {
    return text(key, rule).orElse(fallback);
  }

  /** A path beside the text that it is written in, as one from the recipe's directory. */
  Optional<String> beside(String key) {
    Origin origin = place(key).origin();
    return text(key, origin.rule()).map(path -> origin.beside(Rules.beside(path)));
  }

  /** Paths as that of {@link #beside}, each once. */
  List<String> besides(String key) {
    Origin origin = place(key).origin();
    return distinct(key, List.of(), origin.rule()).stream()
        .map(path -> origin.beside(Rules.beside(path)))
        .toList();
  }

  long number(String key, long fallback, long least, long most) {
    return value(key).flatMap(node -> values.number(key, node, least, most)).orElse(fallback);
  }

  boolean flag(String key, Boolean fallback) {
    return value(key).flatMap(node -> values.flag(key, node)).orElse(fallback);
  }

  List<Yaml> list(String key) {
    return value(key).map(node -> values.list(key, node)).orElse(List.of());
  }

  List<String> texts(String key, Rule rule) {
    return value(key).map(node -> values.texts(key, node, rule)).orElse(List.of());
  }

  List<String> distinct(String key, List<String> fallback, Rule rule) {
    return value(key).map(node -> values.distinct(key, node, rule)).orElse(fallback);
  }

  SortedMap<String, String> map(String key, Rule keys, Rule texts) {
    return value(key)
        .map(node -> values.map(key, node, keys, texts))
        .orElse(Collections.emptySortedMap());
  }

  /** The section under a key. */
  Optional<Section> section(String key, Keys part) {
    return value(key).flatMap(node -> of("`" + key + "`", node, part, values));
  }

  /** The entries of the mapping under a key; complains of anything but a mapping. */
  List<Yaml.Entry> entries(String key) {
    Optional<Yaml> node = value(key);
    if (node.isPresent() && node.get() instanceof Yaml.Mapping inner) {
      return inner.entries();
    }
    node.ifPresent(
        other ->
            complain(
                other.place(),
                "`"
                    + key
                    + "` is a mapping, this is "
                    + other.kind()
                    + "; write `name: ...` lines"));
    return List.of();
  }

  /** The names in the mapping under a key, if there is one; complains of nothing. */
  List<String> names(String key) {
    return mapping.get(key).orElse(mapping) instanceof Yaml.Mapping inner && has(key)
        ? inner.entries().stream().map(entry -> entry.key().text()).toList()
        : List.of();
  }

  /** A section that has only the value of a key, under another one. */
  Section named(String key, String other) {
    List<Yaml.Entry> entries =
        mapping.entries().stream()
            .filter(entry -> entry.key().text().equals(key))
            .map(
                entry ->
                    new Yaml.Entry(
                        new Yaml.Scalar(other, false, false, entry.key().place()), entry.value()))
            .toList();
    return new Section(new Yaml.Mapping(entries, mapping.place()), values);
  }

  /** One of a few words. */
  <E> E choice(String key, E fallback, Map<String, E> words) {
    return text(key, Rule.oneOf(words.keySet())).map(words::get).orElse(fallback);
  }

  /** A value of its own kind, from its text. */
  <T> Optional<T> parsed(String key, Function<String, Parsed<T>> parser) {
    Optional<String> text = text(key, Rules.ANY);
    if (text.isEmpty()) {
      return Optional.empty();
    }
    Parsed<T> parsed = parser.apply(text.get());
    parsed.complaint().ifPresent(complaint -> complain(place(key), "`" + key + "`: " + complaint));
    return parsed.value();
  }

  void complain(Place place, String text) {
    values.complaints().add(place, text);
  }

  Values values() {
    return values;
  }
}
