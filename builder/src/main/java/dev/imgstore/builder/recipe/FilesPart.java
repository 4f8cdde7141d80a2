package dev.imgstore.builder.recipe;

import dev.imgstore.builder.recipe.AccountsPart.Accounts;
import dev.imgstore.model.TreePath;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Reads the files of a recipe. */
final class FilesPart {
  private static final List<String> SOURCES =
      List.of("from", "input", "step", "text", "symlink", "directory");
  private static final String OWNER = "an owner is `user` or `user:group`, each a name or a number";
  private static final String NUMBER = "0|[1-9][0-9]{0,9}";

  private record Owner(String user, String group) {}

  private final Values values;
  private final Accounts accounts;
  private final Set<String> inputs;
  private final StepsPart.Steps steps;
  private final Places places;
  private final List<FileEntry> entries = new ArrayList<>();
  private final Map<TreePath, FileEntry> seen = new TreeMap<>();

  private FilesPart(
      Values values, Accounts accounts, Set<String> inputs, StepsPart.Steps steps, Places places) {
    this.values = values;
    this.accounts = accounts;
    this.inputs = inputs;
    this.steps = steps;
    this.places = places;
  }

  static List<FileEntry> read(
      Section recipe, Accounts accounts, Set<String> inputs, StepsPart.Steps steps, Places places) {
    FilesPart part = new FilesPart(recipe.values(), accounts, inputs, steps, places);
    for (Yaml item : recipe.list("files")) {
      Section.of("an entry of `files`", item, Part.FILE, part.values).ifPresent(part::add);
    }
    return part.entries;
  }

  private void add(Section section) {
    Optional<FileEntry> entry = entry(section);
    if (entry.isEmpty()) {
      return;
    }
    FileEntry earlier = seen.putIfAbsent(entry.get().path(), entry.get());
    if (earlier != null && !(copies(earlier) && copies(entry.get()))) {
      section.complain(
          section.place("path"),
          Complaints.quote(earlier.path().toString())
              + " is here twice; only `from`, `input` and `step` may meet, the later one wins");
      return;
    }
    entries.add(entry.get());
    String source = SOURCES.stream().filter(section::has).findFirst().orElse("from");
    places.put(entry.get(), section.place(source));
  }

  private static boolean copies(FileEntry entry) {
    return entry instanceof FileEntry.Copied
        || entry instanceof FileEntry.OfInput
        || entry instanceof FileEntry.OfStep;
  }

  private Optional<FileEntry> entry(Section section) {
    Optional<String> written =
        section
            .required("path", "a file")
            .flatMap(node -> values.text("path", node, Rules.ABSOLUTE));
    FileEntry.Attributes attributes = attributes(section);
    List<String> given = SOURCES.stream().filter(section::has).toList();
    if (given.size() != 1) {
      section.complain(
          section.place(),
          given.isEmpty()
              ? "a file needs one of `from`, `input`, `step`, `text`, `symlink` or `directory: true`"
              : "a file has only one of `" + String.join("` and `", given) + "`");
      given.stream().skip(1).forEach(key -> what(section, key, TreePath.ROOT, attributes));
      return Optional.empty();
    }
    String source = given.get(0);
    if (written.isPresent()
        && written.get().equals("/")
        && (source.equals("text") || source.equals("symlink"))) {
      section.complain(section.place("path"), "`path`: `/` is a directory; name a file in it");
    }
    if (source.equals("symlink") && section.has("mode")) {
      section.complain(section.place("mode"), "`mode`: a symlink has none; leave it out");
    }
    if (section.has("file") && !source.equals("input") && !source.equals("step")) {
      section.complain(
          section.place("file"), "`file` is a file of an `input` or `step`; leave it out here");
    }
    TreePath path = written.map(TreePath::of).orElse(TreePath.ROOT);
    Optional<FileEntry> entry = what(section, source, path, attributes);
    return written.isEmpty() ? Optional.empty() : entry;
  }

  private Optional<FileEntry> what(
      Section section, String source, TreePath path, FileEntry.Attributes attributes) {
    return switch (source) {
      case "from" ->
          section.beside("from").map(from -> new FileEntry.Copied(path, from, attributes));
      case "input" -> ofInput(section, path, attributes);
      case "step" -> produced(section, path, attributes);
      case "text" ->
          section
              .text("text", Rules.CONTENT)
              .map(text -> new FileEntry.Inline(path, text, attributes));
      case "symlink" ->
          section
              .text("symlink", Rules.SYMLINK)
              .map(target -> new FileEntry.Link(path, target, attributes));
      case "directory" -> {
        if (!section.flag("directory", true)) {
          section.complain(
              section.place("directory"), "`directory`: only true says something; leave it out");
        }
        yield Optional.of(new FileEntry.EmptyDirectory(path, attributes));
      }
      default -> throw new AssertionError(source);
    };
  }

  private Optional<FileEntry> ofInput(
      Section section, TreePath path, FileEntry.Attributes attributes) {
    Optional<String> input = section.text("input", Rules.INPUT_NAME);
    String file = section.text("file", ".", Rules.WITHIN);
    if (input.isPresent() && !inputs.contains(input.get())) {
      section.complain(
          section.place("input"),
          "`input`: "
              + Complaints.quote(input.get())
              + " is none of the recipe's `inputs`"
              + Nearest.of(input.get(), inputs)
                  .map(near -> "; did you mean `" + near + "`?")
                  .orElse(""));
    }
    return input.map(name -> new FileEntry.OfInput(path, name, Rules.beside(file), attributes));
  }

  private Optional<FileEntry> produced(
      Section section, TreePath path, FileEntry.Attributes attributes) {
    String file = section.text("file", Rules.WITHIN).map(Rules::beside).orElse(".");
    return section
        .text("step", Rules.ANY)
        .flatMap(text -> output(section, text))
        .map(output -> new FileEntry.OfStep(path, output, file, attributes));
  }

  private Optional<Step.Output> output(Section section, String text) {
    Parsed<Step.Output> output = StepsPart.output(text, steps);
    output
        .complaint()
        .ifPresent(wrong -> section.complain(section.place("step"), "`step`: " + wrong));
    return output.value();
  }

  private FileEntry.Attributes attributes(Section section) {
    String otherwise = section.has("step") ? "" : "root";
    Owner owner = section.parsed("owner", this::owner).orElse(new Owner(otherwise, otherwise));
    return new FileEntry.Attributes(
        section.parsed("mode", FilesPart::mode).orElse(-1),
        owner.user(),
        owner.group(),
        section.parsed("time", Times::seconds).orElse(-1L));
  }

  /** Always octal, as in {@code chmod}, with or without quotes and leading zeros. */
  static Parsed<Integer> mode(String text) {
    String digits = text.startsWith("0o") ? text.substring(2) : text;
    if (digits.matches("0?[0-7]{3,4}")) {
      return new Parsed.Good<>(Integer.parseInt(digits, 8));
    }
    return new Parsed.Bad<>(
        Complaints.quote(text) + " is no mode; it is octal, like `0644`, at most `7777`");
  }

  private Parsed<Owner> owner(String text) {
    String[] parts = text.split(":", -1);
    if (parts.length > 2) {
      return new Parsed.Bad<>(Complaints.quote(text) + " is no owner; " + OWNER);
    }
    for (String part : parts) {
      if (!isAccount(part)) {
        return new Parsed.Bad<>(Complaints.quote(part) + " is no user or group; " + OWNER);
      }
    }
    String group = parts.length == 2 ? parts[1] : accounts.groupOf(parts[0]).orElse(parts[0]);
    return new Parsed.Good<>(new Owner(parts[0], group));
  }

  /** A name, or a number as small as the kernel's. */
  static boolean isAccount(String text) {
    return text.matches(NUMBER)
        ? Long.parseLong(text) <= Integer.MAX_VALUE
        : Rules.ACCOUNT.complaint(text).isEmpty();
  }
}
