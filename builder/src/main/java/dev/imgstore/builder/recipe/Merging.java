package dev.imgstore.builder.recipe;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One recipe over another. Mappings are merged key by key and the upper one wins; the lists that
 * add something to an image are the lower one's and then the upper one's; of anything else the
 * upper one's stands alone. Nothing is complained of: what is wrong is seen when the result is
 * read.
 */
final class Merging {
  /** What a recipe does not inherit. */
  static final Set<String> OWN = Set.of("name", "matrix", "extends");

  /** The lists that grow, each with the key that names an item; empty if the item is a text. */
  private static final Map<String, String> GROWING =
      Map.of("packages", "", "files", "path", "groups", "name", "users", "name");

  /** Mappings of named things, which are replaced whole. */
  private static final Set<String> NAMED = Set.of("steps", "inputs");

  /** What makes an entry of files one that may be a directory. */
  private static final Set<String> ADDED = Set.of("from", "input", "step");

  private Merging() {}

  /** Each over the ones before it. */
  static Yaml.Mapping all(List<Yaml.Mapping> recipes) {
    Yaml.Mapping merged = recipes.get(0);
    for (Yaml.Mapping each : recipes.subList(1, recipes.size())) {
      merged = recipe(merged, each);
    }
    return merged;
  }

  private static Yaml.Mapping recipe(Yaml.Mapping lower, Yaml.Mapping upper) {
    Map<String, Yaml.Entry> merged = new LinkedHashMap<>();
    for (Yaml.Entry entry : lower.entries()) {
      if (!OWN.contains(entry.key().text())) {
        merged.put(entry.key().text(), entry);
      }
    }
    for (Yaml.Entry entry : upper.entries()) {
      merged.merge(entry.key().text(), entry, Merging::section);
    }
    return new Yaml.Mapping(List.copyOf(merged.values()), upper.place());
  }

  private static Yaml.Entry section(Yaml.Entry lower, Yaml.Entry upper) {
    String key = upper.key().text();
    String name = GROWING.get(key);
    if (name != null
        && lower.value() instanceof Yaml.Sequence first
        && upper.value() instanceof Yaml.Sequence second) {
      return new Yaml.Entry(upper.key(), grown(name, first, second));
    }
    return NAMED.contains(key)
        ? entries(lower, upper, 1)
        : entries(lower, upper, Integer.MAX_VALUE);
  }

  /** One value over another; mappings so many levels deep are merged. */
  private static Yaml.Entry entries(Yaml.Entry lower, Yaml.Entry upper, int levels) {
    if (levels == 0
        || !(lower.value() instanceof Yaml.Mapping first)
        || !(upper.value() instanceof Yaml.Mapping second)) {
      return upper;
    }
    Map<String, Yaml.Entry> merged = new LinkedHashMap<>();
    first.entries().forEach(entry -> merged.put(entry.key().text(), entry));
    second
        .entries()
        .forEach(
            entry ->
                merged.merge(
                    entry.key().text(), entry, (one, other) -> entries(one, other, levels - 1)));
    return new Yaml.Entry(
        upper.key(), new Yaml.Mapping(List.copyOf(merged.values()), second.place()));
  }

  /** Both lists, without those of the lower one that the upper one has by the same name. */
  private static Yaml.Sequence grown(String key, Yaml.Sequence lower, Yaml.Sequence upper) {
    Set<String> all = new HashSet<>();
    Set<String> whole = new HashSet<>();
    for (Yaml item : upper.items()) {
      name(key, item).ifPresent(isAdded(item) ? all::add : whole::add);
    }
    all.addAll(whole);
    List<Yaml> items = new ArrayList<>();
    for (Yaml item : lower.items()) {
      if (name(key, item).filter(isAdded(item) ? whole::contains : all::contains).isEmpty()) {
        items.add(item);
      }
    }
    items.addAll(upper.items());
    return new Yaml.Sequence(items, upper.place());
  }

  /** What makes two items the same. */
  private static Optional<String> name(String key, Yaml item) {
    if (key.isEmpty()) {
      return item instanceof Yaml.Scalar scalar
          ? Optional.of(scalar.text().replaceFirst("(?s)[=/].*", ""))
          : Optional.empty();
    }
    if (item instanceof Yaml.Mapping mapping
        && mapping.get(key).orElse(item) instanceof Yaml.Scalar name) {
      return Optional.of(name.text());
    }
    return Optional.empty();
  }

  /** Directories that are copied to one place may meet there. */
  private static boolean isAdded(Yaml item) {
    return item instanceof Yaml.Mapping mapping
        && mapping.entries().stream().anyMatch(entry -> ADDED.contains(entry.key().text()));
  }
}
