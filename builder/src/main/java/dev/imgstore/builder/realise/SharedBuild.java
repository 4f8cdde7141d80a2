package dev.imgstore.builder.realise;

import dev.imgstore.builder.recipe.InputSource;
import dev.imgstore.builder.recipe.Step;
import dev.imgstore.builder.results.Kind;
import dev.imgstore.builder.results.Results;
import dev.imgstore.builder.results.SharedResults;
import dev.imgstore.builder.steps.StepInputs;
import dev.imgstore.builder.steps.StepPorts;
import dev.imgstore.builder.steps.StepRecord;
import dev.imgstore.model.ActionKey;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Platform;
import dev.imgstore.model.TreeId;
import dev.imgstore.store.BuildRecord;
import dev.imgstore.store.Store;
import dev.imgstore.store.Transaction;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/**
 * Takes what others share of a build into a store, so that a later build needs neither them nor a
 * network: the whole build, its bases, its inputs, and its steps. Nothing runs, and no profile is
 * touched. One thread calls.
 */
public final class SharedBuild {
  private final Store store;
  private final SharedResults shared;
  private final StepPorts.RecipeRoots recipes;

  /**
   * What came of it.
   *
   * @param image of the whole build; empty if nobody shares that
   * @param came results that came now
   * @param known results that the store had
   */
  public record Taken(Optional<Digest> image, int came, int known) {}

  /** Into {@code store}, whose other recipes are trees by {@code recipes}. */
  public SharedBuild(Store store, SharedResults shared, StepPorts.RecipeRoots recipes) {
    this.store = store;
    this.shared = shared;
    this.recipes = recipes;
  }

  /** Takes all there is; durable and recorded on return. */
  public Taken take(ImageBuilder.Request request) throws IOException, InterruptedException {
    try (Transaction transaction = store.begin();
        Results results = new Results(store.actions(), shared, transaction)) {
      SortedMap<String, TreeId> locals = ImageBuilder.locals(request, recipes, transaction);
      Digest lock = Digest.of(request.lockText().toArray());
      ActionKey key = Keys.build(request.recipe(), lock, locals);
      Optional<BuildRecord> whole =
          results
              .find(
                  key,
                  Kind.BUILD,
                  Names.build(request.recipe()),
                  digest -> ImageBuilder.whole(digest, request, locals, transaction))
              .map(Results.Found::value);
      for (Platform platform : request.recipe().platforms()) {
        parts(request, platform, transaction, results);
      }
      if (whole.isPresent()) {
        steps(request, whole.get(), transaction, results);
      }
      transaction.flush();
      results.keep();
      return new Taken(whole.map(BuildRecord::image), results.came(), results.reused());
    }
  }

  private static void parts(
      ImageBuilder.Request request, Platform platform, Transaction transaction, Results results)
      throws IOException, InterruptedException {
    base(request, platform, "", transaction, results);
    for (String root : request.recipe().packageRoots().keySet()) {
      base(request, platform, root, transaction, results);
    }
    for (Map.Entry<String, InputSource> each : request.recipe().inputs().entrySet()) {
      var files = request.lock().of(each.getKey());
      if (!files.isEmpty()) {
        results.find(
            Keys.input(each.getValue(), files, platform),
            Kind.INPUT,
            Names.input(request.recipe(), platform, each.getKey()),
            digest -> RealisedInputs.whole(digest, transaction));
      }
    }
  }

  private static void base(
      ImageBuilder.Request request,
      Platform platform,
      String root,
      Transaction transaction,
      Results results)
      throws IOException, InterruptedException {
    Step.Packages packages = request.recipe().packageRoots().get(root);
    var recipe = packages == null ? request.recipe() : StepRoots.alone(request.recipe(), packages);
    var inputs = packages == null ? request.lock().of(platform) : request.lock().of(platform, root);
    if (!inputs.isEmpty()) {
      results.find(
          Keys.base(recipe, platform, inputs),
          Kind.BASE,
          Names.base(recipe, platform, root),
          digest -> Installation.whole(digest, transaction));
    }
  }

  /** The record says under which keys its steps are. */
  private static void steps(
      ImageBuilder.Request request, BuildRecord record, Transaction transaction, Results results)
      throws IOException, InterruptedException {
    for (BuildRecord.Part part : record.parts()) {
      for (Step step : request.recipe().steps()) {
        BuildRecord.Made made = part.made().get(StepAgain.name(step.name()));
        if (made != null) {
          results.find(
              made.key(),
              Kind.STEP,
              StepInputs.name(request.recipe().name(), part.platform(), step.name()),
              digest -> StepRecord.whole(made.key(), digest, transaction));
        }
      }
    }
  }
}
