package dev.imgstore.builder.recipe;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The recipes that a recipe extends, and those that they extend: each once, a base before what
 * extends it. For one thread.
 */
final class Bases {
  static final int DEEPEST = 8;
  static final int MOST = 32;

  private static final Rule PATH =
      Rules.ANY.and(
          Rule.holds(
              text ->
                  !text.isEmpty()
                      && !text.startsWith("/")
                      && !text.endsWith("/")
                      && text.indexOf('$') < 0,
              "no recipe to extend; write its path from this file, like `../base/recipe.yaml`,"
                  + " without variables"));

  private final BaseTexts texts;
  private final Complaints complaints;
  private final List<Yaml.Mapping> found = new ArrayList<>();
  private final Set<String> done = new LinkedHashSet<>();
  private int nodes;

  private Bases(BaseTexts texts, Complaints complaints) {
    this.texts = texts;
    this.complaints = complaints;
  }

  /** True if a recipe says that it extends another. */
  static boolean has(Yaml.Mapping recipe) {
    return recipe.get("extends").isPresent();
  }

  /**
   * The recipe with all that it extends below it; empty if something of that cannot be read, for
   * then what is not there would be missed.
   *
   * @param file its name for people
   */
  static Optional<Yaml.Mapping> merged(
      Yaml.Mapping recipe, String file, BaseTexts texts, Complaints complaints) {
    if (!has(recipe)) {
      return Optional.of(recipe);
    }
    Complaints own = new Complaints(file);
    Bases bases = new Bases(texts, own);
    bases.nodes = size(recipe);
    bases.visit(recipe, Origin.RECIPE, List.of(file));
    List<Yaml.Mapping> all = new ArrayList<>(bases.found);
    all.add(recipe);
    complaints.addAll(own);
    return own.isEmpty() ? Optional.of(Merging.all(all)) : Optional.empty();
  }

  private void visit(Yaml.Mapping recipe, Origin origin, List<String> way) {
    for (Yaml each : paths(recipe)) {
      Optional<String> path = new Values(complaints).text("extends", each, PATH);
      if (path.isPresent()) {
        base(origin.beside(path.get()), each.place(), way);
      }
    }
  }

  private List<Yaml> paths(Yaml.Mapping recipe) {
    Optional<Yaml> node = recipe.get("extends");
    if (node.isPresent() && node.get() instanceof Yaml.Sequence sequence) {
      return sequence.items();
    }
    return node.map(List::of).orElse(List.of());
  }

  private void base(String path, Place place, List<String> way) {
    BaseTexts.Base base = texts.read(path);
    if (base instanceof BaseTexts.Refused refused) {
      complain(place, Complaints.quote(path) + " " + refused.why());
    } else if (base instanceof BaseTexts.Text text) {
      base(text, Origin.base(text.file(), path), place, way);
    } else {
      throw new AssertionError(base);
    }
  }

  private void base(BaseTexts.Text text, Origin origin, Place place, List<String> way) {
    List<String> further = new ArrayList<>(way);
    further.add(text.file());
    if (way.contains(text.file())) {
      complain(
          place,
          "a circle: "
              + String.join(
                  " extends ", further.subList(way.indexOf(text.file()), further.size())));
    } else if (done.contains(text.file())) {
      return;
    } else if (way.size() > DEEPEST) {
      complain(place, "recipes extend each other at most " + DEEPEST + " deep");
    } else if (done.size() == MOST) {
      complain(place, "a recipe extends at most " + MOST + " others, theirs included");
    } else {
      done.add(text.file());
      compose(text, origin)
          .ifPresent(
              mapping -> {
                nodes += size(mapping);
                if (nodes > YamlComposer.MOST_NODES) {
                  complain(
                      place,
                      "a recipe and what it extends have at most "
                          + YamlComposer.MOST_NODES
                          + " values");
                  return;
                }
                visit(mapping, origin, further);
                found.add(mapping);
              });
    }
  }

  private Optional<Yaml.Mapping> compose(BaseTexts.Text text, Origin origin) {
    Complaints own = new Complaints(text.file());
    Optional<Yaml.Mapping> mapping = Optional.empty();
    try {
      Optional<Yaml> root =
          YamlComposer.compose(YamlText.decode(text.text().toArray()), own)
              .map(node -> in(origin, node));
      mapping = root.filter(Yaml.Mapping.class::isInstance).map(Yaml.Mapping.class::cast);
      if (mapping.isEmpty()) {
        own.add(root.map(Yaml::place).orElse(Place.NONE), RecipeReader.noMapping(root));
      }
    } catch (Unreadable e) {
      own.add(e.place(), e.why());
    }
    complaints.addAll(own);
    return mapping;
  }

  private void complain(Place place, String text) {
    complaints.add(place, "`extends`: " + text);
  }

  private static int size(Yaml node) {
    int size = 1;
    if (node instanceof Yaml.Sequence sequence) {
      for (Yaml item : sequence.items()) {
        size += size(item);
      }
    } else if (node instanceof Yaml.Mapping mapping) {
      for (Yaml.Entry entry : mapping.entries()) {
        size += 1 + size(entry.value());
      }
    }
    return size;
  }

  /** The same nodes, as written in another text. */
  static Yaml in(Origin origin, Yaml node) {
    Place place = node.place().in(origin);
    if (node instanceof Yaml.Scalar scalar) {
      return scalar(origin, scalar);
    }
    if (node instanceof Yaml.Sequence sequence) {
      return new Yaml.Sequence(
          sequence.items().stream().map(item -> in(origin, item)).toList(), place);
    }
    if (node instanceof Yaml.Mapping mapping) {
      return new Yaml.Mapping(
          mapping.entries().stream()
              .map(entry -> new Yaml.Entry(scalar(origin, entry.key()), in(origin, entry.value())))
              .toList(),
          place);
    }
    throw new AssertionError(node);
  }

  private static Yaml.Scalar scalar(Origin origin, Yaml.Scalar scalar) {
    return new Yaml.Scalar(
        scalar.text(), scalar.quoted(), scalar.filled(), scalar.place().in(origin));
  }
}
