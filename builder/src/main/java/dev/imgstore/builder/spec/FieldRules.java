package dev.imgstore.builder.spec;

import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Files where one image is several fields: Kustomize, and the values of a Helm chart. */
final class FieldRules {
  private static final List<String> OTHERS = List.of("tag", "digest", "registry");

  private final Findings findings;

  /** Mappings that others merge in under another name, so that a digest would be theirs, too. */
  private final Set<Node> shared = Collections.newSetFromMap(new IdentityHashMap<>());

  /** Mappings that are the value of what is called an image. */
  private final Set<Node> called = Collections.newSetFromMap(new IdentityHashMap<>());

  FieldRules(Findings findings) {
    this.findings = findings;
  }

  /** The {@code images} of a kustomization (Kustomize, "images"). */
  void kustomization(Node.Mapping document) {
    int number = 0;
    for (Node each : document.sequence("images")) {
      String where = "images[" + number++ + "]";
      if (each instanceof Node.Mapping image) {
        String name = image.text("newName").isEmpty() ? image.text("name") : image.text("newName");
        fields(image, where, name, "newTag", true);
      }
    }
  }

  /**
   * What the values of most charts look like: {@code image:} with a reference, or any mapping with
   * a {@code repository}. A chart that has a {@code digest} is believed to use it; else the tag
   * takes it, as every chart puts it behind a colon.
   */
  void values(Node.Mapping document) {
    each(document, this::share);
    each(document, this::value);
  }

  private static void each(Node.Mapping document, Consumer<Node.Mapping> what) {
    Set<Node> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    Deque<Node> todo = new ArrayDeque<>(List.of(document));
    while (!todo.isEmpty()) {
      Node node = todo.removeFirst();
      if (node instanceof Node.Sequence list) {
        list.items().stream().filter(seen::add).forEach(todo::addLast);
      } else if (node instanceof Node.Mapping mapping) {
        what.accept(mapping);
        for (Node.Entry entry : mapping.entries()) {
          if (seen.add(entry.value())) {
            todo.addLast(entry.value());
          }
        }
      }
    }
  }

  private void share(Node.Mapping user) {
    for (Node.Mapping base : bases(user)) {
      if (!name(base).equals(name(user))) {
        share(List.of(base));
      }
    }
  }

  private void share(List<Node.Mapping> bases) {
    Deque<Node.Mapping> todo = new ArrayDeque<>(bases);
    while (!todo.isEmpty()) {
      Node.Mapping base = todo.removeFirst();
      if (shared.add(base)) {
        todo.addAll(bases(base));
      }
    }
  }

  private static List<Node.Mapping> bases(Node.Mapping mapping) {
    List<Node> merged = mapping.own("<<").map(List::of).orElse(List.of());
    if (!merged.isEmpty() && merged.get(0) instanceof Node.Sequence several) {
      merged = several.items();
    }
    return merged.stream()
        .filter(Node.Mapping.class::isInstance)
        .map(Node.Mapping.class::cast)
        .toList();
  }

  private static String name(Node.Mapping mapping) {
    String registry = mapping.text("registry");
    String repository = mapping.text("repository");
    return registry.isEmpty() ? repository : registry + "/" + repository;
  }

  private void value(Node.Mapping mapping) {
    boolean parts =
        List.of("tag", "digest", "pullPolicy", "registry").stream()
            .anyMatch(key -> mapping.own(key).isPresent());
    if (mapping.own("repository").isPresent() && parts) {
      fields(mapping, "image", name(mapping), "tag", false);
    }
    Set<String> keys = Overlooked.keys(mapping);
    for (Node.Entry entry : mapping.entries()) {
      String key = entry.key().value();
      if (entry.value() instanceof Node.Mapping image && Overlooked.isOne(key)) {
        called.add(image);
        named(image, key);
      } else if (entry.value() instanceof Node.Scalar scalar && Overlooked.isOne(key)) {
        text(mapping, keys, key, scalar);
      }
    }
  }

  private void text(Node.Mapping mapping, Set<String> keys, String key, Node.Scalar scalar) {
    String value = scalar.value();
    boolean image = key.equals("image") ? !value.isEmpty() : isReference(value);
    if (!image) {
      return;
    }
    if ((isApart(keys, key, value) || isApart(mapping, key)) && !Findings.isOpen(value)) {
      findings.left(
          scalar.at(),
          key + ": " + Findings.shown(value) + " has its tag, digest or registry in another field",
          List.of(value));
    } else if (key.equals("image")) {
      findings.guess(scalar, key);
    } else {
      findings.perhaps(scalar, key);
    }
  }

  /** The same, also where that is merged in. */
  private static boolean isApart(Node.Mapping mapping, String key) {
    return key.equals("image") && OTHERS.stream().anyMatch(o -> mapping.get(o).isPresent());
  }

  /** Whether charts would put something in front of it or behind it. */
  private static boolean isApart(Set<String> keys, String key, String value) {
    boolean tagged = Findings.isTagged(value);
    boolean image = key.equals("image");
    return (image && !tagged && keys.contains("version"))
        || Stream.of("", "_", "-")
            .map(each -> key.toLowerCase(Locale.ROOT) + each)
            .anyMatch(
                each ->
                    keys.contains(each + "version")
                        || OTHERS.stream().anyMatch(other -> keys.contains(each + other)));
  }

  /** An image whose {@code name} is the whole reference, or what others call its repository. */
  private void named(Node.Mapping image, String key) {
    Optional<Node.Scalar> name = image.scalar("name").filter(each -> !each.value().isBlank());
    if (name.isEmpty()) {
      return;
    }
    String value = name.get().value();
    boolean tag = image.get("tag").isPresent() || image.get("digest").isPresent();
    if (image.get("repository").isPresent()) {
      findings.left(
          image.at(),
          key + " has a repository and a name: " + Findings.shown(value),
          List.of(image.text("repository"), value));
    } else if (tag) {
      String registry = image.text("registry");
      fields(image, key, registry.isEmpty() ? value : registry + "/" + value, "tag", false);
    } else if (Reference.parse(value).filter(each -> !each.at("", "").equals(each)).isPresent()) {
      findings.look(image.at());
      findings.guess(name.get(), key + ".name");
    }
  }

  private static boolean isReference(String value) {
    return (value.contains("/") || value.contains(":")) && Reference.parse(value).isPresent();
  }

  private void fields(
      Node.Mapping image, String where, String name, String tagKey, boolean makeDigest) {
    String why = whyLeft(image, tagKey);
    if (!why.isEmpty()) {
      String text = where + " of " + Findings.shown(name) + " " + why;
      String tag = image.text(tagKey);
      findings.left(image.at(), text, List.of(tag.isEmpty() ? name : name + ":" + tag));
      return;
    }
    if (findings.isLooked(image.at())) {
      return;
    }
    String tag = image.text(tagKey);
    String digest = image.text("digest");
    int at = tag.indexOf('@');
    if (at >= 0 && at + 1 < tag.length() && image.get("digest").isEmpty() && !makeDigest) {
      digest = tag.substring(at + 1);
      tag = tag.substring(0, at);
    }
    Optional<Slot.Field> tagField = image.scalar(tagKey).map(this::field);
    Optional<Slot.Field> digestField = image.scalar("digest").map(this::field);
    Reference reference;
    try {
      reference = new Reference(name, isNull(tag) ? "" : tag, isNull(digest) ? "" : digest);
    } catch (IllegalArgumentException e) {
      if (makeDigest) {
        findings.wrong(image.at(), where + ": " + e.getMessage());
      } else { // a `repository` may be of anything
        findings.left(image.at(), where + ": " + e.getMessage(), List.of(name));
      }
      return;
    }
    findings.look(image.at());
    Slot.Fields slot = new Slot.Fields(image.at(), tagField, digestField, gap(image), makeDigest);
    if (makeDigest) {
      findings.mention(at(image, tagKey), where, reference, slot);
    } else {
      findings.guess(at(image, tagKey), where, reference, slot, called.contains(image));
    }
  }

  private String whyLeft(Node.Mapping image, String tagKey) {
    return isOpen(image, tagKey)
        ? "is no plain text, or a variable"
        : isShared(image, tagKey)
            ? "shares its tag or digest with others, by an anchor or a merge"
            : hasMarkedKey(image) ? "has keys written with a `?`" : "";
  }

  private static int at(Node.Mapping image, String tagKey) {
    return image
        .own("digest")
        .or(() -> image.own(tagKey))
        .or(() -> image.own("repository"))
        .or(() -> image.own("name"))
        .map(Node::at)
        .orElse(image.at());
  }

  /** A part that is not plainly there. */
  private static boolean isOpen(Node.Mapping image, String tagKey) {
    for (String key : List.of("name", "newName", "registry", "repository", tagKey, "digest")) {
      Optional<Node> part = image.get(key);
      if (part.isPresent()
          && !(part.get() instanceof Node.Scalar scalar
              && scalar.style() != Node.Style.OTHER
              && !Findings.isOpen(scalar.value()))) {
        return true;
      }
    }
    return false;
  }

  /** Whether what would be written here were read somewhere else, too. */
  private boolean isShared(Node.Mapping image, String tagKey) {
    for (String key : List.of(tagKey, "digest")) {
      boolean own = false;
      for (Node.Entry entry : image.entries()) {
        int at = entry.value().at();
        own |= entry.key().value().equals(key) && at > entry.key().at() && !isAnchored(at);
      }
      if (!own && image.get(key).isPresent()) {
        return true;
      }
    }
    return shared.contains(image);
  }

  private boolean isAnchored(int at) {
    return findings.text().at(at) == '&';
  }

  private boolean hasMarkedKey(Node.Mapping image) {
    SpecText text = findings.text();
    for (Node.Entry entry : image.entries()) {
      int before = entry.key().at() - 1;
      while (before >= 0 && (text.at(before) == ' ' || text.at(before) == '\t')) {
        before--;
      }
      if (before >= 0 && text.at(before) == '?') {
        return true;
      }
    }
    return false;
  }

  private static boolean isNull(String text) {
    return text.equals("~") || text.equals("null");
  }

  private Slot.Field field(Node.Scalar scalar) {
    boolean close = scalar.from() == scalar.to() && findings.text().at(scalar.from() - 1) == ':';
    return new Slot.Field(scalar.from(), scalar.to(), scalar.style() == Node.Style.PLAIN, close);
  }

  /** Behind the last entry that is a scalar in the mapping itself. */
  private Slot.Gap gap(Node.Mapping image) {
    SpecText text = findings.text();
    Node.Scalar key = image.entries().get(0).key();
    Node.Scalar last = key;
    for (Node.Entry entry : image.entries()) {
      boolean here = entry.value().at() > entry.key().at(); // and no alias of something before
      if (entry.value() instanceof Node.Scalar scalar && here && scalar.to() > last.to()) {
        key = entry.key();
        last = scalar;
      }
    }
    int end = last.to() + (last.style() == Node.Style.QUOTED ? 1 : 0);
    if (image.block()) {
      int line = text.lineEnd(end);
      int begin = text.lineStart(key.at());
      StringBuilder before = new StringBuilder(text.lineBreak(begin));
      for (int at = begin; at < key.at(); at++) {
        before.append(text.at(at) == '\t' ? '\t' : ' '); // also for the dash of a list
      }
      return new Slot.Gap(line, before.toString(), ": ", "");
    }
    boolean json = key.style() == Node.Style.QUOTED && text.at(key.at()) == '"';
    return json ? new Slot.Gap(end, ", \"", "\": \"", "\"") : new Slot.Gap(end, ", ", ": ", "");
  }
}
