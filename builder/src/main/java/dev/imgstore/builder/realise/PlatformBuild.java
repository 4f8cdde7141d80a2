package dev.imgstore.builder.realise;

import dev.imgstore.builder.pack.ImageAssembler;
import dev.imgstore.builder.pack.LayerContent;
import dev.imgstore.builder.pack.LayerPacker;
import dev.imgstore.builder.pack.LayerSplit;
import dev.imgstore.builder.recipe.Recipe;
import dev.imgstore.builder.recipe.Step;
import dev.imgstore.builder.steps.StepsBuild;
import dev.imgstore.builder.tree.TreeEditor;
import dev.imgstore.model.ActionKey;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Image;
import dev.imgstore.model.Node;
import dev.imgstore.model.Platform;
import dev.imgstore.model.TreeId;
import dev.imgstore.model.TreePath;
import dev.imgstore.store.Actions;
import dev.imgstore.store.BuildRecord;
import dev.imgstore.store.Transaction;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/** One platform's share of a build: packages, setup, the recipe's files, layers, manifest. */
final class PlatformBuild {
  private final ImageBuilder.Request request;
  private final Recipe recipe;
  private final Platform platform;
  private final SortedMap<String, TreeId> locals;
  private final Actions actions;
  private final Transaction store;
  private final ImageBuilder.Ports ports;
  private final SortedMap<ActionKey, Digest> fresh;
  private final InputTrees inputs;
  private final StepsBuild steps;

  /**
   * What one platform gave.
   *
   * @param base its packages
   */
  record Made(BuildRecord.Part part, Image image, BaseRecord base) {}

  PlatformBuild(
      ImageBuilder.Request request,
      Platform platform,
      SortedMap<String, TreeId> locals,
      Actions actions,
      Transaction store,
      ImageBuilder.Ports ports,
      SortedMap<ActionKey, Digest> fresh,
      StepsBuild steps) {
    this.steps = steps;
    this.request = request;
    this.recipe = request.recipe();
    this.platform = platform;
    this.locals = locals;
    this.actions = actions;
    this.store = store;
    this.ports = ports;
    this.fresh = fresh;
    this.inputs = new RealisedInputs(request, platform, locals, actions, store, fresh);
  }

  Made run() throws IOException, InterruptedException {
    Map<Step.Output, TreeId> outputs =
        recipe.steps().isEmpty()
            ? Map.of()
            : steps.run(
                new StepRoots(request, platform, inputs, actions, store, ports, fresh)
                    .steps(locals));
    BaseRecord base =
        new Installation(
                recipe, platform, request.lock().of(platform), actions, store, ports, fresh)
            .base();
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
        new LayerPacker(actions, ports.pool()).pack(layers, recipe.image().compression(), store);
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
            platform, root, image.manifest().digest(), base.packages(), base.unhandled()),
        image,
        base);
  }
}
