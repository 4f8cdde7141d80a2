package dev.imgstore.cli;

import dev.imgstore.builder.lock.Lock;
import dev.imgstore.builder.lock.LockCodec;
import dev.imgstore.builder.realise.Unresolved;
import dev.imgstore.builder.recipe.FileEntry;
import dev.imgstore.builder.recipe.InputSource;
import dev.imgstore.builder.recipe.Places;
import dev.imgstore.builder.recipe.Recipe;
import dev.imgstore.builder.recipe.RecipeReader;
import dev.imgstore.builder.recipe.RecipeVariants;
import dev.imgstore.builder.recipe.Step;
import dev.imgstore.model.Bytes;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Platform;
import dev.imgstore.model.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A recipe and the lock beside it, as files a person keeps; of a recipe with a matrix one variant.
 *
 * @param typed how a person named it
 * @param bases the texts it was read from
 * @param variant what was read, with what a generation keeps of it
 */
record RecipeFile(Path file, String typed, BaseFiles bases, RecipeVariants.Variant variant) {
  /** What a recipe is called in a directory of its own. */
  static final String NAME = "recipe.yaml";

  static final int MAX_RECIPE = 1 << 20;
  private static final int MAX_LOCK = 64 << 20;

  /** Reads a recipe that is one image, or says all that is wrong with it. */
  static RecipeFile read(Context context, String typed, SortedMap<String, String> settings)
      throws IOException {
    RecipeMistakes mistakes = new RecipeMistakes();
    List<RecipeFile> all = read(context, typed, settings, mistakes);
    mistakes.orThrow();
    if (all.size() > 1) {
      throw new CommandFailure(
          ExitCode.USAGE,
          typed
              + " is a recipe of "
              + all.size()
              + " images; name one of their profiles: "
              + all.stream().map(each -> each.recipe().name()).collect(Collectors.joining(", "))
              + "; where --set is taken, it picks one");
    }
    return all.get(0);
  }

  /**
   * Reads a recipe, every variant of it that the settings leave.
   *
   * @param mistakes gets what is wrong with it; then nothing is returned
   */
  static List<RecipeFile> read(
      Context context, String typed, SortedMap<String, String> settings, RecipeMistakes mistakes)
      throws IOException {
    Path file = context.path(typed);
    String shown = typed;
    if (Files.isDirectory(file)) {
      file = file.resolve(NAME);
      shown = Path.of(typed).resolve(NAME).toString();
    }
    if (!Files.isRegularFile(file)) {
      mistakes.add(
          new CommandFailure(
              ExitCode.UNKNOWN,
              "there is no recipe "
                  + typed
                  + "; name a YAML file, or a directory that holds a recipe.yaml"));
      return List.of();
    }
    if (Files.size(file) > MAX_RECIPE) {
      mistakes.add(
          new CommandFailure(ExitCode.USAGE, typed + " is larger than a recipe can be (1 MiB)"));
      return List.of();
    }
    byte[] text = Files.readAllBytes(file);
    BaseFiles bases = new BaseFiles(file, shown, text);
    String name = RecipeReader.defaultName(file.toString());
    RecipeVariants.Result result = RecipeVariants.read(shown, name, text, settings, bases);
    if (result instanceof RecipeVariants.Mistakes wrong) {
      mistakes.add(wrong.problems(), bases.texts());
      return List.of();
    }
    if (result instanceof RecipeVariants.Found found) {
      Path there = file;
      return found.variants().stream()
          .map(each -> new RecipeFile(there, typed, bases, each))
          .toList();
    }
    throw new AssertionError(result);
  }

  /** What it says. */
  Recipe recipe() {
    return variant.recipe();
  }

  /** What is kept of it: its text, or one that says the same. */
  Bytes text() {
    return variant.text();
  }

  /** The settings that the kept text has to be read with. */
  SortedMap<String, String> settings() {
    return variant.settings();
  }

  /** Digest of what decides about the lock. */
  Digest source() {
    return variant.source();
  }

  private Places places() {
    return variant.places();
  }

  /** Sees that what the recipe copies is there, before anything takes time. */
  void requireFiles() throws IOException {
    RecipeMistakes mistakes = new RecipeMistakes();
    requireFiles(mistakes);
    mistakes.orThrow();
  }

  /** As {@link #requireFiles()}, for several recipes. */
  void requireFiles(RecipeMistakes mistakes) throws IOException {
    List<Problem> problems = new ArrayList<>();
    for (FileEntry entry : recipe().files()) {
      if (entry instanceof FileEntry.Copied copied && !directory().has(copied.from())) {
        problems.add(
            places()
                .problem(
                    entry,
                    "`from`: there is no file or directory " + copied.from() + " beside it"));
      }
    }
    for (InputSource source : recipe().inputs().values()) {
      if (source instanceof InputSource.Local local && !directory().has(local.path())) {
        problems.add(
            places()
                .problem(
                    source,
                    "`path`: there is no file or directory " + local.path() + " beside it"));
      }
    }
    for (Step step : recipe().steps()) {
      for (Step.Local local : locals(step)) {
        if (!directory().has(local.path())) {
          problems.add(
              places().problem(local, "there is no file or directory " + local + " beside it"));
        }
      }
    }
    for (InputSource source : recipe().inputs().values()) {
      if (source instanceof InputSource.Npm npm && !directory().has(npm.lockFile())) {
        problems.add(
            places().problem(source, "`npm`: there is no file " + npm.lockFile() + " beside it"));
      }
    }
    mistakes.add(problems, bases.texts());
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

  /** What resolving complained about, with its places in the recipe where it has some. */
  CommandFailure explained(Unresolved failure) {
    List<Problem> problems = new ArrayList<>();
    failure.unknown().forEach((request, text) -> problems.add(places().problem(request, text)));
    return problems.isEmpty()
        ? new CommandFailure(ExitCode.USAGE, String.valueOf(failure.getMessage()), failure)
        : RecipeMistakes.of(problems, bases.texts());
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
    return new RecipeFile(
        file,
        typed,
        bases,
        new RecipeVariants.Variant(variant.label(), other, source(), places(), text(), settings()));
  }

  /** Another recipe, by its path from this one's directory, for one of its platforms. */
  RecipeFile beside(Context context, String path, Platform platform) throws IOException {
    Path there = file.toAbsolutePath().resolveSibling(path).normalize();
    RecipeFile other = read(context, there.toString(), new TreeMap<>());
    if (!other.recipe().platforms().contains(platform)) {
      throw new CommandFailure(
          ExitCode.USAGE,
          other.file() + " is the root of a step for " + platform + ", which it is not for");
    }
    return other;
  }

  /** Where the lock is: the recipe's name, its variant, and another ending. */
  Path lockFile() {
    String name = file.getFileName().toString();
    int dot = name.lastIndexOf('.');
    String variants = variant.label().isEmpty() ? "" : "." + variant.label();
    return file.resolveSibling((dot < 0 ? name : name.substring(0, dot)) + variants + ".lock");
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
      throw RecipeMistakes.of(mistakes.problems(), Map.of(path.toString(), Bytes.of(bytes)));
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
