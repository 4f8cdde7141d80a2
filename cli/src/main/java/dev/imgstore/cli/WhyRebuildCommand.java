package dev.imgstore.cli;

import dev.imgstore.builder.steps.StepsPlan;
import dev.imgstore.store.Store;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Command;

/** Which input makes a step run. */
@Command(
    name = "why-rebuild",
    mixinStandardHelpOptions = true,
    description = {
      "Say which input makes a step run, with what it was and what it is.",
      "If none would run: which one made each run last."
    },
    footerHeading = "%nExample:%n",
    footer = "  imgstore why-rebuild web/recipe.yaml")
final class WhyRebuildCommand extends StepsCommand {
  private static final int LONGEST = 70;
  private static final int SHORT = 19;

  @Override
  ExitCode run(Store store) throws IOException, InterruptedException {
    StepPlans plans = planned(store);
    List<StepPlans.Of> all = plans.all();
    List<StepPlans.Of> run = all.stream().filter(each -> mayRun(each.step())).toList();
    StringBuilder text = new StringBuilder();
    if (run.isEmpty()) {
      text.append(all.isEmpty() ? plans.none() : "no step would run\n");
    }
    for (StepPlans.Of each : run.isEmpty() ? all : run) {
      StepsPlan.Planned step = each.step();
      if (!run.isEmpty() || !step.changes().isEmpty()) {
        text.append(plans.name(each)).append(because(step.state())).append(" because:\n");
        if (!step.reason().isEmpty()) {
          text.append("  ").append(step.reason()).append('\n');
        }
        step.changes().forEach(change -> change(change, text));
      }
    }
    print(StepPlans.json(run.isEmpty() ? all : run), text.toString());
    return ExitCode.DONE;
  }

  private static String because(StepsPlan.State state) {
    return switch (state) {
      case WILL_RUN -> " will run";
      case UNKNOWN -> " may run";
      case REUSED, DEPENDS -> " ran last";
    };
  }

  private static void change(StepsPlan.Change change, StringBuilder text) {
    text.append("  ").append(change.input());
    if (change.before().isEmpty() || change.after().isEmpty()) {
      text.append(change.before().isEmpty() ? " is new" : " is gone").append('\n');
      return;
    }
    text.append(" changed:\n");
    if (change.paths().isEmpty()) {
      text.append("    was ").append(shown(change.before(), change.after())).append('\n');
      text.append("    is  ").append(shown(change.after(), change.before())).append('\n');
      return;
    }
    text.append("    was ").append(change.before(), 0, SHORT).append("\n    is  ");
    text.append(change.after(), 0, SHORT).append('\n');
    change.paths().forEach(path -> text.append("    ").append(path).append('\n'));
  }

  /** Of a text of several lines, the first that differs. */
  private static String shown(String text, String other) {
    List<String> lines = text.lines().toList();
    List<String> others = other.lines().toList();
    int at = 0;
    while (at < lines.size() - 1 && at < others.size() && lines.get(at).equals(others.get(at))) {
      at++;
    }
    String line = lines.isEmpty() ? "" : lines.get(at);
    String cut = line.length() > LONGEST ? line.substring(0, LONGEST) + "…" : line;
    return lines.size() > 1 ? "line " + (at + 1) + ": " + cut : cut;
  }
}
