package dev.imgstore.builder.recipe;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The variants of a recipe: each combination of the values that its {@code matrix} gives to
 * variables, without those it excludes. The first variable varies slowest.
 *
 * @param axes the values of each variable, in the order written
 * @param variants the values of each, by variable, in the order written; one without any if there
 *     is no matrix
 */
record Matrix(Map<String, List<Yaml.Scalar>> axes, List<Map<String, Yaml.Scalar>> variants) {
  static final int MOST = 64;
  static final int MOST_AXES = 8;
  private static final String EXCLUDE = "exclude";

  private static final Rule VALUE =
      Rule.pattern(
          "[A-Za-z0-9][A-Za-z0-9._+~:-]{0,62}",
          "no value of a matrix, for a variant is named by its values; use letters, digits,"
              + " `.`, `_`, `+`, `~`, `:` and `-`, a letter or digit first");

  /** The matrix of a recipe; what is wrong with it is complained of. */
  static Matrix of(Yaml.Mapping recipe, Complaints complaints) {
    Optional<Yaml> node = recipe.get("matrix");
    if (node.isEmpty()) {
      return new Matrix(Map.of(), List.of(Map.of()));
    }
    if (!(node.get() instanceof Yaml.Mapping mapping)) {
      complaints.add(
          node.get().place(),
          "`matrix` is a mapping of variables to their values, this is "
              + node.get().kind()
              + "; write `matrix: {php: [\"8.1\", \"8.2\"]}`");
      return new Matrix(Map.of(), List.of());
    }
    Reading reading = new Reading(complaints);
    for (Yaml.Entry entry : mapping.entries()) {
      if (!entry.key().text().equals(EXCLUDE)) {
        reading.axis(entry);
      }
    }
    return reading.matrix(mapping);
  }

  /**
   * The variants; if the matrix is wrong, one of its first values, so that what else is wrong with
   * the recipe is told too.
   */
  List<Map<String, Yaml.Scalar>> readable() {
    if (!variants.isEmpty() || axes.values().stream().anyMatch(List::isEmpty)) {
      return variants;
    }
    Map<String, Yaml.Scalar> first = new LinkedHashMap<>();
    axes.forEach((name, values) -> first.put(name, values.get(0)));
    return List.of(first);
  }

  /** What the variant's values make of a name: joined by dashes. */
  static String label(Map<String, Yaml.Scalar> variant) {
    return String.join("-", variant.values().stream().map(Yaml.Scalar::text).toList());
  }

  /** True if the recipe has no matrix. */
  boolean isNone() {
    return axes.isEmpty();
  }

  /**
   * The numbers of the variants that settings leave: all whose values are those of the settings.
   *
   * @param settings may name other variables too
   */
  List<Integer> picked(SortedMap<String, String> settings, Complaints complaints) {
    SortedMap<String, String> wanted = new TreeMap<>(settings);
    wanted.keySet().retainAll(axes.keySet());
    boolean known = true;
    for (Map.Entry<String, String> each : wanted.entrySet()) {
      List<String> values =
          axes.getOrDefault(each.getKey(), List.of()).stream().map(Yaml.Scalar::text).toList();
      if (!values.contains(each.getValue())) {
        known = false;
        complaints.addOutside(
            "--set " + each.getKey(),
            "the matrix has no " + Complaints.quote(each.getValue()) + guess(each, values));
      }
    }
    List<Integer> picked = new ArrayList<>();
    for (int i = 0; i < variants.size(); i++) {
      Map<String, Yaml.Scalar> variant = variants.get(i);
      if (wanted.entrySet().stream().allMatch(each -> has(variant, each))) {
        picked.add(i);
      }
    }
    if (picked.isEmpty() && known && !variants.isEmpty()) {
      complaints.addOutside("--set", "the matrix excludes what these settings pick");
    }
    return picked;
  }

  private static String guess(Map.Entry<String, String> typed, List<String> values) {
    return Nearest.of(typed.getValue(), values)
        .map(near -> "; did you mean `" + near + "`?")
        .orElse("; it has `" + String.join("`, `", values) + "`");
  }

  private static boolean has(Map<String, Yaml.Scalar> variant, Map.Entry<String, String> wanted) {
    Yaml.Scalar value = variant.get(wanted.getKey());
    return value != null && value.text().equals(wanted.getValue());
  }

  /** The recipe of one variant: its values are variables, above those that are declared. */
  static Yaml.Mapping variant(Yaml.Mapping recipe, Map<String, Yaml.Scalar> variant) {
    Map<String, Yaml.Entry> variables = new LinkedHashMap<>();
    Optional<Yaml> declared = recipe.get("variables");
    if (declared.isPresent() && !(declared.get() instanceof Yaml.Mapping)) {
      return recipe; // which is complained of when the variables are read
    }
    if (declared.isPresent() && declared.get() instanceof Yaml.Mapping mapping) {
      mapping.entries().forEach(entry -> variables.put(entry.key().text(), entry));
    }
    variant.forEach(
        (name, value) -> variables.put(name, new Yaml.Entry(scalar(name, value.place()), value)));
    List<Yaml.Entry> entries = new ArrayList<>();
    for (Yaml.Entry entry : recipe.entries()) {
      if (!entry.key().text().equals("variables")) {
        entries.add(entry);
      }
    }
    Place place = declared.map(Yaml::place).orElse(recipe.place());
    entries.add(
        new Yaml.Entry(
            scalar("variables", place), new Yaml.Mapping(List.copyOf(variables.values()), place)));
    return new Yaml.Mapping(entries, recipe.place());
  }

  private static Yaml.Scalar scalar(String text, Place place) {
    return new Yaml.Scalar(text, false, false, place);
  }

  /** Reads a matrix, axis by axis. */
  private static final class Reading {
    private final Complaints complaints;
    private final Values values;
    private final Map<String, List<Yaml.Scalar>> axes = new LinkedHashMap<>();
    private boolean good = true;

    Reading(Complaints complaints) {
      this.complaints = complaints;
      this.values = new Values(complaints);
    }

    private void complain(Place place, String text) {
      complaints.add(place, "`matrix`: " + text);
      good = false;
    }

    void axis(Yaml.Entry entry) {
      String name = entry.key().text();
      Rules.VARIABLE.complaint(name).ifPresent(wrong -> complain(entry.key().place(), wrong));
      Map<String, Yaml.Scalar> axis = new LinkedHashMap<>();
      for (Yaml item : values.list(name, entry.value())) {
        Optional<String> text = values.text(name, item, VALUE);
        if (text.isEmpty() || !(item instanceof Yaml.Scalar scalar)) {
          good = false;
        } else if (axis.putIfAbsent(text.get(), scalar) != null) {
          complain(item.place(), Complaints.quote(text.get()) + " is here twice");
        }
      }
      good &= !axis.isEmpty();
      if (RecipeReader.isEmptyList(entry.value())) {
        complain(entry.value().place(), "`" + name + "` needs a list of at least one value");
      }
      axes.put(name, List.copyOf(axis.values()));
    }

    Matrix matrix(Yaml.Mapping mapping) {
      List<Map<String, Yaml.Scalar>> excluded = excluded(mapping);
      long product = 1;
      for (List<Yaml.Scalar> axis : axes.values()) {
        product = Math.min(MOST + 1L, product * Math.max(1, axis.size()));
      }
      if (axes.isEmpty()) {
        complain(mapping.place(), "it names at least one variable and its values");
      } else if (axes.size() > MOST_AXES) {
        complain(mapping.place(), "it has at most " + MOST_AXES + " variables");
      } else if (product > MOST) {
        complain(mapping.place(), "its values make more than " + MOST + " variants");
      }
      if (!good) {
        return new Matrix(axes, List.of());
      }
      List<Map<String, Yaml.Scalar>> variants = product();
      variants.removeIf(variant -> excluded.stream().anyMatch(out -> isExcluded(variant, out)));
      if (variants.isEmpty()) {
        complain(mapping.place(), "`exclude` leaves no variant");
      }
      return new Matrix(Collections.unmodifiableMap(axes), List.copyOf(variants));
    }

    private List<Map<String, Yaml.Scalar>> product() {
      List<Map<String, Yaml.Scalar>> variants = List.of(Map.of());
      for (Map.Entry<String, List<Yaml.Scalar>> axis : axes.entrySet()) {
        List<Map<String, Yaml.Scalar>> next = new ArrayList<>();
        for (Map<String, Yaml.Scalar> variant : variants) {
          for (Yaml.Scalar value : axis.getValue()) {
            Map<String, Yaml.Scalar> longer = new LinkedHashMap<>(variant);
            longer.put(axis.getKey(), value);
            next.add(longer);
          }
        }
        variants = next;
      }
      return new ArrayList<>(variants);
    }

    private List<Map<String, Yaml.Scalar>> excluded(Yaml.Mapping mapping) {
      List<Map<String, Yaml.Scalar>> excluded = new ArrayList<>();
      Optional<Yaml> node = mapping.get(EXCLUDE);
      for (Yaml item : node.map(list -> values.list(EXCLUDE, list)).orElse(List.of())) {
        if (item instanceof Yaml.Mapping one && !one.entries().isEmpty()) {
          excluded.add(exclusion(one));
        } else {
          complain(item.place(), "an entry of `exclude` is a mapping of variables to values");
        }
      }
      return excluded;
    }

    private Map<String, Yaml.Scalar> exclusion(Yaml.Mapping mapping) {
      Map<String, Yaml.Scalar> exclusion = new LinkedHashMap<>();
      for (Yaml.Entry entry : mapping.entries()) {
        String name = entry.key().text();
        List<String> known =
            axes.getOrDefault(name, List.of()).stream().map(Yaml.Scalar::text).toList();
        if (!axes.containsKey(name)) {
          complain(entry.key().place(), Complaints.quote(name) + " is none of its variables");
        } else if (entry.value() instanceof Yaml.Scalar value
            && !value.isNull()
            && known.contains(value.text())) {
          exclusion.put(name, value);
        } else {
          complain(
              entry.value().place(),
              "`exclude` names a value of `" + name + "`: `" + String.join("`, `", known) + "`");
        }
      }
      return exclusion;
    }

    private static boolean isExcluded(
        Map<String, Yaml.Scalar> variant, Map<String, Yaml.Scalar> excluded) {
      Set<Map.Entry<String, Yaml.Scalar>> all = excluded.entrySet();
      return all.stream()
          .allMatch(
              each -> {
                Yaml.Scalar value = variant.get(each.getKey());
                return value != null && value.text().equals(each.getValue().text());
              });
    }
  }
}
