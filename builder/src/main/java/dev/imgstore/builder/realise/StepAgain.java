package dev.imgstore.builder.realise;

import dev.imgstore.builder.check.Rerun;
import dev.imgstore.builder.sandbox.Surroundings;
import dev.imgstore.builder.steps.StepsAgain;
import dev.imgstore.model.Platform;
import dev.imgstore.model.TreeId;
import dev.imgstore.model.TreePath;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/**
 * A step, to be run again.
 *
 * @param processors of this machine
 */
record StepAgain(StepsAgain steps, StepsAgain.Action action, Platform platform, int processors)
    implements Rerun {
  @Override
  public String name() {
    return name(action.step().name());
  }

  static String name(String step) {
    return "step " + step;
  }

  @Override
  public SortedMap<String, TreeId> recorded() {
    return action.recorded();
  }

  @Override
  public List<String> tolerates() {
    return action.step().tolerates();
  }

  @Override
  public boolean needsRoot() {
    return false;
  }

  /** Nobody knows what of a step's outputs comes from which package of its root. */
  @Override
  public Optional<String> owner(TreePath path) {
    return Optional.empty();
  }

  @Override
  public Given run(Surroundings surroundings) throws IOException, InterruptedException {
    // where one is all it sees anyway, it is two that are another number
    boolean one = action.step().limits().cpus() == 1 && surroundings.processors() > 0;
    Surroundings around =
        one ? surroundings.on(Math.min(2, processors), surroundings.order()) : surroundings;
    StepsAgain.Given given = steps.run(action, around);
    return new Given(given.outputs(), given.failure());
  }
}
