package dev.imgstore.builder.recipe;

import dev.imgstore.builder.recipe.AccountsPart.Accounts;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Platform;
import dev.imgstore.model.Problem;
import dev.imgstore.store.BuildRecord;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.Function;

/**
 * Text to {@link Recipe}: strict YAML 1.2, all mistakes at once. Pure: the same bytes and settings
 * give the same result; nothing is opened, no host text makes it throw.
 */
public final class RecipeReader {
  private static final String BARRIER = "state-barrier";
  private static final long LAST_BARRIER = 1_000_000_000;
  private static final Rule BARRIER_TEXT =
      Rule.holds(
          text -> text.length() <= 1000 && text.indexOf('\0') < 0,
          "too long: a barrier's text has at most 1000 characters");

  private RecipeReader() {}

  /** What became of a text. */
  public sealed interface Result {
    /** Calls one of the two. */
    <T> T match(Function<Read, T> read, Function<Mistakes, T> mistakes);
  }

  /**
   * A recipe without mistakes.
   *
   * @param source {@link SourceSection#digest} of the recipe; a lock with another is stale
   * @param places for mistakes that are found later
   */
  public record Read(Recipe recipe, Digest source, Places places) implements Result {
    @Override
    public <T> T match(Function<Read, T> read, Function<Mistakes, T> mistakes) {
      return read.apply(this);
    }
  }

  /** What is wrong, by place; at least one. */
  public record Mistakes(List<Problem> problems) implements Result {
    /** Copies in. */
    public Mistakes {
      problems = List.copyOf(problems);
    }

    @Override
    public <T> T match(Function<Read, T> read, Function<Mistakes, T> mistakes) {
      return mistakes.apply(this);
    }
  }

  /**
   * Reads a recipe whose name, if it gives none, is {@link #defaultName} of its file.
   *
   * @param fileName as the person named it; used in messages
   * @param yaml UTF-8, at most 1 MiB
   * @param settings variables set on the command line, above the recipe's own values
   */
  public static Result read(String fileName, byte[] yaml, SortedMap<String, String> settings) {
    return read(fileName, defaultName(fileName), yaml, settings);
  }

  /**
   * Reads a recipe.
   *
   * @param defaultName its name if it gives none
   */
  public static Result read(
      String fileName, String defaultName, byte[] yaml, SortedMap<String, String> settings) {
    RecipeVariants.Result all =
        RecipeVariants.read(fileName, defaultName, yaml, settings, BaseTexts.NONE);
    if (all instanceof RecipeVariants.Found found && found.variants().size() == 1) {
      RecipeVariants.Variant one = found.variants().get(0);
      return new Read(one.recipe(), one.source(), one.places());
    }
    if (all instanceof RecipeVariants.Mistakes mistakes) {
      return new Mistakes(mistakes.problems());
    }
    return new Mistakes(
        List.of(new Problem(fileName, 0, 0, "this is a recipe of several variants; pick one")));
  }

  /**
   * Reads a recipe that a generation keeps: as {@link #read(String, byte[], SortedMap)}, but its
   * paths may be of files beside what it extended.
   */
  public static Result kept(String defaultName, byte[] yaml, SortedMap<String, String> settings) {
    Complaints complaints = new Complaints("recipe.yaml");
    Places places = new Places("recipe.yaml");
    Optional<Recipe> recipe =
        mapping(yaml, complaints)
            .map(written -> Bases.in(Origin.KEPT, written))
            .map(Yaml.Mapping.class::cast)
            .flatMap(mapping -> filled(mapping, settings, defaultName, complaints, places));
    return recipe.isPresent() && complaints.isEmpty()
        ? new Read(recipe.get(), SourceSection.digest(recipe.get()), places)
        : new Mistakes(complaints.sorted());
  }

  /** The document of a text; what is wrong is complained of. */
  static Optional<Yaml.Mapping> mapping(byte[] yaml, Complaints complaints) {
    try {
      Optional<Yaml> root = YamlComposer.compose(YamlText.decode(yaml), complaints);
      if (root.isPresent() && root.get() instanceof Yaml.Mapping mapping) {
        return Optional.of(mapping);
      }
      complaints.add(root.map(Yaml::place).orElse(Place.NONE), noMapping(root));
    } catch (Unreadable e) {
      complaints.add(e.place(), e.why());
    }
    return Optional.empty();
  }

  static String noMapping(Optional<Yaml> root) {
    return "a recipe is a mapping, this is "
        + root.map(Yaml::kind).orElse("nothing")
        + "; begin with `packages: [...]`";
  }

  /** The recipe that a document is once its variables are filled in. */
  static Optional<Recipe> filled(
      Yaml.Mapping document,
      SortedMap<String, String> settings,
      String defaultName,
      Complaints complaints,
      Places places) {
    Yaml.Mapping filled = Variables.fill(document, settings, complaints);
    return Section.of("a recipe", filled, Part.RECIPE, new Values(complaints))
        .map(section -> recipe(section, defaultName, places));
  }

  /**
   * The name of a recipe that gives none: its directory's if the file is {@code recipe.yaml}, else
   * the file's without its ending. Empty if the path does not say.
   */
  public static String defaultName(String fileName) {
    String path = fileName.replace('\\', '/');
    int slash = path.lastIndexOf('/');
    String file = path.substring(slash + 1);
    if (file.equals("recipe.yaml") || file.equals("recipe.yml")) {
      String directory = slash < 0 ? "" : path.substring(0, slash);
      String last = directory.substring(directory.lastIndexOf('/') + 1);
      return last.equals(".") || last.equals("..") ? "" : last;
    }
    int dot = file.lastIndexOf('.');
    return dot > 0 ? file.substring(0, dot) : file;
  }

  private static Recipe recipe(Section section, String defaultName, Places places) {
    Accounts accounts = AccountsPart.read(section, places);
    SortedMap<String, InputSource> inputs = InputsPart.read(section, places);
    DebianSource debian = DebianPart.read(section, places);
    StepsPart.Steps steps = StepsPart.read(section, debian, places);
    List<FileEntry> files =
        FilesPart.read(section, accounts, InputsPart.names(section), steps, places);
    List<Platform> platforms = platforms(section);
    Optional<DiskPart.Read> disk = DiskPart.read(section, debian, platforms);
    return new Recipe(
        name(section, defaultName),
        platforms,
        section.parsed("epoch", Times::seconds).orElse(Recipe.DEFAULT_EPOCH),
        debian,
        inputs,
        disk.map(machine -> machine.under(files)).orElse(files),
        accounts.groups(),
        accounts.users(),
        steps.all(),
        ImagePart.read(section, disk.map(DiskPart.Read::config)),
        barrier(section));
  }

  /** A number, or a number and what to know of it. */
  private static BuildRecord.Barrier barrier(Section section) {
    if (section.value(BARRIER).filter(Yaml.Scalar.class::isInstance).isPresent()) {
      return new BuildRecord.Barrier(section.number(BARRIER, 0, 1, LAST_BARRIER), "");
    }
    Optional<Section> written = section.section(BARRIER, Part.BARRIER);
    if (written.isEmpty()) {
      return BuildRecord.Barrier.NONE;
    }
    Section barrier = written.get();
    barrier.required("number", "a state barrier");
    return new BuildRecord.Barrier(
        barrier.number("number", 0, 1, LAST_BARRIER), barrier.text("text", "", BARRIER_TEXT));
  }

  private static String name(Section section, String defaultName) {
    if (section.has("name")) {
      return section.text("name", "unnamed", Rules.RECIPE_NAME);
    }
    Rules.RECIPE_NAME
        .complaint(defaultName)
        .ifPresent(
            wrong ->
                section.complain(
                    Place.NONE,
                    "the recipe gives no `name`, and its file's "
                        + Complaints.quote(defaultName)
                        + " cannot be one; add `name: ...`"));
    return defaultName;
  }

  private static List<Platform> platforms(Section section) {
    List<String> written = section.distinct("platforms", List.of("linux/amd64"), Rules.PLATFORM);
    if (section.value("platforms").filter(RecipeReader::isEmptyList).isPresent()) {
      section.complain(section.place("platforms"), "`platforms` names at least one");
    }
    return written.stream().map(Platform::parse).toList();
  }

  static boolean isEmptyList(Yaml node) {
    return node instanceof Yaml.Sequence sequence && sequence.items().isEmpty();
  }
}
