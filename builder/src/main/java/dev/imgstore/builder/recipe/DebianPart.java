package dev.imgstore.builder.recipe;

import dev.imgstore.builder.recipe.DebianSource.Scripts;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads what a recipe says of Debian packages. */
final class DebianPart {
  static final List<String> SUITES = List.of("bookworm", "bookworm-updates", "bookworm-security");
  static final List<String> COMPONENTS = List.of("main");
  static final String KEYRING = "debian-archive-keyring";
  static final SortedMap<String, Scripts> SCRIPTS =
      Collections.unmodifiableSortedMap(
          new TreeMap<>(Map.of("none", Scripts.NONE, "sandbox", Scripts.SANDBOX)));

  private static final Pattern REQUEST =
      Pattern.compile("([^:=/]*)(?::([^:=/]*))?(?:=([^/]*)|/(.*))?", Pattern.DOTALL);

  private final Section recipe;
  private final Places places;

  private DebianPart(Section recipe, Places places) {
    this.recipe = recipe;
    this.places = places;
  }

  static DebianSource read(Section recipe, Places places) {
    return new DebianPart(recipe, places).source();
  }

  private DebianSource source() {
    Optional<Section> debian = recipe.section("debian", Part.DEBIAN);
    Scripts scripts = recipe.choice("scripts", Scripts.NONE, SCRIPTS);
    List<String> suites = words(debian, "suites", SUITES, Rules.SUITE);
    return new DebianSource(
        suites,
        words(debian, "components", COMPONENTS, Rules.COMPONENT),
        debian.map(section -> section.text("keyring", KEYRING, Rules.KEYRING)).orElse(KEYRING),
        recipe.flag("essential", scripts == Scripts.SANDBOX),
        recipe.flag("recommends", false),
        scripts,
        packages(suites));
  }

  private static List<String> words(
      Optional<Section> debian, String key, List<String> fallback, Rule rule) {
    if (debian.isEmpty()) {
      return fallback;
    }
    List<String> words = debian.get().distinct(key, fallback, rule);
    boolean empty = debian.get().value(key).filter(RecipeReader::isEmptyList).isPresent();
    if (empty) {
      debian.get().complain(debian.get().place(key), "`" + key + "` names at least one");
    }
    return words;
  }

  /** The packages of a step's root, of the same suites. */
  static List<PackageRequest> packages(Section root, List<String> suites, Places places) {
    return new DebianPart(root, places).packages(suites);
  }

  /** Sorted: the order in which packages are asked for means nothing. */
  private List<PackageRequest> packages(List<String> suites) {
    List<PackageRequest> requests = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (Yaml item : recipe.list("packages")) {
      Optional<PackageRequest> request =
          recipe.values().text("packages", item, Rules.ANY).flatMap(text -> request(item, text));
      if (request.isEmpty()) {
        continue;
      }
      PackageRequest wanted = request.get();
      if (!seen.add(wanted.name() + ":" + wanted.architecture())) {
        complain(item, Complaints.quote(wanted.name()) + " is here twice");
      } else if (!wanted.suite().isEmpty() && !suites.contains(wanted.suite())) {
        complain(
            item,
            Complaints.quote(wanted.suite())
                + " is none of the recipe's suites; "
                + Nearest.of(wanted.suite(), suites)
                    .map(near -> "did you mean `" + near + "`?")
                    .orElse("add it to `debian.suites`"));
      } else {
        requests.add(wanted);
        places.put(wanted, item.place());
      }
    }
    return requests.stream().sorted().toList();
  }

  private Optional<PackageRequest> request(Yaml item, String text) {
    Matcher parts = REQUEST.matcher(text);
    if (!parts.matches()) {
      complain(
          item,
          Complaints.quote(text) + " is no package; write `name`, `name=version` or `name/suite`");
      return Optional.empty();
    }
    Optional<String> complaint =
        Rules.PACKAGE_NAME
            .complaint(parts.group(1))
            .or(() -> given(parts.group(2), Rules.ARCHITECTURE))
            .or(() -> given(parts.group(3), Rules.PACKAGE_VERSION))
            .or(() -> given(parts.group(4), Rules.SUITE));
    complaint.ifPresent(wrong -> complain(item, wrong));
    return complaint.isPresent()
        ? Optional.empty()
        : Optional.of(
            new PackageRequest(
                parts.group(1), orEmpty(parts, 2), orEmpty(parts, 3), orEmpty(parts, 4)));
  }

  private static Optional<String> given(@Nullable String part, Rule rule) {
    return part == null ? Optional.empty() : rule.complaint(part);
  }

  private static String orEmpty(Matcher matcher, int group) {
    String part = matcher.group(group);
    return part == null ? "" : part;
  }

  private void complain(Yaml item, String text) {
    recipe.complain(item.place(), "`packages`: " + text);
  }
}
