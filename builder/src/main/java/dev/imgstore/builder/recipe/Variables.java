package dev.imgstore.builder.recipe;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Puts variables into texts: <code>${name}</code> is the variable's value, {@code $$} is one
 * dollar, and any other dollar stays. Values are put in as they are and not looked at again.
 */
final class Variables {
  static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_-]{0,62}");
  static final int MOST_CHARACTERS = 8 << 20;

  private final SortedMap<String, String> values;
  private final Complaints complaints;
  private long characters;
  private boolean tooMuch;

  private Variables(SortedMap<String, String> values, Complaints complaints) {
    this.values = values;
    this.complaints = complaints;
  }

  /**
   * The document with every value filled in but those of {@code variables} itself.
   *
   * @param settings stand above the values that the recipe gives
   */
  static Yaml.Mapping fill(
      Yaml.Mapping recipe, SortedMap<String, String> settings, Complaints complaints) {
    SortedMap<String, String> values = declared(recipe, complaints);
    settings.forEach(
        (name, value) -> {
          if (values.replace(name, value) == null) {
            complaints.addOutside(
                "--set " + name,
                "the recipe has no variable " + Complaints.quote(name) + guess(name, values));
          }
        });
    Variables variables = new Variables(values, complaints);
    List<Yaml.Entry> filled = new ArrayList<>();
    for (Yaml.Entry entry : recipe.entries()) {
      boolean own = entry.key().text().equals("variables");
      filled.add(own ? entry : new Yaml.Entry(entry.key(), variables.fill(entry.value())));
    }
    return new Yaml.Mapping(filled, recipe.place());
  }

  private static SortedMap<String, String> declared(Yaml.Mapping recipe, Complaints complaints) {
    Values reading = new Values(complaints);
    SortedMap<String, String> values = new TreeMap<>();
    recipe
        .get("variables")
        .ifPresent(
            node ->
                values.putAll(
                    reading.map("variables", node, Rules.VARIABLE, Rules.VARIABLE_VALUE)));
    return values;
  }

  private static String guess(String name, SortedMap<String, String> values) {
    if (values.isEmpty()) {
      return "; it has none under `variables`";
    }
    return Nearest.of(name, values.keySet())
        .map(near -> "; did you mean `" + near + "`?")
        .orElse("; it has `" + String.join("`, `", values.keySet()) + "`");
  }

  private Yaml fill(Yaml node) {
    if (node instanceof Yaml.Scalar scalar) {
      return fill(scalar);
    }
    if (node instanceof Yaml.Sequence sequence) {
      return new Yaml.Sequence(
          sequence.items().stream().map(this::fill).toList(), sequence.place());
    }
    if (node instanceof Yaml.Mapping mapping) {
      return new Yaml.Mapping(
          mapping.entries().stream()
              .map(entry -> new Yaml.Entry(entry.key(), fill(entry.value())))
              .toList(),
          mapping.place());
    }
    throw new AssertionError(node);
  }

  private Yaml.Scalar fill(Yaml.Scalar scalar) {
    String text = scalar.text();
    if (text.indexOf('$') < 0) {
      return scalar;
    }
    StringBuilder out = new StringBuilder();
    boolean filled = false;
    int at = 0;
    while (at < text.length()) {
      if (text.startsWith("$$", at)) {
        out.append('$');
        at += 2;
      } else if (text.startsWith("${", at)) {
        int end = text.indexOf('}', at);
        if (end < 0) {
          complaints.add(
              scalar.place(), "`${` is never closed; write `$${` for the characters themselves");
          complaints.mute(scalar.place());
          return scalar;
        }
        put(text.substring(at + 2, end), scalar.place(), out);
        filled = true;
        at = end + 1;
      } else {
        out.append(text.charAt(at++));
      }
    }
    return new Yaml.Scalar(out.toString(), scalar.quoted(), filled, scalar.place());
  }

  private void put(String name, Place place, StringBuilder out) {
    String value = values.get(name);
    if (value == null) {
      complaints.add(
          place,
          "unknown variable "
              + Complaints.quote(name)
              + guess(name, values).replaceFirst("[^?]$", "$0.")
              + " Write `$${` for the characters themselves");
      complaints.mute(place);
      return;
    }
    characters += value.length();
    if (characters <= MOST_CHARACTERS) {
      out.append(value);
    } else if (!tooMuch) {
      tooMuch = true;
      complaints.add(place, "the variables make the recipe larger than 8 Mi characters");
    }
  }
}
