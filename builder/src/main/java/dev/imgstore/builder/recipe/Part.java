package dev.imgstore.builder.recipe;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The mappings of a recipe and the keys each knows. The JSON Schema has the same ones. */
enum Part implements Keys {
  /** The whole document. */
  RECIPE(
      "at the top of the recipe",
      "name",
      "extends",
      "matrix",
      "platforms",
      "variables",
      "epoch",
      "debian",
      "packages",
      "essential",
      "recommends",
      "scripts",
      "inputs",
      "files",
      "groups",
      "users",
      "steps",
      "image",
      "disk",
      "state-barrier"),
  /** After what images before cannot read the data. */
  BARRIER("under `state-barrier`", "number", "text"),
  /** Where packages come from. */
  DEBIAN("under `debian`", "suites", "components", "keyring"),
  /** How the image is run and packed. */
  IMAGE(
      "under `image`",
      "entrypoint",
      "cmd",
      "env",
      "workdir",
      "user",
      "ports",
      "volumes",
      "labels",
      "stop-signal",
      "healthcheck",
      "compression",
      "layers"),
  /** How a runtime asks whether the image works. */
  HEALTHCHECK(
      "under `image.healthcheck`", "test", "interval", "timeout", "start-period", "retries"),
  /** The disk of a machine. */
  DISK(
      "under `disk`",
      "boot",
      "cmdline",
      "hostname",
      "size",
      "free",
      "swap",
      "partitions",
      "initrd",
      "grow",
      "units",
      "user-data",
      "marker",
      "root"),
  /** One partition of a disk. */
  PARTITION("in an entry of `partitions`", "mount", "size"),
  /** One entry of inputs. */
  INPUT(
      "in an entry of `inputs`",
      "url",
      "urls",
      "sha256",
      "unpack",
      "strip",
      "executable",
      "maven",
      "layout",
      "npm",
      "dev",
      "git",
      "commit",
      "keys",
      "oci",
      "digest",
      "image",
      "path"),
  /** One entry of files. */
  FILE(
      "in an entry of `files`",
      "path",
      "from",
      "input",
      "step",
      "file",
      "text",
      "symlink",
      "directory",
      "owner",
      "mode",
      "time"),
  /** One group. */
  GROUP("in an entry of `groups`", "name", "gid"),
  /** One user. */
  USER("in an entry of `users`", "name", "uid", "group", "groups", "home", "shell", "comment"),
  /** One step. */
  STEP("in a step", "root", "inputs", "run", "env", "outputs", "limits", "secrets", "tolerates"),
  /** What a step sees as its file system. */
  STEP_ROOT("under `root`", "packages", "essential", "recommends", "scripts", "recipe", "from"),
  /** One input of a step. */
  STEP_INPUT("in an input of a step", "from", "at"),
  /** What a step may use. */
  LIMITS("under `limits`", "time", "memory", "output", "cpus", "processes"),
  /** One secret of a step. */
  SECRET("in a secret", "env", "file");

  /** What other tools call our keys. */
  private static final Map<String, String> ELSEWHERE =
      Map.ofEntries(
          Map.entry("archs", "platforms"),
          Map.entry("architectures", "platforms"),
          Map.entry("accounts", "users"),
          Map.entry("args", "variables"),
          Map.entry("command", "cmd"),
          Map.entry("contents", "files"),
          Map.entry("copy", "files"),
          Map.entry("content", "text"),
          Map.entry("environment", "env"),
          Map.entry("expose", "ports"),
          Map.entry("link", "symlink"),
          Map.entry("source", "from"),
          Map.entry("src", "from"),
          Map.entry("dest", "path"),
          Map.entry("target", "path"),
          Map.entry("permissions", "mode"),
          Map.entry("vars", "variables"),
          Map.entry("working-dir", "workdir"),
          Map.entry("working_dir", "workdir"),
          Map.entry("work-dir", "workdir"));

  private final String place;

  @SuppressWarnings("ImmutableEnumChecker") // List.of cannot be changed
  private final List<String> keys;

  Part(String place, String... keys) {
    this.place = place;
    this.keys = List.of(keys);
  }

  /** A key of ours, from a misspelt one of another tool. */
  private Optional<String> foreign(String key) {
    return Nearest.of(key, new TreeSet<>(ELSEWHERE.keySet()))
        .map(near -> ELSEWHERE.getOrDefault(near, near))
        .filter(keys::contains);
  }

  @Override
  public List<String> keys() {
    return keys;
  }

  @Override
  public String unknown(String key) {
    String written = "unknown key " + Complaints.quote(key);
    String word = ELSEWHERE.getOrDefault(key, key);
    List<String> guesses = new ArrayList<>();
    if (keys.contains(word)) {
      guesses.add("`" + word + "`");
    } else {
      Nearest.of(key, keys).or(() -> foreign(key)).ifPresent(near -> guesses.add("`" + near + "`"));
      for (Part other : List.of(RECIPE, DEBIAN, IMAGE, HEALTHCHECK, DISK)) {
        if (other != this && other.keys.contains(word)) {
          guesses.add("`" + word + "` " + other.place);
        }
      }
    }
    if (guesses.isEmpty()) {
      return written
          + "; the keys here are "
          + keys.stream().map(known -> "`" + known + "`").collect(Collectors.joining(", "));
    }
    return written + "; did you mean " + String.join(", or ", guesses) + "?";
  }
}
