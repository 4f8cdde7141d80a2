package dev.imgstore.cli;

import dev.imgstore.builder.sandbox.HostCommand;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Which git commit a recipe was at. */
final class RecipeCommit {
  private static final Pattern SAID =
      Pattern.compile("([0-9a-f]{40}(?:[0-9a-f]{24})?)(\\s+\\S.*)?");
  private static final Duration MOST = Duration.ofSeconds(10);

  /** Runs no program that the work tree's own settings name. */
  private static final String ASK =
      "git rev-parse --verify -q HEAD &&"
          + " git -c core.fsmonitor=false status --porcelain -- . | head -n 1";

  private RecipeCommit() {}

  /**
   * The commit, with {@code -dirty} if the recipe's directory has other files than it; empty if the
   * recipe is in no work tree, or git does not say.
   */
  static String of(Context context, Path recipe) throws InterruptedException {
    Path directory = recipe.toAbsolutePath().normalize().getParent();
    if (directory == null || !isInWorkTree(directory)) {
      return "";
    }
    Map<String, String> environment = new TreeMap<>();
    for (String each : new String[] {"PATH", "HOME", "XDG_CONFIG_HOME"}) {
      environment.put(each, context.environment(each));
    }
    environment.put("GIT_OPTIONAL_LOCKS", "0");
    try {
      HostCommand.Ended ended =
          HostCommand.run(
              ASK,
              environment,
              directory.toFile(),
              MOST,
              OutputStream.nullOutputStream(),
              System::nanoTime);
      Matcher said = SAID.matcher(ended.output());
      return !ended.isWell() || !said.matches()
          ? ""
          : said.group(1) + (said.group(2) == null ? "" : "-dirty");
    } catch (IOException e) {
      return ""; // a build does not fail for what is said about it
    }
  }

  private static boolean isInWorkTree(Path directory) {
    for (Path at = directory; at != null; at = at.getParent()) {
      if (Files.exists(at.resolve(".git"))) {
        return true;
      }
    }
    return false;
  }

  /** For a column. */
  static String brief(String commit) {
    return commit.length() < 40
        ? commit
        : commit.substring(0, 12) + (commit.endsWith("-dirty") ? "-dirty" : "");
  }
}
