package dev.imgstore.builder.realise;

import dev.imgstore.builder.check.Finding;
import dev.imgstore.builder.recipe.Recipe;
import dev.imgstore.builder.recipe.Step;
import dev.imgstore.model.Platform;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What differs in an image, told where it began: not of what only passed it on, and with the bytes
 * of the image where they are known.
 */
final class Culprits {
  private final Recipe recipe;
  private final List<Finding> ofActions;
  private final Map<Place, Finding> image = new LinkedHashMap<>();

  private record Place(Platform platform, String action, String path) {
    static Place of(Finding finding) {
      return new Place(finding.platform(), finding.action(), finding.path());
    }
  }

  private Culprits(Recipe recipe, List<Finding> ofActions, List<Finding> ofImage) {
    this.recipe = recipe;
    this.ofActions = ofActions;
    ofImage.forEach(each -> image.put(Place.of(each), each));
  }

  /**
   * Both in one.
   *
   * @param ofActions of those that give something else when they run again; of their kinds more is
   *     known
   * @param ofImage all that differs in the image
   */
  static List<Finding> of(Recipe recipe, List<Finding> ofActions, List<Finding> ofImage) {
    return new Culprits(recipe, ofActions, ofImage).findings();
  }

  private List<Finding> findings() {
    List<Finding> findings = new ArrayList<>();
    for (Finding each : ofActions) {
      Finding there = image.remove(Place.of(each));
      findings.add(there == null ? each : there.as(each.kind()));
    }
    for (Finding each : image.values()) {
      Set<String> before = new HashSet<>();
      before(each.action(), before);
      boolean passedOn =
          ofActions.stream()
              .filter(other -> other.platform().equals(each.platform()))
              .anyMatch(other -> before.contains(other.action()));
      if (!passedOn) {
        findings.add(each);
      }
    }
    return findings;
  }

  /** The actions whose results reach one. */
  private void before(String action, Set<String> before) {
    for (Step step : recipe.steps()) {
      if (action.equals(StepAgain.name(step.name()))) {
        step.inputs().forEach(input -> before(input.source(), before));
        if (step.root() instanceof Step.OfTree tree) {
          before(tree.source(), before);
        }
        recipe
            .packageRoots()
            .forEach(
                (name, root) -> {
                  if (root.equals(step.root())) {
                    before.add(Reruns.scriptsOf(name));
                  }
                });
      }
    }
  }

  private void before(Step.Source source, Set<String> before) {
    if (source instanceof Step.Output output && before.add(StepAgain.name(output.step()))) {
      before(StepAgain.name(output.step()), before);
    }
  }
}
