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
    StepPlans plans = planned(store);
    StringBuilder text = new StringBuilder();
    for (StepPlans.Of each : plans.all()) {
      text.append(plans.name(each)).append(": ").append(state(each.step())).append('\n');
    }
    print(StepPlans.json(plans.all()), plans.all().isEmpty() ? plans.none() : text.toString());
    return ExitCode.DONE;
  }

  private static String state(StepsPlan.Planned step) {
    return switch (step.state()) {
      case WILL_RUN -> "will run";
      case REUSED -> "reused";
      case DEPENDS -> "runs if " + whose(step.upstream()) + " output changes";
      case UNKNOWN -> "not known yet: " + step.reason();
    };
  }

  private static String whose(List<String> steps) {
    return String.join("'s or ", steps) + "'s";
  }
}
