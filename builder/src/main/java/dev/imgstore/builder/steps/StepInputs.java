package dev.imgstore.builder.steps;

import dev.imgstore.builder.json.CanonicalObject;
import dev.imgstore.builder.recipe.Step;
import dev.imgstore.builder.sandbox.StepSandbox;
import dev.imgstore.model.ActionKey;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Platform;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * All that can change what a step gives, by names a person understands. Limits and secrets are not
 * among them: a step that obeys gives the same under any.
 */
public record StepInputs(SortedMap<String, String> values) {
  private static final String FORMAT = "imgstore step 1\n";
  private static final int HALF = 32;
  private static final int LONGEST_NAME = 200;

  /** Copies in. */
  public StepInputs {
    values = Collections.unmodifiableSortedMap(new TreeMap<>(values));
  }

  /**
   * Those of a step.
   *
   * @param trees what is seen at each absolute path, the root among them, as a digest
   */
  static StepInputs of(Step step, Platform platform, long epoch, SortedMap<String, String> trees) {
    SortedMap<String, String> values = new TreeMap<>();
    values.put("sandbox", Integer.toString(StepSandbox.VERSION));
    values.put("platform", platform.toString());
    values.put("epoch", Long.toString(epoch));
    trees.forEach((at, tree) -> values.put("tree at " + at, tree));
    if (step.run() instanceof Step.Script script) {
      values.put("run", script.text());
    } else if (step.run() instanceof Step.Argv argv) {
      values.put("run", new CanonicalObject().texts("argv", argv.words()).toString());
    }
    step.env().forEach((name, value) -> values.put("env " + name, value));
    values.put("outputs", String.join(" ", step.outputs().stream().sorted().toList()));
    return new StepInputs(values);
  }

  /** The key of the action. */
  public ActionKey key() {
    String text = FORMAT + new CanonicalObject().map("inputs", values);
    return new ActionKey(Digest.of(text.getBytes(StandardCharsets.UTF_8)));
  }

  /**
   * Where the logs of an action are remembered. It begins as the action's key does, and any key
   * that begins so gives the same.
   */
  public static ActionKey log(ActionKey action) {
    return beside(action, "log");
  }

  /** Where the last run of an action is remembered, also if it failed; found as its log is. */
  public static ActionKey attempt(ActionKey action) {
    return beside(action, "attempt");
  }

  private static ActionKey beside(ActionKey action, String what) {
    String hex = action.digest().hex();
    String half = hex.substring(0, HALF);
    Digest other = Digest.of((FORMAT + what + "\n" + half).getBytes(StandardCharsets.UTF_8));
    return new ActionKey(new Digest(half + other.hex().substring(HALF)));
  }

  /** What a step is called before people. */
  static String name(StepsRequest request, String step) {
    return name(request.recipe(), request.platform(), step);
  }

  /** What a step of a recipe is called before people. */
  public static String name(String recipe, Platform platform, String step) {
    String name = recipe + ": step " + step + ", " + platform;
    return name.length() <= LONGEST_NAME ? name : name.substring(0, LONGEST_NAME);
  }

  /** Where the runs of a step are remembered. */
  public static ActionKey history(String recipe, Platform platform, String step) {
    String text = FORMAT + "history\n" + recipe + "\n" + platform + "\n" + step + "\n";
    return new ActionKey(Digest.of(text.getBytes(StandardCharsets.UTF_8)));
  }
}
