package dev.imgstore.builder.realise;

import dev.imgstore.builder.lock.Lock;
import dev.imgstore.builder.recipe.DebianSource;
import dev.imgstore.builder.recipe.Recipe;
import dev.imgstore.builder.recipe.Step;
import dev.imgstore.builder.results.Results;
import dev.imgstore.builder.steps.StepsRequest;
import dev.imgstore.model.ActionKey;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Platform;
import dev.imgstore.model.TreeId;
import dev.imgstore.store.Transaction;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** The roots of a platform's steps, and what else they need that no step makes. */
final class StepRoots {
  private final ImageBuilder.Request request;
  private final Platform platform;
  private final InputTrees inputs;
  private final Results results;
  private final Transaction store;
  private final ImageBuilder.Ports ports;
  private final SortedMap<ActionKey, Digest> fresh;

  StepRoots(
      ImageBuilder.Request request,
      Platform platform,
      InputTrees inputs,
      Results results,
      Transaction store,
      ImageBuilder.Ports ports,
      SortedMap<ActionKey, Digest> fresh) {
    this.request = request;
    this.platform = platform;
    this.inputs = inputs;
    this.results = results;
    this.store = store;
    this.ports = ports;
    this.fresh = fresh;
  }

  /**
   * The steps with their roots, installed where they were not.
   *
   * @param locals the files beside the recipe and the trees of other recipes
   */
  StepsRequest steps(SortedMap<String, TreeId> locals) throws IOException, InterruptedException {
    Map<Step.Root, TreeId> made = new HashMap<>();
    for (Map.Entry<String, Step.Packages> each : request.recipe().packageRoots().entrySet()) {
      made.put(each.getValue(), installation(each.getKey(), each.getValue()).base().tree());
    }
    SortedMap<String, TreeId> named = new TreeMap<>();
    for (String name : names()) {
      named.put(name, inputs.tree(name));
    }
    return request(made, locals, named);
  }

  /** Begins to ask others for the roots that are made of packages. */
  void ask() throws IOException {
    for (Map.Entry<String, Step.Packages> each : request.recipe().packageRoots().entrySet()) {
      installation(each.getKey(), each.getValue()).ask();
    }
  }

  /** The same, without the roots and inputs that are not made yet. */
  StepsRequest known(SortedMap<String, TreeId> locals) throws IOException {
    Map<Step.Root, TreeId> made = new HashMap<>();
    for (Map.Entry<String, Step.Packages> each : request.recipe().packageRoots().entrySet()) {
      installation(each.getKey(), each.getValue())
          .known()
          .ifPresent(base -> made.put(each.getValue(), base.tree()));
    }
    SortedMap<String, TreeId> named = new TreeMap<>();
    for (String name : names()) {
      try {
        named.put(name, inputs.tree(name));
      } catch (IOException e) {
        if (isFetched(name)) {
          throw e;
        }
        // It is fetched when it is built; the plan says that it is not there.
      }
    }
    return request(made, locals, named);
  }

  private boolean isFetched(String name) throws IOException {
    for (Lock.Fetched file : request.lock().of(name)) {
      if (!store.has(file.sha256())) {
        return false;
      }
    }
    return true;
  }

  private StepsRequest request(
      Map<Step.Root, TreeId> made,
      SortedMap<String, TreeId> locals,
      SortedMap<String, TreeId> named) {
    Recipe recipe = request.recipe();
    SortedMap<String, TreeId> roots = new TreeMap<>();
    for (Step step : recipe.steps()) {
      TreeId root =
          step.root() instanceof Step.OfRecipe other
              ? locals.get(OtherRecipes.name(other, platform))
              : made.get(step.root());
      if (root != null) {
        roots.put(step.name(), root);
      }
    }
    return new StepsRequest(
        recipe.name(), platform, recipe.epoch(), recipe.steps(), roots, locals, named);
  }

  /** The recipe's inputs that steps use. */
  private SortedSet<String> names() {
    SortedSet<String> names = new TreeSet<>();
    for (Step step : request.recipe().steps()) {
      step.inputs().forEach(input -> name(input.source(), names));
      if (step.root() instanceof Step.OfTree tree) {
        name(tree.source(), names);
      }
    }
    return names;
  }

  private static void name(Step.Source source, SortedSet<String> names) {
    if (source instanceof Step.Named named) {
      names.add(named.name());
    }
  }

  /** A recipe of nothing but the packages of a root. */
  static Recipe alone(Recipe recipe, Step.Packages root) {
    DebianSource source = DebianLocker.of(recipe, root);
    return new Recipe(
        recipe.name(),
        recipe.platforms(),
        recipe.epoch(),
        source,
        new TreeMap<>(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        recipe.image());
  }

  /** The packages of a root, without the users and groups of the image. */
  Installation installation(String name, Step.Packages root) {
    return new Installation(
        alone(request.recipe(), root),
        platform,
        name,
        request.lock().of(platform, name),
        results,
        store,
        ports,
        fresh);
  }
}
