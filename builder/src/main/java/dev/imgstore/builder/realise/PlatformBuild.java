package dev.imgstore.builder.realise;

import dev.imgstore.builder.lock.Lock;
import dev.imgstore.builder.pack.ImageAssembler;
import dev.imgstore.builder.pack.LayerContent;
import dev.imgstore.builder.pack.LayerPacker;
import dev.imgstore.builder.pack.LayerSplit;
import dev.imgstore.builder.recipe.DebianSource.Scripts;
import dev.imgstore.builder.recipe.Recipe;
import dev.imgstore.builder.recipe.Step;
import dev.imgstore.builder.results.Results;
import dev.imgstore.builder.steps.StepsBuild;
import dev.imgstore.builder.tree.TreeEditor;
import dev.imgstore.model.ActionKey;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Image;
import dev.imgstore.model.Node;
import dev.imgstore.model.Platform;
import dev.imgstore.model.TreeId;
import dev.imgstore.model.TreePath;
import dev.imgstore.store.BuildRecord;
import dev.imgstore.store.Transaction;
import java.io.IOException;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** One platform's share of a build: packages, setup, the recipe's files, layers, manifest. */
final class PlatformBuild {
  private final ImageBuilder.Request request;
  private final Recipe recipe;
  private final Platform platform;
  private final SortedMap<String, TreeId> locals;
  private final Results results;
  private final Transaction store;
  private final ImageBuilder.Ports ports;
  private final SortedMap<ActionKey, Digest> fresh;
  private final InputTrees inputs;
  private final StepsBuild steps;
  private final SortedMap<String, BuildRecord.Made> made = new TreeMap<>();
  private final SortedSet<String> ran = new TreeSet<>();

  /**
   * What one platform gave.
   *
   * @param base its packages
   * @param ran those of {@code part.made()} that ran now
   */
  record Made(BuildRecord.Part part, Image image, BaseRecord base, SortedSet<String> ran) {}

  PlatformBuild(
      ImageBuilder.Request request,
      Platform platform,
      SortedMap<String, TreeId> locals,
      Results results,
      Transaction store,
      ImageBuilder.Ports ports,
      SortedMap<ActionKey, Digest> fresh,
      StepsBuild steps) {
    this.steps = steps;
    this.request = request;
    this.recipe = request.recipe();
    this.platform = platform;
    this.locals = locals;
    this.results = results;
    this.store = store;
    this.ports = ports;
    this.fresh = fresh;
    this.inputs =
        new RealisedInputs(request, platform, locals, results, store, fresh, ports.progress());
  }

  Made run() throws IOException, InterruptedException {
    Map<Step.Output, TreeId> outputs = steps();
    BaseRecord base =
        new Installation(
                recipe, platform, "", request.lock().of(platform), results, store, ports, fresh)
            .base();
    remember(base);
    TreeEditor tree = TreeEditor.of(store, base.tree());
    SortedMap<TreePath, Long> times = RecipeFiles.apply(recipe, locals, inputs, outputs, tree);
    TreeId root = tree.write();
    SortedMap<TreePath, Node> entries = LayerSplit.entries(store, root);
    SortedMap<TreePath, Node> merged = LayerSplit.entries(store, base.merged());
    List<LayerContent> layers =
        LayerSplit.split(
            entries, LayerSplit.pieces(merged, base.owners()), times, recipe.image().layerBudget());
    ports.progress().at("packing", 0, 1);
    LayerPacker.Packed packed =
        new LayerPacker(results.actions(), ports.pool())
            .pack(layers, recipe.image().compression(), store);
    ports.progress().at("packing", 1, 1);
    fresh.putAll(packed.fresh());
    Image image =
        ImageAssembler.assemble(
            new ImageAssembler.Request(
                platform,
                recipe.image(),
                request.lock().date(),
                packed.layers(),
                recipe.name(),
                Collections.emptySortedMap()),
            store);
    return new Made(
        new BuildRecord.Part(
            platform, root, image.manifest().digest(), base.packages(), base.unhandled(), made),
        image,
        base,
        ran);
  }

  private Map<Step.Output, TreeId> steps() throws IOException, InterruptedException {
    Map<Step.Output, TreeId> outputs = new HashMap<>();
    if (recipe.steps().isEmpty()) {
      return outputs;
    }
    StepRoots roots = new StepRoots(request, platform, inputs, results, store, ports, fresh);
    steps
        .realise(roots.steps(locals))
        .forEach(
            (step, result) -> {
              result
                  .outputs()
                  .forEach((name, tree) -> outputs.put(new Step.Output(step, name), tree));
              made(StepAgain.name(step), result.key(), result.outputs(), result.ran());
            });
    return outputs;
  }

  /** The scripts of packages are a program, too. */
  private void remember(BaseRecord base) {
    List<Lock.Input> packages = request.lock().of(platform);
    if (!packages.isEmpty() && recipe.debian().scripts() == Scripts.SANDBOX) {
      ActionKey key = Keys.base(recipe, platform, packages);
      SortedMap<String, TreeId> outputs = new TreeMap<>(Map.of(ScriptsAgain.ROOT, base.tree()));
      made(Reproduction.SCRIPTS, key, outputs, fresh.containsKey(key));
    }
  }

  private void made(String action, ActionKey key, SortedMap<String, TreeId> outputs, boolean now) {
    made.put(action, new BuildRecord.Made(key, outputs));
    if (now) {
      ran.add(action);
    }
  }
}
