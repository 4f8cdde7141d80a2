package dev.imgstore.builder.recipe;

import dev.imgstore.builder.recipe.DebianSource.Scripts;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** Reads the steps of a recipe. */
final class StepsPart {
  /** What the sandbox itself puts there. */
  static final List<String> RESERVED =
      List.of("/build", "/dev", "/outputs", "/proc", "/run", "/sys", "/tmp");

  static final Rule STEP_NAME =
      Rule.pattern(
          "[a-z0-9][a-z0-9_-]{0,62}",
          "no name of a step; use up to 63 of a-z, 0-9, `_` and `-`, the first a letter or digit");

  static final Rule INPUT_NAME =
      Rule.pattern(
          "[a-z0-9][a-z0-9_-]{0,62}",
          "no name of an input; use up to 63 of a-z, 0-9, `_` and `-`, the first a letter or digit");

  static final Rule OUTPUT =
      Rule.pattern(
          "[a-z][a-z0-9_]{0,30}",
          "no name of an output; use up to 31 of a-z, 0-9 and `_`, a letter first");

  static final Rule SECRET_NAME =
      Rule.pattern(
          "[A-Za-z0-9][A-Za-z0-9._-]{0,62}",
          "no name of a secret; use up to 63 letters, digits, `.`, `_` and `-`");

  private static final long LONGEST_SCRIPT = 1 << 20;
  private static final Rule SCRIPT =
      Rules.ANY.and(
          Rule.holds(
              text -> !text.isBlank() && text.length() <= LONGEST_SCRIPT,
              "no script; write what `/bin/sh` is to run, at most 1 MiB"));

  private static final Rule MOUNT_POINT =
      Rules.ABSOLUTE.and(
          text ->
              text.equals("/")
                  ? Optional.of("an input is mounted below `/`, not there")
                  : RESERVED.stream()
                      .filter(own -> isAt(text, own) || isAt(own, text))
                      .findFirst()
                      .map(own -> Complaints.quote(text) + " is the sandbox's own: " + own));

  private final Section recipe;
  private final List<String> suites;
  private final Places places;
  private final Set<String> inputs = new TreeSet<>();
  private final Map<String, Section> sections = new LinkedHashMap<>();
  private final Map<String, List<String>> outputs = new TreeMap<>();
  private final SortedMap<String, SortedSet<String>> needs = new TreeMap<>();
  private final Map<String, Place> needed = new HashMap<>();

  private StepsPart(Section recipe, DebianSource debian, Places places) {
    this.recipe = recipe;
    this.suites = debian.suites();
    this.places = places;
  }

  /**
   * The steps of one recipe.
   *
   * @param outputs by name of the step, of those too that have mistakes
   */
  record Steps(List<Step> all, Map<String, List<String>> outputs) {}

  static Steps read(Section recipe, DebianSource debian, Places places) {
    StepsPart part = new StepsPart(recipe, debian, places);
    List<Step> steps = recipe.has("steps") ? part.steps() : List.of();
    return new Steps(steps, part.outputs);
  }

  private List<Step> steps() {
    recipe.names("inputs").forEach(inputs::add);
    for (Yaml.Entry entry : recipe.entries("steps")) {
      String name = entry.key().text();
      STEP_NAME.complaint(name).ifPresent(wrong -> recipe.complain(entry.key().place(), wrong));
      if (inputs.contains(name)) {
        recipe.complain(
            entry.key().place(), Complaints.quote(name) + " is one of the `inputs` already");
      }
      Section.of("a step", entry.value(), Part.STEP, recipe.values())
          .ifPresent(section -> sections.put(name, section));
    }
    sections.forEach((name, section) -> outputs.put(name, outputs(section)));
    List<Step> steps = new ArrayList<>();
    sections.forEach((name, section) -> step(name, section).ifPresent(steps::add));
    refuseCircles();
    return steps;
  }

  private static List<String> outputs(Section section) {
    List<String> names = section.distinct("outputs", List.of(Step.OUT), OUTPUT);
    if (section.value("outputs").filter(RecipeReader::isEmptyList).isPresent()) {
      section.complain(section.place("outputs"), "`outputs` names at least one");
    }
    return names.isEmpty() ? List.of(Step.OUT) : names;
  }

  private Optional<Step> step(String name, Section section) {
    SortedSet<String> all = new TreeSet<>();
    needs.put(name, all);
    Optional<Step.Root> root =
        section.required("root", "a step").flatMap(node -> root(node, section, all));
    Optional<Step.Run> run = section.required("run", "a step").flatMap(node -> run(node, section));
    SortedMap<String, String> env = section.map("env", Rules.ENV_NAME, Rules.ANY);
    List<String> names = outputs.getOrDefault(name, List.of());
    for (String output : names) {
      if (env.containsKey(output)) {
        section.complain(
            section.place("env"),
            "`env`: " + Complaints.quote(output) + " is the place of an output");
      }
    }
    List<Step.Input> read = inputs(section, all);
    Step.Limits limits =
        section.section("limits", Part.LIMITS).map(StepsPart::limits).orElse(Step.Limits.DEFAULT);
    SortedMap<String, Step.Secret> secrets = secrets(section);
    List<String> tolerates = section.distinct("tolerates", List.of(), Rules.BESIDE);
    return root.isEmpty() || run.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Step(name, root.get(), read, run.get(), env, names, limits, secrets, tolerates));
  }

  private Optional<Step.Root> root(Yaml node, Section step, Set<String> all) {
    if (node instanceof Yaml.Sequence) {
      return Optional.of(
          new Step.Packages(
              DebianPart.packages(step.named("root", "packages"), suites, places),
              true,
              false,
              Scripts.NONE));
    }
    if (node instanceof Yaml.Scalar) {
      return step.text("root", Rules.ANY)
          .flatMap(text -> source(text, step, "root", all))
          .map(Step.OfTree::new);
    }
    return Section.of("`root`", node, Part.STEP_ROOT, step.values())
        .flatMap(section -> root(section, all));
  }

  private Optional<Step.Root> root(Section section, Set<String> all) {
    List<String> given =
        List.of("packages", "recipe", "from").stream().filter(section::has).toList();
    if (given.size() != 1) {
      section.complain(
          section.place(), "a root needs one of `packages`, `recipe` or `from`, and only one");
      return Optional.empty();
    }
    if (given.get(0).equals("recipe")) {
      return section
          .text("recipe", Rules.NEAR)
          .map(Rules::near)
          .map(
              path -> {
                Step.OfRecipe root =
                    new Step.OfRecipe(section.place("recipe").origin().beside(path));
                places.put(root, section.place("recipe"));
                return root;
              });
    }
    if (given.get(0).equals("from")) {
      return section
          .text("from", Rules.ANY)
          .flatMap(text -> source(text, section, "from", all))
          .map(Step.OfTree::new);
    }
    return Optional.of(
        new Step.Packages(
            DebianPart.packages(section, suites, places),
            section.flag("essential", true),
            section.flag("recommends", false),
            section.choice("scripts", Scripts.NONE, DebianPart.SCRIPTS)));
  }

  private static Optional<Step.Run> run(Yaml node, Section section) {
    if (node instanceof Yaml.Sequence sequence) {
      List<String> words = section.texts("run", Rules.ANY);
      if (words.isEmpty() && sequence.items().isEmpty()) {
        section.complain(node.place(), "`run` names a program");
      }
      return words.isEmpty() ? Optional.empty() : Optional.of(new Step.Argv(words));
    }
    return section.text("run", SCRIPT).map(Step.Script::new);
  }

  private List<Step.Input> inputs(Section section, Set<String> all) {
    List<Step.Input> read = new ArrayList<>();
    for (Yaml.Entry entry : section.entries("inputs")) {
      String name = entry.key().text();
      Optional<String> wrong = INPUT_NAME.complaint(name);
      if (wrong.isPresent()) {
        section.complain(entry.key().place(), wrong.get());
        continue;
      }
      input(name, entry.value(), section, all).ifPresent(input -> add(input, entry, section, read));
    }
    return read;
  }

  private Optional<Step.Input> input(String name, Yaml node, Section section, Set<String> all) {
    if (node instanceof Yaml.Scalar) {
      return section
          .values()
          .text(name, node, Rules.ANY)
          .flatMap(text -> source(text, section, node.place(), name, all))
          .map(source -> new Step.Input(name, source, "/" + name));
    }
    return Section.of("an input of a step", node, Part.STEP_INPUT, section.values())
        .flatMap(
            input -> {
              Optional<Step.Source> source =
                  input
                      .required("from", "an input of a step")
                      .flatMap(from -> input.text("from", Rules.ANY))
                      .flatMap(text -> source(text, input, "from", all));
              String at = input.text("at", "/" + name, MOUNT_POINT);
              return source.map(from -> new Step.Input(name, from, at));
            });
  }

  private static void add(
      Step.Input input, Yaml.Entry entry, Section section, List<Step.Input> read) {
    Optional<String> reserved = MOUNT_POINT.complaint(input.at());
    if (reserved.isPresent()) {
      section.complain(entry.key().place(), reserved.get() + "; say where with `at`");
      return;
    }
    for (Step.Input other : read) {
      if (isAt(input.at(), other.at()) || isAt(other.at(), input.at())) {
        section.complain(
            entry.value().place(),
            Complaints.quote(input.at())
                + " is in the way of the input "
                + Complaints.quote(other.name())
                + " at "
                + Complaints.quote(other.at()));
        return;
      }
    }
    read.add(input);
  }

  private static boolean isAt(String path, String above) {
    return path.equals(above) || path.startsWith(above + "/");
  }

  private Optional<Step.Source> source(String text, Section section, String key, Set<String> all) {
    return source(text, section, section.place(key), key, all);
  }

  private Optional<Step.Source> source(
      String text, Section section, Place place, String key, Set<String> all) {
    if (text.startsWith("./") || text.startsWith("../") || text.equals(".") || text.equals("..")) {
      Optional<String> wrong = Rules.NEAR.complaint(text);
      wrong.ifPresent(why -> section.complain(place, "`" + key + "`: " + why));
      return wrong.isPresent()
          ? Optional.empty()
          : Optional.of(placed(new Step.Local(place.origin().beside(Rules.near(text))), place));
    }
    if (inputs.contains(text)) {
      return Optional.of(placed(new Step.Named(text), place));
    }
    Parsed<Step.Output> output = output(text, outputs, Optional.of(inputs));
    output.complaint().ifPresent(why -> section.complain(place, "`" + key + "`: " + why));
    output.value().ifPresent(of -> all.add(of.step()));
    output.value().ifPresent(of -> needed.putIfAbsent(of.step(), place));
    return output.value().map(of -> placed(of, place));
  }

  private Step.Source placed(Step.Source source, Place place) {
    places.put(source, place);
    return source;
  }

  /** What a text like {@code compile} or {@code compile.doc} means among these steps. */
  static Parsed<Step.Output> output(String text, Steps steps) {
    return output(text, steps.outputs(), Optional.empty());
  }

  private static Parsed<Step.Output> output(
      String text, Map<String, List<String>> outputs, Optional<Set<String>> others) {
    int dot = text.indexOf('.');
    String step = dot < 0 ? text : text.substring(0, dot);
    List<String> known = outputs.get(step);
    if (known == null) {
      Set<String> all = new TreeSet<>(outputs.keySet());
      others.ifPresent(all::addAll);
      return new Parsed.Bad<>(
          "there is no step "
              + (others.orElse(Set.of()).isEmpty() ? "" : "or input ")
              + Complaints.quote(text)
              + Nearest.of(step, all)
                  .map(near -> "; did you mean `" + near + "`?")
                  .orElse(
                      others.isPresent()
                          ? "; a directory beside the recipe is written `./name`"
                          : ""));
    }
    if (dot < 0 && !known.contains(Step.OUT)) {
      return new Parsed.Bad<>(
          "which output of " + Complaints.quote(step) + "? It has " + listed(step, known));
    }
    String output = dot < 0 ? Step.OUT : text.substring(dot + 1);
    return known.contains(output)
        ? new Parsed.Good<>(new Step.Output(step, output))
        : new Parsed.Bad<>(
            Complaints.quote(text)
                + ": the step has no such output; it has "
                + listed(step, known));
  }

  private static String listed(String step, List<String> outputs) {
    return "`" + step + "." + String.join("`, `" + step + ".", outputs) + "`";
  }

  private static Step.Limits limits(Section section) {
    Step.Limits usual = Step.Limits.DEFAULT;
    return new Step.Limits(
        section.parsed("time", Times::nanos).filter(n -> n > 0).orElse(usual.nanos()),
        section.parsed("memory", Sizes::bytes).orElse(usual.memory()),
        section.parsed("output", Sizes::bytes).orElse(usual.output()),
        (int) section.number("cpus", usual.cpus(), 1, 1024),
        (int) section.number("processes", usual.processes(), 1, 1 << 20));
  }

  private static SortedMap<String, Step.Secret> secrets(Section section) {
    SortedMap<String, Step.Secret> secrets = new TreeMap<>();
    for (Yaml.Entry entry : section.entries("secrets")) {
      String name = entry.key().text();
      SECRET_NAME.complaint(name).ifPresent(why -> section.complain(entry.key().place(), why));
      Section.of("a secret", entry.value(), Part.SECRET, section.values())
          .flatMap(StepsPart::secret)
          .ifPresent(secret -> secrets.put(name, secret));
    }
    return secrets;
  }

  private static Optional<Step.Secret> secret(Section section) {
    if (section.has("env") == section.has("file")) {
      section.complain(section.place(), "a secret needs one of `env` or `file`, and only one");
      return Optional.empty();
    }
    return section.has("env")
        ? section.text("env", Rules.ENV_NAME).map(Step.FromVariable::new)
        : section
            .text("file", Rules.SYMLINK)
            .map(section.place("file").origin()::anywhere)
            .map(Step.FromFile::new);
  }

  private void refuseCircles() {
    Set<String> done = new HashSet<>();
    for (String name : needs.keySet()) {
      List<String> way = new ArrayList<>();
      if (circle(name, way, done)) {
        Place place = needed.getOrDefault(way.get(0), recipe.place("steps"));
        recipe.complain(place, "steps need each other in a circle: " + String.join(" needs ", way));
        return;
      }
    }
  }

  /** True if a circle was found; then {@code way} is it, its first step again at its end. */
  private boolean circle(String name, List<String> way, Set<String> done) {
    int before = way.indexOf(name);
    way.add(name);
    if (before >= 0) {
      way.subList(0, before).clear();
      return true;
    }
    if (!done.contains(name)) {
      for (String need : needs.getOrDefault(name, new TreeSet<>())) {
        if (circle(need, way, done)) {
          return true;
        }
      }
    }
    done.add(name);
    way.remove(way.size() - 1);
    return false;
  }
}
