package dev.imgstore.builder.recipe;

import dev.imgstore.builder.json.CanonicalObject;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Platform;
import dev.imgstore.store.BuildRecord;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A whole recipe as bytes, for keys and for keeping. They cover everything a recipe says that can
 * change an image; what the files beside it contain is not in them.
 */
public final class RecipeDigest {
  private static final String FORMAT = "imgstore recipe 1\n";

  private RecipeDigest() {}

  /** SHA-256 of the format's name and {@link #canonical}. */
  public static Digest of(Recipe recipe) {
    return Digest.of((FORMAT + canonical(recipe)).getBytes(StandardCharsets.UTF_8));
  }

  /**
   * The recipe as one line of JSON, with variables filled in and defaults spelled out. It is itself
   * a recipe: reading it gives an equal one.
   */
  public static String canonical(Recipe recipe) {
    DebianSource debian = recipe.debian();
    CanonicalObject whole =
        new CanonicalObject()
            .text("name", recipe.name())
            .texts("platforms", recipe.platforms().stream().map(Platform::toString).toList())
            .number("epoch", recipe.epoch())
            .object(
                "debian",
                new CanonicalObject()
                    .texts("suites", debian.suites())
                    .texts("components", debian.components())
                    .text("keyring", debian.keyring()))
            .texts("packages", debian.packages().stream().map(PackageRequest::toString).toList())
            .flag("essential", debian.essential())
            .flag("recommends", debian.recommends())
            .text("scripts", word(debian.scripts()));
    if (!recipe.inputs().isEmpty()) {
      whole.object("inputs", inputs(recipe.inputs()));
    }
    whole
        .objects("files", recipe.files().stream().map(RecipeDigest::file).toList())
        .objects("groups", recipe.groups().stream().map(RecipeDigest::group).toList())
        .objects("users", recipe.users().stream().map(RecipeDigest::user).toList());
    if (!recipe.steps().isEmpty()) {
      whole.object("steps", StepText.of(recipe.steps()));
    }
    whole.object("image", image(recipe.image()));
    if (!recipe.barrier().equals(BuildRecord.Barrier.NONE)) {
      whole.object(
          "state-barrier",
          new CanonicalObject()
              .number("number", recipe.barrier().number())
              .text("text", literal(recipe.barrier().text())));
    }
    return whole.toString();
  }

  private static CanonicalObject inputs(SortedMap<String, InputSource> inputs) {
    CanonicalObject all = new CanonicalObject();
    inputs.forEach((name, source) -> all.object(name, input(source)));
    return all;
  }

  /** One entry of {@code inputs} in the same form. */
  public static String canonical(InputSource source) {
    return input(source).toString();
  }

  private static CanonicalObject input(InputSource source) {
    CanonicalObject input = new CanonicalObject();
    if (source instanceof InputSource.Url url) {
      input.texts("urls", url.urls().stream().map(RecipeDigest::literal).toList());
      if (!url.sha256().isEmpty()) {
        input.text("sha256", url.sha256());
      }
      return input
          .text("unpack", word(url.unpack()))
          .number("strip", url.strip())
          .flag("executable", url.executable());
    }
    if (source instanceof InputSource.Maven maven) {
      return keys(
          input.texts("maven", maven.artifacts()).text("layout", word(maven.layout())), source);
    }
    if (source instanceof InputSource.Npm npm) {
      return input.text("npm", literal(npm.lockFile())).flag("dev", npm.dev());
    }
    if (source instanceof InputSource.Git git) {
      return keys(
          input.text("git", literal(git.repository())).text("commit", git.commit()), source);
    }
    if (source instanceof InputSource.Oci oci) {
      return input.text("oci", literal(oci.layout())).text("digest", oci.digest().toString());
    }
    if (source instanceof InputSource.Image image) {
      return input.text("image", image.image());
    }
    if (source instanceof InputSource.Local local) {
      return input.text("path", literal(local.path()));
    }
    throw new AssertionError(source);
  }

  private static CanonicalObject keys(CanonicalObject input, InputSource source) {
    List<String> keys = source.keys().stream().map(RecipeDigest::literal).toList();
    return keys.isEmpty() ? input : input.texts("keys", keys);
  }

  private static CanonicalObject file(FileEntry entry) {
    CanonicalObject file = new CanonicalObject().text("path", literal(entry.path().toString()));
    if (entry instanceof FileEntry.Copied copied) {
      file.text("from", literal(copied.from()));
      return attributes(file, copied.attributes());
    }
    if (entry instanceof FileEntry.OfInput taken) {
      file.text("input", taken.input()).text("file", literal(taken.file()));
      return attributes(file, taken.attributes());
    }
    if (entry instanceof FileEntry.OfStep produced) {
      file.text("step", produced.output().toString()).text("file", literal(produced.file()));
      return attributes(file, produced.attributes());
    }
    if (entry instanceof FileEntry.Inline inline) {
      file.text("text", literal(inline.text()));
      return attributes(file, inline.attributes());
    }
    if (entry instanceof FileEntry.Link link) {
      file.text("symlink", literal(link.target()));
      return attributes(file, link.attributes());
    }
    if (entry instanceof FileEntry.Unit unit) {
      return file.text("unit", unit.name());
    }
    if (entry instanceof FileEntry.EmptyDirectory directory) {
      file.flag("directory", true);
      return attributes(file, directory.attributes());
    }
    throw new AssertionError(entry);
  }

  private static CanonicalObject attributes(CanonicalObject file, FileEntry.Attributes attributes) {
    if (!attributes.user().isEmpty()) {
      file.text("owner", literal(attributes.user() + ":" + attributes.group()));
    }
    if (attributes.mode() >= 0) {
      file.text("mode", String.format(Locale.ROOT, "%04o", attributes.mode()));
    }
    if (attributes.time() >= 0) {
      file.number("time", attributes.time());
    }
    return file;
  }

  private static CanonicalObject group(Group group) {
    return new CanonicalObject().text("name", literal(group.name())).number("gid", group.gid());
  }

  private static CanonicalObject user(User user) {
    return new CanonicalObject()
        .text("name", literal(user.name()))
        .number("uid", user.uid())
        .text("group", literal(user.group()))
        .texts("groups", user.groups().stream().map(RecipeDigest::literal).toList())
        .text("home", literal(user.home()))
        .text("shell", literal(user.shell()))
        .text("comment", literal(user.comment()));
  }

  private static CanonicalObject image(RunConfig run) {
    CanonicalObject image =
        new CanonicalObject()
            .texts("entrypoint", run.entrypoint().stream().map(RecipeDigest::literal).toList())
            .texts("cmd", run.cmd().stream().map(RecipeDigest::literal).toList())
            .map("env", literals(run.env()))
            .text("workdir", literal(run.workdir()));
    if (!run.user().isEmpty()) {
      image.text("user", literal(run.user()));
    }
    image
        .texts("ports", run.ports())
        .texts("volumes", run.volumes().stream().map(RecipeDigest::literal).toList())
        .map("labels", literals(run.labels()));
    if (!run.stopSignal().isEmpty()) {
      image.text("stop-signal", run.stopSignal());
    }
    RunConfig.Healthcheck check = run.healthcheck();
    if (!check.equals(RunConfig.Healthcheck.NONE)) {
      image.object(
          "healthcheck",
          new CanonicalObject()
              .texts("test", check.test().stream().map(RecipeDigest::literal).toList())
              .text("interval", millis(check.intervalNanos()))
              .text("timeout", millis(check.timeoutNanos()))
              .text("start-period", millis(check.startPeriodNanos()))
              .number("retries", check.retries()));
    }
    return image.text("compression", word(run.compression())).number("layers", run.layerBudget());
  }

  private static String millis(long nanos) {
    return nanos / 1_000_000 + "ms";
  }

  static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  static SortedMap<String, String> literals(SortedMap<String, String> texts) {
    SortedMap<String, String> literals = new TreeMap<>();
    texts.forEach((name, text) -> literals.put(name, literal(text)));
    return literals;
  }

  /** A text that no variable is put into when it is read. */
  static String literal(String text) {
    return text.replace("$", "$$");
  }
}
