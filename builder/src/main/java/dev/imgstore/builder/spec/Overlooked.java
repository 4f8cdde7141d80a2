package dev.imgstore.builder.spec;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What may name an image where no rule has looked, so that nothing is passed over in silence: names
 * that end in image, lists of images, patches, and texts that hold a spec of their own.
 */
final class Overlooked {
  /** In JSON, in YAML, in a patch of either; a group is the image. */
  private static final Pattern HELD =
      Pattern.compile(
          "\\\\?\"image\\\\?\"\\s*+:(?:\\s*+\\\\?\"([^\"\\\\\\s]++))?"
              + "|(?m:(?:^[ \\t]*+(?:- ++)*+|[{,][ \\t]*+)[\"']?+image[\"']?+:(?=\\s|\\z)"
              + "(?:[ \\t]*+[\"']?+([^\\s\"'#,}]++))?)"
              + "|path\\\\?[\"']?+\\s*+:\\s*+\\\\?[\"']?+[^\\s\"'\\\\]{0,300}/image\\b");

  private static final Pattern GIVEN = Pattern.compile("(?i)[a-z0-9_.-]*image=(\\S+)");
  private static final Pattern RENAMED = Pattern.compile("[^\\s=]+=(\\S+)");
  private static final Pattern TAG = Pattern.compile("(?i)(.*image)[_-]?(?:tag|digest|version)");
  private static final Pattern FIELD =
      Pattern.compile("(?i)(?:\\S*\\.)?image\\.(?:tag|repository|digest|registry|name)");
  static final List<String> PARTS =
      List.of("repository", "repo", "name", "image", "tag", "digest", "version", "registry");
  private static final List<String> TRANSPORTS = List.of("docker://", "docker-image://");
  private static final Set<String> NO_TEXT = Set.of("true", "false", "null", "~");

  /** A value, the key it belongs to, and whether it is one of several images. */
  private record Place(Node node, String key, boolean one) {}

  private final Findings findings;
  private final Set<Node> seen = Collections.newSetFromMap(new IdentityHashMap<>());

  Overlooked(Findings findings) {
    this.findings = findings;
  }

  /** Tells of what in there has not been looked at. */
  void tell(Node root) {
    tell(root, "may name an image; --path says which places do");
  }

  /** The same, saying why it was not looked at. */
  void tell(Node root, String why) {
    Deque<Place> todo = new ArrayDeque<>(List.of(new Place(root, "", false)));
    while (!todo.isEmpty()) {
      Place place = todo.pop();
      Node node = place.node();
      boolean known = findings.isSkipped(node);
      if (!known && node instanceof Node.Scalar scalar) {
        text(scalar, place, why);
      } else if (!known && seen.add(node)) {
        if (node instanceof Node.Sequence list) {
          list.items().forEach(each -> todo.push(new Place(each, place.key(), place.one())));
        } else if (node instanceof Node.Mapping mapping) {
          boolean handled = findings.isLooked(mapping.at());
          mapping(mapping, place.key(), why);
          Set<String> keys = keys(mapping);
          for (Node.Entry entry : mapping.entries()) {
            String key = entry.key().value();
            tag(keys, entry, why);
            boolean one = !handled && (isSeveral(key) || isSeveral(place.key()));
            todo.push(new Place(entry.value(), key, one));
          }
        }
      }
    }
  }

  /** The keys of a mapping, in lower case. */
  static Set<String> keys(Node.Mapping mapping) {
    return mapping.entries().stream()
        .map(each -> each.key().value().toLowerCase(Locale.ROOT))
        .collect(Collectors.toSet());
  }

  static boolean isOne(String key) {
    return key.toLowerCase(Locale.ROOT).endsWith("image");
  }

  static boolean isSeveral(String key) {
    return key.toLowerCase(Locale.ROOT).endsWith("images");
  }

  /** Whether a text is an image whatever it is called: it names a registry, and a tag or digest. */
  static boolean isPlain(String value) {
    return Findings.hasHost(value)
        && Reference.parse(value).filter(each -> !each.at("", "").equals(each)).isPresent();
  }

  static boolean isLikely(String value) {
    boolean plain =
        (value.contains("/") || value.contains(":")) && Reference.parse(value).isPresent();
    return plain || (Findings.isOpen(value) && value.indexOf(' ') < 0);
  }

  /** The images that a text seems to name within it; nothing if it seems to name none. */
  static Optional<List<String>> held(String text) {
    if (!text.contains("image")) {
      return Optional.empty();
    }
    List<MatchResult> found = HELD.matcher(text).results().limit(100).toList();
    List<String> images = new ArrayList<>();
    for (MatchResult each : found) {
      Stream.of(1, 2).map(each::group).filter(group -> group != null).forEach(images::add);
    }
    return found.isEmpty() ? Optional.empty() : Optional.of(images);
  }

  private void text(Node.Scalar scalar, Place place, String why) {
    String value = scalar.value();
    if (value.isBlank() || NO_TEXT.contains(value) || findings.isLooked(scalar.at())) {
      return;
    }
    String key = place.key();
    boolean several = place.one() || isSeveral(key);
    boolean likely = isOne(key) || several || key.equals("services");
    Optional<String> given =
        given(value).or(() -> several ? given(RENAMED, value) : Optional.empty());
    Optional<String> transport = TRANSPORTS.stream().filter(value::contains).findFirst();
    if (transport.filter(value::startsWith).isPresent()) {
      findings.guess(scalar, transport.get(), key);
    } else if (given.isPresent()) {
      left(scalar.at(), key, why, given.get());
    } else if (key.equals("image")
        || (likely && isLikely(value))
        || transport.isPresent()
        || isPlain(value)) {
      left(scalar.at(), key, why, value);
    } else {
      held(scalar, key);
    }
  }

  /** The image of {@code --x-image=IMAGE}. */
  static Optional<String> given(String text) {
    return given(GIVEN, text);
  }

  private static Optional<String> given(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    return matcher.matches()
        ? Optional.of(matcher.group(1)).filter(Overlooked::isLikely)
        : Optional.empty();
  }

  static boolean isTag(String key) {
    return TAG.matcher(key).matches();
  }

  /** A tag apart from any image, as a chart or a module takes one. */
  private void tag(Set<String> keys, Node.Entry entry, String why) {
    Matcher matcher = TAG.matcher(entry.key().value());
    if (matcher.matches()
        && !keys.contains(matcher.group(1).toLowerCase(Locale.ROOT))
        && entry.value() instanceof Node.Scalar scalar
        && !scalar.value().isBlank()) {
      left(scalar.at(), entry.key().value(), why, scalar.value());
    }
  }

  private void held(Node.Scalar scalar, String key) {
    held(scalar.value())
        .ifPresent(
            images -> findings.left(scalar.at(), key + " is a text that holds an image", images));
  }

  private void mapping(Node.Mapping mapping, String key, String why) {
    String name = mapping.text("name");
    String path = mapping.text("path");
    Optional<Node.Scalar> value =
        mapping
            .scalar("value")
            .or(() -> mapping.scalar("default"))
            .filter(each -> !findings.isLooked(each.at()));
    if (isOne(key) && !findings.isLooked(mapping.at())) {
      List<String> parts =
          PARTS.stream().map(mapping::text).filter(part -> !part.isBlank()).toList();
      if (!parts.isEmpty()) {
        left(mapping.at(), key, why, String.join(":", parts));
      }
    } else if (value.isPresent()) {
      String text = value.get().value();
      boolean sets = FIELD.matcher(name).matches() || path.endsWith("/image");
      if (!text.isBlank() && (sets || (isOne(name) && isLikely(text)))) {
        left(value.get().at(), name.isEmpty() ? path : name, why, text);
      }
    }
  }

  private void left(int place, String key, String why, String image) {
    findings.left(
        place, Findings.shown(key) + " " + why + ": " + Findings.shown(image), List.of(image));
  }
}
