package dev.imgstore.builder.recipe;

import dev.imgstore.model.Bytes;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Problem;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Text to every {@link Recipe} that it stands for: what it extends merged below it, one for each
 * combination of its {@code matrix}. All mistakes at once. Pure, as {@link RecipeReader}.
 */
public final class RecipeVariants {
  private final String file;
  private final String defaultName;
  private final byte[] yaml;
  private final Complaints complaints;

  private RecipeVariants(String file, String defaultName, byte[] yaml) {
    this.file = file;
    this.defaultName = defaultName;
    this.yaml = yaml;
    this.complaints = new Complaints(file);
  }

  /**
   * One recipe and what a generation keeps of it.
   *
   * @param label the values of the matrix, joined by dashes; empty if there is none
   * @param source {@link SourceSection#digest} of the recipe; a lock with another is stale
   * @param places for mistakes that are found later
   * @param text what {@link RecipeReader#kept} reads as this recipe with {@code settings}
   */
  public record Variant(
      String label,
      Recipe recipe,
      Digest source,
      Places places,
      Bytes text,
      SortedMap<String, String> settings) {}

  /** What became of a text. */
  public sealed interface Result {}

  /** Recipes without mistakes, at least one, in the order of the matrix. */
  public record Found(List<Variant> variants) implements Result {
    /** Copies in. */
    public Found {
      variants = List.copyOf(variants);
    }
  }

  /** What is wrong, by file and place; at least one. */
  public record Mistakes(List<Problem> problems) implements Result {
    /** Copies in. */
    public Mistakes {
      problems = List.copyOf(problems);
    }
  }

  /**
   * Reads all that a text stands for, or those variants that the settings pick.
   *
   * @param fileName as the person named it; used in messages
   * @param defaultName its name if it gives none
   * @param yaml UTF-8, at most 1 MiB
   * @param settings variables set on the command line, above the recipe's own values; one of the
   *     matrix picks the variants that have this value
   * @param bases the texts of what it extends
   */
  public static Result read(
      String fileName,
      String defaultName,
      byte[] yaml,
      SortedMap<String, String> settings,
      BaseTexts bases) {
    return new RecipeVariants(fileName, defaultName, yaml).read(settings, bases);
  }

  private Result read(SortedMap<String, String> settings, BaseTexts bases) {
    List<Variant> picked = List.of();
    Optional<Yaml.Mapping> written = RecipeReader.mapping(yaml, complaints);
    if (written.isPresent()) {
      Optional<Yaml.Mapping> merged = Bases.merged(written.get(), file, bases, complaints);
      Matrix matrix = Matrix.of(written.get(), complaints);
      boolean derived = Bases.has(written.get()) || !matrix.isNone();
      List<Variant> all =
          merged.map(one -> variants(one, matrix, settings, derived)).orElse(List.of());
      List<Integer> numbers = matrix.picked(settings, complaints);
      picked = complaints.isEmpty() ? numbers.stream().map(all::get).toList() : List.of();
    }
    return picked.isEmpty() ? new Mistakes(complaints.sorted()) : new Found(picked);
  }

  private List<Variant> variants(
      Yaml.Mapping merged, Matrix matrix, SortedMap<String, String> settings, boolean derived) {
    SortedMap<String, String> variables = new TreeMap<>(settings);
    variables.keySet().removeAll(matrix.axes().keySet());
    Yaml.Mapping plain = without(merged);
    List<Variant> variants = new ArrayList<>();
    for (Map<String, Yaml.Scalar> each : matrix.readable()) {
      Places places = new Places(file);
      Optional<Recipe> recipe =
          RecipeReader.filled(
              Matrix.variant(plain, each), variables, defaultName, complaints, places);
      if (recipe.isPresent() && complaints.isEmpty()) {
        variants.add(variant(Matrix.label(each), recipe.get(), places, settings));
      }
    }
    List<Variant> named = complaints.isEmpty() ? named(variants) : List.of();
    return derived ? kept(named) : named;
  }

  private static Yaml.Mapping without(Yaml.Mapping recipe) {
    return new Yaml.Mapping(
        recipe.entries().stream()
            .filter(
                entry ->
                    !entry.key().text().equals("matrix") && !entry.key().text().equals("extends"))
            .toList(),
        recipe.place());
  }

  private Variant variant(
      String label, Recipe recipe, Places places, SortedMap<String, String> settings) {
    return new Variant(
        label, recipe, SourceSection.digest(recipe), places, Bytes.of(yaml), settings);
  }

  /** Names that are not distinct get the label. */
  private List<Variant> named(List<Variant> variants) {
    Set<String> names = new HashSet<>();
    Set<String> labels = new HashSet<>();
    for (Variant each : variants) {
      names.add(each.recipe().name());
      if (!labels.add(each.label().toLowerCase(Locale.ROOT))) {
        complaints.add(
            Place.NONE, "two variants of the matrix are named " + Complaints.quote(each.label()));
      }
    }
    if (names.size() == variants.size()) {
      return variants;
    }
    List<Variant> named = new ArrayList<>();
    for (Variant each : variants) {
      String name = each.recipe().name() + "-" + each.label();
      Rules.RECIPE_NAME
          .complaint(name)
          .ifPresent(
              wrong ->
                  complaints.add(
                      Place.NONE,
                      "a variant of the matrix: "
                          + wrong
                          + "; or give the recipe a `name` with its variables"));
      named.add(
          variant(each.label(), each.recipe().withName(name), each.places(), each.settings()));
    }
    return named;
  }

  /** What other files and a matrix made is kept as one text, so that it can be built again. */
  private List<Variant> kept(List<Variant> variants) {
    List<Variant> kept = new ArrayList<>();
    for (Variant each : variants) {
      byte[] text = RecipeDigest.canonical(each.recipe()).getBytes(StandardCharsets.UTF_8);
      SortedMap<String, String> none = Collections.emptySortedMap();
      RecipeReader.Result again = RecipeReader.kept(each.recipe().name(), text, none);
      if (again instanceof RecipeReader.Read read && read.recipe().equals(each.recipe())) {
        kept.add(
            new Variant(
                each.label(), each.recipe(), each.source(), each.places(), Bytes.of(text), none));
      } else {
        complaints.add(
            Place.NONE,
            "merged and filled in, the recipe "
                + Complaints.quote(each.recipe().name())
                + " is too large to be kept (1 MiB)");
      }
    }
    return kept;
  }
}
