package dev.imgstore.cli;

import dev.imgstore.builder.recipe.Step;
import dev.imgstore.builder.steps.StepPorts;
import dev.imgstore.model.Bytes;
import dev.imgstore.model.TreeId;
import dev.imgstore.store.BuildRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What steps take from this machine.
 *
 * @param directory where relative paths of secrets begin: the recipe's
 * @param jobs as typed; 0 for one a processor
 */
record StepWiring(Context context, Path directory, int jobs, StepPorts.OnFail onFail) {
  private static final int MAX_SECRET = 1 << 20;

  /** Shorter ones are found everywhere. */
  private static final int LEAST_SECRET = 6;

  StepWiring(Context context, RecipeFile recipe, int jobs, StepPorts.OnFail onFail) {
    this(context, recipe.directory().directory(), jobs, onFail);
  }

  private static int processors() {
    return Runtime.getRuntime().availableProcessors();
  }

  private int atOnce() {
    return jobs > 0 ? jobs : processors();
  }

  /** Threads for steps and for all else. */
  int threads() {
    return Math.max(atOnce(), processors());
  }

  StepPorts ports(StepPorts.RecipeRoots recipes) {
    return new StepPorts(atOnce(), processors(), onFail, this::secret, recipes);
  }

  /** What a build had, from its record; it must give no secret away, so it has none. */
  static StepPorts again(BuildRecord record) {
    StepPorts none = StepPorts.none(processors());
    return new StepPorts(
        processors(), processors(), StepPorts.OnFail.DROP, none.secrets(), kept(record));
  }

  /** The trees of other recipes that a build had as roots, as its record keeps them. */
  static StepPorts.RecipeRoots kept(BuildRecord record) {
    return (path, platform) -> {
      TreeId tree = record.locals().get(StepPorts.recipeName(path, platform));
      if (tree == null) {
        throw new IOException("its record has no tree of the recipe " + path);
      }
      return tree;
    };
  }

  private Bytes secret(String step, String name, Step.Secret secret) throws IOException {
    byte[] value =
        secret instanceof Step.FromVariable variable
            ? context
                .environment(variable.variable())
                .getBytes(java.nio.charset.StandardCharsets.UTF_8)
            : file(((Step.FromFile) secret).path(), step, name);
    if (value.length == 0) {
      throw new CommandFailure(
          ExitCode.FAILED,
          "step "
              + step
              + " needs the secret "
              + name
              + (secret instanceof Step.FromVariable variable
                  ? ": set the environment variable " + variable.variable()
                  : ": its file is empty"));
    }
    if (value.length < LEAST_SECRET) {
      throw new CommandFailure(
          ExitCode.FAILED,
          "the secret "
              + name
              + " of step "
              + step
              + " has fewer than "
              + LEAST_SECRET
              + " bytes; a value so short cannot be told from other bytes in an output");
    }
    return Bytes.of(value);
  }

  private byte[] file(String written, String step, String name) throws IOException {
    Path path =
        written.startsWith("~/")
            ? Path.of(context.environment("HOME")).resolve(written.substring(2))
            : directory.resolve(written).normalize();
    if (!Files.isRegularFile(path) || Files.size(path) > MAX_SECRET) {
      throw new CommandFailure(
          ExitCode.FAILED,
          "step "
              + step
              + " needs the secret "
              + name
              + ": "
              + path
              + (Files.exists(path) ? " is no file up to 1 MiB" : " is not there"));
    }
    return Files.readAllBytes(path);
  }
}
