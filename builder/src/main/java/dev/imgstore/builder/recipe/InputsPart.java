package dev.imgstore.builder.recipe;

import dev.imgstore.builder.recipe.InputSource.Layout;
import dev.imgstore.builder.recipe.InputSource.Unpack;
import dev.imgstore.model.Digest;
import java.net.URI;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;

/** Reads the inputs of a recipe: names, and where each comes from. */
final class InputsPart {
  static final SortedMap<String, Unpack> UNPACK =
      Collections.unmodifiableSortedMap(
          new TreeMap<>(
              Map.of(
                  "auto", Unpack.AUTO,
                  "tar", Unpack.TAR,
                  "zip", Unpack.ZIP,
                  "none", Unpack.NONE)));
  static final SortedMap<String, Layout> LAYOUTS =
      Collections.unmodifiableSortedMap(
          new TreeMap<>(Map.of("repository", Layout.REPOSITORY, "flat", Layout.FLAT)));
  static final int MOST_STRIPPED = 16;
  private static final int LONGEST_URL = 2048;

  /** Which other keys go with the one that names the kind. */
  private static final Map<String, List<String>> KINDS =
      Map.of(
          "url", List.of("sha256", "unpack", "strip", "executable"),
          "urls", List.of("sha256", "unpack", "strip", "executable"),
          "maven", List.of("layout", "keys"),
          "npm", List.of("dev"),
          "git", List.of("commit", "keys"),
          "oci", List.of("digest"),
          "image", List.of(),
          "path", List.of());

  private static final Pattern COORDINATES =
      Pattern.compile(
          "[A-Za-z0-9_][A-Za-z0-9_.-]*:[A-Za-z0-9_][A-Za-z0-9_.-]*"
              + "(:[A-Za-z0-9_][A-Za-z0-9_.-]*){0,2}:[A-Za-z0-9_][A-Za-z0-9_.+-]*");
  private static final Rule COMMIT =
      Rule.pattern(
          "[0-9a-f]{40}|[0-9a-f]{64}",
          "no commit; name all 40 digits, as `git rev-parse HEAD` prints them");
  private static final String COMPONENT = "[a-z0-9]+(?:(?:\\.|__?|-+)[a-z0-9]+)*";
  private static final Rule IMAGE =
      Rule.pattern(
          "(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\\[[0-9a-fA-F:]+\\])(?::[0-9]{1,5})?/"
              + COMPONENT
              + "(?:/"
              + COMPONENT
              + ")*(?::[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?(?:@sha256:[0-9a-f]{64})?",
          "no image in a registry; one looks like `registry.example.com/team/base:1`");
  private static final Rule ARTIFACT = InputsPart::artifact;
  private static final Rule ADDRESS = InputsPart::address;

  private InputsPart() {}

  /** The names that are written, whether or not something is wrong below them. */
  static Set<String> names(Section recipe) {
    Set<String> names = new TreeSet<>();
    if (recipe.value("inputs").orElse(null) instanceof Yaml.Mapping mapping) {
      mapping.entries().forEach(entry -> names.add(entry.key().text()));
    }
    return names;
  }

  static SortedMap<String, InputSource> read(Section recipe, Places places) {
    SortedMap<String, InputSource> inputs = new TreeMap<>();
    Optional<Yaml> node = recipe.value("inputs");
    if (node.isEmpty()) {
      return inputs;
    }
    if (!(node.get() instanceof Yaml.Mapping mapping)) {
      recipe.complain(
          node.get().place(),
          "`inputs` is a mapping of names, this is "
              + node.get().kind()
              + "; write `inputs: {src: {url: ...}}`");
      return inputs;
    }
    for (Yaml.Entry entry : mapping.entries()) {
      String name = entry.key().text();
      Rules.INPUT_NAME
          .complaint(name)
          .ifPresent(wrong -> recipe.complain(entry.key().place(), "`inputs`: " + wrong));
      Section.of("`inputs." + name + "`", entry.value(), Part.INPUT, recipe.values())
          .flatMap(InputsPart::source)
          .ifPresent(
              source -> {
                inputs.put(name, source);
                places.put(source, entry.key().place());
              });
    }
    return inputs;
  }

  private static Optional<InputSource> source(Section section) {
    List<String> given = new TreeSet<>(KINDS.keySet()).stream().filter(section::has).toList();
    if (given.size() != 1) {
      String all = String.join("`, `", new TreeSet<>(KINDS.keySet()));
      section.complain(
          section.place(),
          given.isEmpty()
              ? "an input needs one of `" + all + "`"
              : "an input has only one of `" + String.join("` and `", given) + "`");
      return Optional.empty();
    }
    String kind = given.get(0);
    List<String> with = KINDS.getOrDefault(kind, List.of());
    for (String key : Part.INPUT.keys()) {
      if (section.has(key) && !key.equals(kind) && !with.contains(key)) {
        section.complain(
            section.place(key), "`" + key + "` says nothing of an input by `" + kind + "`");
      }
    }
    return switch (kind) {
      case "url" -> section.text("url", ADDRESS).flatMap(one -> url(section, List.of(one)));
      case "urls" -> urls(section);
      case "maven" -> maven(section);
      case "npm" ->
          section.beside("npm").map(file -> new InputSource.Npm(file, section.flag("dev", false)));
      case "git" -> git(section);
      case "oci" -> oci(section);
      case "image" -> section.text("image", IMAGE).map(InputSource.Image::new);
      case "path" -> section.beside("path").map(InputSource.Local::new);
      default -> throw new AssertionError(kind);
    };
  }

  private static Optional<InputSource> maven(Section section) {
    List<String> artifacts = section.distinct("maven", List.of(), ARTIFACT);
    if (section.value("maven").filter(RecipeReader::isEmptyList).isPresent()) {
      section.complain(section.place("maven"), "`maven` names at least one artifact");
    }
    Layout layout = section.choice("layout", Layout.REPOSITORY, LAYOUTS);
    return artifacts.isEmpty()
        ? Optional.empty()
        : Optional.of(new InputSource.Maven(artifacts, layout, section.besides("keys")));
  }

  /** A directory that may be anywhere, as seen from the recipe's. */
  private static Optional<String> elsewhere(Section section, String key) {
    return section
        .text(key, Rules.ELSEWHERE)
        .map(path -> section.place(key).origin().anywhere(path));
  }

  private static Optional<InputSource> git(Section section) {
    Optional<String> commit =
        section.required("commit", "an input by `git`").isPresent()
            ? section.text("commit", COMMIT)
            : Optional.empty();
    List<String> keys = section.besides("keys");
    return elsewhere(section, "git")
        .flatMap(repository -> commit.map(id -> new InputSource.Git(repository, id, keys)));
  }

  private static Optional<InputSource> oci(Section section) {
    Optional<Digest> digest =
        section.required("digest", "an input by `oci`").isPresent()
            ? section.parsed("digest", InputsPart::sha256).map(Digest::new)
            : Optional.empty();
    return elsewhere(section, "oci")
        .flatMap(layout -> digest.map(image -> new InputSource.Oci(layout, image)));
  }

  private static Optional<String> artifact(String text) {
    if (!COORDINATES.matcher(text).matches()) {
      return Optional.of(
          Complaints.quote(text) + " is no artifact; one looks like `group:artifact:1.0`");
    }
    String version = text.substring(text.lastIndexOf(':') + 1);
    boolean moves = version.endsWith("-SNAPSHOT") || Set.of("LATEST", "RELEASE").contains(version);
    return moves
        ? Optional.of(Complaints.quote(text) + " is another file every day; name a release")
        : Optional.empty();
  }

  private static Optional<InputSource> urls(Section section) {
    List<String> urls = section.distinct("urls", List.of(), ADDRESS);
    if (section.value("urls").filter(RecipeReader::isEmptyList).isPresent()) {
      section.complain(section.place("urls"), "`urls` names at least one");
    }
    return urls.isEmpty() ? Optional.empty() : url(section, urls);
  }

  private static Optional<InputSource> url(Section section, List<String> urls) {
    Unpack unpack = section.choice("unpack", Unpack.AUTO, UNPACK);
    String sha256 = section.parsed("sha256", InputsPart::sha256).orElse("");
    if (!section.has("sha256")) {
      urls.stream()
          .filter(url -> !isSafe(url))
          .forEach(
              url ->
                  section.complain(
                      section.place(),
                      Complaints.quote(url)
                          + " is not https: anybody on the way can change the file; give its"
                          + " `sha256`"));
    }
    return Optional.of(
        new InputSource.Url(
            urls,
            sha256,
            unpack,
            (int) section.number("strip", 0, 0, MOST_STRIPPED),
            section.flag("executable", false)));
  }

  /** TLS, or a server on this machine. */
  private static boolean isSafe(String url) {
    String host = String.valueOf(URI.create(url).getHost());
    return url.startsWith("https:") || host.equals("127.0.0.1") || host.equals("localhost");
  }

  private static Parsed<String> sha256(String text) {
    String digits = text.startsWith("sha256:") ? text.substring("sha256:".length()) : text;
    return digits.matches("[0-9a-f]{64}")
        ? new Parsed.Good<>(digits)
        : new Parsed.Bad<>(
            Complaints.quote(text) + " is no SHA-256; it has 64 digits and letters a to f");
  }

  /** An address that can be fetched as it is: no password, nothing to guess. */
  private static Optional<String> address(String text) {
    Function<String, Optional<String>> wrong =
        why -> Optional.of(Complaints.quote(text) + " " + why);
    if (!text.startsWith("https://") && !text.startsWith("http://")) {
      return wrong.apply("is no address of the web; it starts with `https://`");
    }
    try {
      URI uri = URI.create(text);
      if (text.length() > LONGEST_URL || uri.getHost() == null) {
        return wrong.apply("is no address of the web; it looks like `https://HOST/FILE`");
      }
      if (uri.getRawUserInfo() != null) {
        return wrong.apply("holds a user or password, which a recipe must not");
      }
      return uri.getRawFragment() == null
          ? Optional.empty()
          : wrong.apply("has a part after `#`, which no server sees; leave it out");
    } catch (IllegalArgumentException e) {
      return wrong.apply("is no address of the web; write special characters as %XX");
    }
  }
}
