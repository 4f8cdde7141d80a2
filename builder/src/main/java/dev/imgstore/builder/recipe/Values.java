package dev.imgstore.builder.recipe;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** Nodes to values. What is wrong is complained of and left out, so that reading goes on. */
final class Values {
  private static final Set<String> OTHER_FLAGS = Set.of("yes", "no", "on", "off", "y", "n");

  private final Complaints complaints;

  Values(Complaints complaints) {
    this.complaints = complaints;
  }

  Complaints complaints() {
    return complaints;
  }

  /** A text that keeps the rule. */
  Optional<String> text(String key, Yaml node, Rule rule) {
    Optional<Yaml.Scalar> scalar = scalar(key, node, "one text");
    if (scalar.isEmpty()) {
      return Optional.empty();
    }
    Optional<String> complaint = rule.complaint(scalar.get().text());
    complaint.ifPresent(text -> complaints.add(node.place(), "`" + key + "`: " + text));
    return complaint.isPresent() ? Optional.empty() : scalar.map(Yaml.Scalar::text);
  }

  /** A whole number in decimal digits. */
  Optional<Long> number(String key, Yaml node, long least, long most) {
    Optional<Yaml.Scalar> scalar = scalar(key, node, "a number");
    if (scalar.isEmpty()) {
      return Optional.empty();
    }
    String text = scalar.get().text();
    if (scalar.get().isBare() && text.matches("0|[1-9][0-9]{0,17}")) {
      long value = Long.parseLong(text);
      if (value >= least && value <= most) {
        return Optional.of(value);
      }
    }
    complaints.add(
        node.place(),
        String.format(
            Locale.ROOT,
            "`%s`: %s is no number from %d to %d%s",
            key,
            Complaints.quote(text),
            least,
            most,
            scalar.get().isBare() ? "" : "; write it without quotes"));
    return Optional.empty();
  }

  /** True or false. */
  Optional<Boolean> flag(String key, Yaml node) {
    Optional<Yaml.Scalar> scalar = scalar(key, node, "true or false");
    if (scalar.isEmpty()) {
      return Optional.empty();
    }
    String text = scalar.get().text();
    if (scalar.get().isBare() && (text.equals("true") || text.equals("false"))) {
      return Optional.of(text.equals("true"));
    }
    complaints.add(
        node.place(),
        "`"
            + key
            + "`: "
            + Complaints.quote(text)
            + " is neither true nor false; "
            + (OTHER_FLAGS.contains(text.toLowerCase(Locale.ROOT))
                ? "YAML 1.2 knows only `true` and `false`"
                : "write one of them, without quotes"));
    return Optional.empty();
  }

  /** A list's items. */
  List<Yaml> list(String key, Yaml node) {
    if (node instanceof Yaml.Sequence sequence) {
      return sequence.items();
    }
    complaints.add(
        node.place(),
        "`" + key + "` is a list, this is " + node.kind() + "; write `" + key + ": [...]`");
    return List.of();
  }

  /** A list of texts that keep the rule. */
  List<String> texts(String key, Yaml node, Rule rule) {
    List<String> texts = new ArrayList<>();
    for (Yaml item : list(key, node)) {
      text(key, item, rule).ifPresent(texts::add);
    }
    return texts;
  }

  /** A list of texts, none of them twice. */
  List<String> distinct(String key, Yaml node, Rule rule) {
    Set<String> texts = new LinkedHashSet<>();
    for (Yaml item : list(key, node)) {
      text(key, item, rule)
          .filter(text -> !texts.add(text))
          .ifPresent(
              text ->
                  complaints.add(
                      item.place(), "`" + key + "`: " + Complaints.quote(text) + " is here twice"));
    }
    return List.copyOf(texts);
  }

  /** A mapping of texts to texts. */
  SortedMap<String, String> map(String key, Yaml node, Rule keys, Rule values) {
    SortedMap<String, String> map = new TreeMap<>();
    if (!(node instanceof Yaml.Mapping mapping)) {
      complaints.add(
          node.place(),
          "`" + key + "` is a mapping, this is " + node.kind() + "; write `name: value` lines");
      return map;
    }
    for (Yaml.Entry entry : mapping.entries()) {
      String name = entry.key().text();
      Optional<String> complaint = keys.complaint(name);
      if (complaint.isPresent()) {
        complaints.add(entry.key().place(), "`" + key + "`: " + complaint.get());
      } else {
        text(key + "." + name, entry.value(), values).ifPresent(text -> map.put(name, text));
      }
    }
    return map;
  }

  private Optional<Yaml.Scalar> scalar(String key, Yaml node, String want) {
    if (node instanceof Yaml.Scalar scalar) {
      if (!scalar.isNull()) {
        return Optional.of(scalar);
      }
      complaints.add(node.place(), "`" + key + "` has no value; write `\"\"` for the empty text");
    } else {
      complaints.add(node.place(), "`" + key + "` is " + want + ", this is " + node.kind());
    }
    return Optional.empty();
  }
}
