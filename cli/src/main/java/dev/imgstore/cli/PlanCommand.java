package dev.imgstore.cli;

import dev.imgstore.builder.steps.StepsPlan;
import dev.imgstore.store.Store;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Command;

/** What would run. */
@Command(
    name = "plan",
    mixinStandardHelpOptions = true,
    description = {
      "Say what a build would do with each step of a recipe: run it, or reuse what it gave.",
      "Nothing is run or fetched."
    },
    footerHeading = "%nExample:%n",
    footer = "  imgstore plan web/recipe.yaml")
final class PlanCommand extends StepsCommand {
  @Override
  ExitCode run(Store store) throws IOException, InterruptedException {
    List<StepsPlan.Planned> steps = planned(store);
    StringBuilder text = new StringBuilder();
    for (StepsPlan.Planned step : steps) {
      text.append(StepPlans.name(step, steps)).append(": ").append(state(step)).append('\n');
    }
    print(StepPlans.json(steps), steps.isEmpty() ? "the recipe has no steps\n" : text.toString());
    return ExitCode.DONE;
  }

  private static String state(StepsPlan.Planned step) {
    return switch (step.state()) {
      case WILL_RUN -> "will run";
      case REUSED -> "reused";
      case DEPENDS -> "runs if " + whose(step.upstream()) + " output changes";
    };
  }

  private static String whose(List<String> steps) {
    return String.join("'s or ", steps) + "'s";
  }
}
