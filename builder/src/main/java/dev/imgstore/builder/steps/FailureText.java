package dev.imgstore.builder.steps;

import dev.imgstore.builder.recipe.Step;
import dev.imgstore.builder.sandbox.StepCell;
import java.util.List;

/** What is told of a step that failed. */
final class FailureText {
  private static final int LAST_LINES = 20;
  private static final int SHORT_KEY = 12;
  private static final int KILLED = 128 + 9;

  private FailureText() {}

  /** Where what it printed is; empty if it printed nothing. */
  static String logs(Prepared action, StepCell.Ended ended) {
    String key = action.key().digest().hex().substring(0, SHORT_KEY);
    return ended.log().length() == 0 ? "" : "\nimgstore logs " + key + " shows what it printed";
  }

  static String of(Prepared action, StepCell.Ended ended, StepRecord record) {
    Step step = action.step();
    String key = action.key().digest().hex().substring(0, SHORT_KEY);
    StringBuilder text = new StringBuilder("step " + step.name());
    if (ended.timedOut()) {
      text.append(" took longer than ").append(step.limits().nanos() / 1_000_000_000L);
      text.append(" seconds and was ended (limits: time)");
    } else {
      text.append(" failed with exit code ").append(ended.exitCode());
    }
    List<String> lines = ended.log().text().stripTrailing().lines().toList();
    if (lines.isEmpty()) {
      text.append("; it printed nothing");
    } else {
      boolean all = lines.size() <= LAST_LINES;
      text.append(all ? "; it printed:\n" : "; the last lines it printed:\n");
      lines
          .subList(Math.max(0, lines.size() - LAST_LINES), lines.size())
          .forEach(line -> text.append("  ").append(line).append('\n'));
      if (!all) {
        text.append("imgstore logs ").append(key).append(" shows all of them\n");
      }
    }
    String log = ended.log().text();
    if (log.contains("No space left on device")) {
      text.append("a step may write ").append(step.limits().output());
      text.append(" bytes in all (limits: output)\n");
    }
    if (!ended.timedOut()
        && step.limits().memory() > 0
        && (ended.exitCode() == KILLED || log.contains("Killed"))) {
      text.append("it was killed, perhaps for its memory (limits: memory)\n");
    }
    if (log.contains("bwrap: ")) {
      text.append("the sandbox could not be entered; imgstore doctor says what is missing\n");
    }
    if (!record.kept().isEmpty()) {
      text.append("what it had written is kept; imgstore shell ").append(key);
      text.append(" enters it\n");
    }
    return text.toString().stripTrailing();
  }
}
