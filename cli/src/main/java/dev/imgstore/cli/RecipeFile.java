package dev.imgstore.cli;

import dev.imgstore.builder.lock.Lock;
import dev.imgstore.builder.lock.LockCodec;
import dev.imgstore.builder.realise.Unresolved;
import dev.imgstore.builder.recipe.Carets;
import dev.imgstore.builder.recipe.FileEntry;
import dev.imgstore.builder.recipe.InputSource;
import dev.imgstore.builder.recipe.Places;
import dev.imgstore.builder.recipe.Recipe;
import dev.imgstore.builder.recipe.RecipeReader;
import dev.imgstore.builder.recipe.Step;
import dev.imgstore.model.Bytes;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Problem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A recipe and the lock beside it, as files a person keeps.
 *
 * @param source digest of what decides about the lock
 * @param places for mistakes that are found later
 */
record RecipeFile(
    Path file,
    Bytes text,
    Recipe recipe,
    Digest source,
    Places places,
    SortedMap<String, String> settings) {
  private static final int MAX_RECIPE = 1 << 20;
  private static final int MAX_LOCK = 64 << 20;

  /** Reads a recipe, or says all that is wrong with it. */
  static RecipeFile read(Context context, String typed, SortedMap<String, String> settings)
      throws IOException {
    Path file = context.path(typed);
    String shown = typed;
    if (Files.isDirectory(file)) {
      file = file.resolve("recipe.yaml");
      shown = Path.of(typed).resolve("recipe.yaml").toString();
    }
    if (!Files.isRegularFile(file)) {
      throw new CommandFailure(
          ExitCode.UNKNOWN,
          "there is no recipe "
              + typed
              + "; name a YAML file, or a directory that holds a recipe.yaml");
    }
    if (Files.size(file) > MAX_RECIPE) {
      throw new CommandFailure(ExitCode.USAGE, typed + " is larger than a recipe can be (1 MiB)");
    }
    byte[] text = Files.readAllBytes(file);
    String name = RecipeReader.defaultName(file.toString());
    RecipeReader.Result result = RecipeReader.read(shown, name, text, settings);
    if (result instanceof RecipeReader.Mistakes mistakes) {
      throw mistakes(mistakes.problems(), text);
    }
    if (result instanceof RecipeReader.Read read) {
      return new RecipeFile(
          file, Bytes.of(text), read.recipe(), read.source(), read.places(), settings);
    }
    throw new AssertionError(result);
  }

  /** Sees that what the recipe copies is there, before anything takes time. */
  void requireFiles() throws IOException {
    List<Problem> problems = new ArrayList<>();
    for (FileEntry entry : recipe.files()) {
      if (entry instanceof FileEntry.Copied copied && !directory().has(copied.from())) {
        problems.add(
            places.problem(
                entry, "`from`: there is no file or directory " + copied.from() + " beside it"));
      }
    }
    for (InputSource source : recipe.inputs().values()) {
      if (source instanceof InputSource.Local local && !directory().has(local.path())) {
        problems.add(
            places.problem(
                source, "`path`: there is no file or directory " + local.path() + " beside it"));
      }
    }
    for (Step step : recipe.steps()) {
      for (Step.Local local : locals(step)) {
        if (!directory().has(local.path())) {
          problems.add(
              places.problem(local, "there is no file or directory " + local + " beside it"));
        }
      }
    }
    if (!problems.isEmpty()) {
      throw mistakes(problems, text.toArray());
    }
  }

  private static List<Step.Local> locals(Step step) {
    List<Step.Source> sources = new ArrayList<>();
    step.inputs().forEach(input -> sources.add(input.source()));
    if (step.root() instanceof Step.OfTree tree) {
      sources.add(tree.source());
    }
    return sources.stream()
        .filter(Step.Local.class::isInstance)
        .map(Step.Local.class::cast)
        .toList();
  }

  private static CommandFailure mistakes(List<Problem> problems, byte[] text) {
    List<Problem> inOrder =
        problems.stream()
            .sorted(Comparator.comparingInt(Problem::line).thenComparingInt(Problem::column))
            .toList();
    String rendered = Carets.render(inOrder, new String(text, StandardCharsets.UTF_8));
    int count = problems.size();
    return new CommandFailure(
        ExitCode.USAGE,
        (count == 1 ? "one mistake" : count + " mistakes") + ":\n" + rendered.stripTrailing());
  }

  /** What resolving complained about, with its places in the recipe where it has some. */
  CommandFailure explained(Unresolved failure) {
    List<Problem> problems = new ArrayList<>();
    failure.unknown().forEach((request, text) -> problems.add(places.problem(request, text)));
    return problems.isEmpty()
        ? new CommandFailure(ExitCode.USAGE, String.valueOf(failure.getMessage()), failure)
        : mistakes(problems, text.toArray());
  }

  /** {@code k=v} words as settings. */
  static SortedMap<String, String> settings(List<String> words) throws CommandFailure {
    SortedMap<String, String> settings = new TreeMap<>();
    for (String word : words) {
      int equals = word.indexOf('=');
      if (equals < 1) {
        throw new CommandFailure(ExitCode.USAGE, "--set takes name=value, not " + word);
      }
      settings.put(word.substring(0, equals), word.substring(equals + 1));
    }
    return settings;
  }

  /** The recipe limited to some of its platforms. */
  RecipeFile withRecipe(Recipe other) {
    return new RecipeFile(file, text, other, source, places, settings);
  }

  /** Where the lock is: the recipe's name with another ending. */
  Path lockFile() {
    String name = file.getFileName().toString();
    int dot = name.lastIndexOf('.');
    return file.resolveSibling((dot < 0 ? name : name.substring(0, dot)) + ".lock");
  }

  /** The lock, if there is one. */
  Optional<Lock> lock() throws IOException {
    Path path = lockFile();
    if (!Files.isRegularFile(path)) {
      return Optional.empty();
    }
    if (Files.size(path) > MAX_LOCK) {
      throw new CommandFailure(ExitCode.USAGE, path + " is larger than a lock can be");
    }
    byte[] bytes = Files.readAllBytes(path);
    LockCodec.Result result = LockCodec.read(path.toString(), bytes);
    if (result instanceof LockCodec.Mistakes mistakes) {
      throw mistakes(mistakes.problems(), bytes);
    }
    if (result instanceof LockCodec.Read read) {
      return Optional.of(read.lock());
    }
    throw new AssertionError(result);
  }

  /** Writes the lock, whole or not at all; an equal one is not touched. */
  void writeLock(Lock lock) throws IOException {
    Path path = lockFile();
    byte[] bytes = LockCodec.write(lock);
    if (Files.isRegularFile(path) && java.util.Arrays.equals(Files.readAllBytes(path), bytes)) {
      return;
    }
    try {
      Path half = Files.createTempFile(path.resolveSibling(""), "." + path.getFileName(), ".new");
      try {
        Files.write(half, bytes);
        Files.setPosixFilePermissions(half, PosixFilePermissions.fromString("rw-r--r--"));
        Files.move(half, path, StandardCopyOption.ATOMIC_MOVE);
      } finally {
        Files.deleteIfExists(half);
      }
    } catch (IOException e) {
      throw new CommandFailure(
          ExitCode.FAILED, "the lock " + path + " cannot be written: " + e.getMessage(), e);
    }
  }

  /** The files beside it. */
  RecipeDirectory directory() {
    return new RecipeDirectory(file.toAbsolutePath().resolveSibling("").normalize());
  }
}
