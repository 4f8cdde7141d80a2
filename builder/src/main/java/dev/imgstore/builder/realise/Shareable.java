package dev.imgstore.builder.realise;

import dev.imgstore.builder.lock.Lock;
import dev.imgstore.builder.recipe.InputSource;
import dev.imgstore.builder.recipe.Recipe;
import dev.imgstore.builder.recipe.Step;
import dev.imgstore.builder.results.Kind;
import dev.imgstore.builder.results.Results;
import dev.imgstore.builder.steps.StepInputs;
import dev.imgstore.builder.steps.StepRecord;
import dev.imgstore.model.ActionKey;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Platform;
import dev.imgstore.model.TreeId;
import dev.imgstore.store.Actions;
import dev.imgstore.store.BlobReader;
import dev.imgstore.store.BuildRecord;
import dev.imgstore.store.Store;
import dev.imgstore.store.Trees;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What of a generation others can use: the whole build, and each base, input and step of which the
 * store still has the result. Their keys are made anew from recipe and lock, as whoever builds it
 * makes them. One thread calls.
 */
public final class Shareable {
  /** A base of more packages goes without their files. */
  private static final int MOST_ROOTS = 900;

  private final Store store;
  private final ImageBuilder.Request request;
  private final BuildRecord record;
  private final SortedMap<ActionKey, Result> all = new TreeMap<>();

  /**
   * A result.
   *
   * @param name for people
   * @param ofHere whether it was made in this store, from nothing that was copied; false if nobody
   *     knows
   * @param result what is recorded for the key
   * @param roots what goes with it: each of them, with all it reaches, is leased until the store is
   *     closed
   */
  public record Result(
      ActionKey key, Kind kind, String name, boolean ofHere, Digest result, List<Digest> roots) {
    /** Copies in. */
    public Result {
      roots = List.copyOf(roots);
    }
  }

  private Shareable(Store store, ImageBuilder.Request request, BuildRecord record) {
    this.store = store;
    this.request = request;
    this.record = record;
  }

  /**
   * All of a generation, by key.
   *
   * @param request what was built, for all the platforms of the record
   * @param digest of the record
   */
  public static List<Result> of(
      Store store, ImageBuilder.Request request, BuildRecord record, Digest digest)
      throws IOException {
    Shareable shareable = new Shareable(store, request, record);
    shareable.build(digest);
    for (BuildRecord.Part part : record.parts()) {
      shareable.bases(part.platform());
      shareable.inputs(part.platform());
      shareable.steps(part);
    }
    return List.copyOf(shareable.all.values());
  }

  /** Not what another version built: its key was another one, and may have been for a reason. */
  private void build(Digest digest) throws IOException {
    ActionKey key = Keys.build(request.recipe(), record.lock(), record.locals());
    if (store.actions().results(key).contains(digest)) {
      add(key, Kind.BUILD, Names.build(request.recipe()), digest, List.of());
    }
  }

  private void bases(Platform platform) throws IOException {
    base(request.recipe(), platform, "", request.lock().of(platform));
    for (Map.Entry<String, Step.Packages> each : request.recipe().packageRoots().entrySet()) {
      String root = each.getKey();
      base(
          StepRoots.alone(request.recipe(), each.getValue()),
          platform,
          root,
          request.lock().of(platform, root));
    }
  }

  private void base(Recipe recipe, Platform platform, String root, List<Lock.Input> packages)
      throws IOException {
    if (packages.isEmpty()) {
      return;
    }
    ActionKey key = Keys.base(recipe, platform, packages);
    Optional<Results.Found<BaseRecord>> found =
        known().known(key, result -> Installation.whole(result, store.blobs()));
    if (found.isPresent()) {
      BaseRecord base = found.get().value();
      List<Digest> roots = new ArrayList<>(List.of(base.merged().digest(), base.tree().digest()));
      if (packages.size() <= MOST_ROOTS) {
        packages.forEach(each -> roots.add(each.sha256()));
      }
      add(key, Kind.BASE, Names.base(recipe, platform, root), found.get().result(), roots);
    }
  }

  private void inputs(Platform platform) throws IOException {
    for (Map.Entry<String, InputSource> each : request.recipe().inputs().entrySet()) {
      List<Lock.Fetched> files = request.lock().of(each.getKey());
      if (!files.isEmpty() && files.size() <= MOST_ROOTS) {
        ActionKey key = Keys.input(each.getValue(), files, platform);
        Optional<Results.Found<TreeId>> found =
            known().known(key, result -> RealisedInputs.whole(result, store.blobs()));
        if (found.isPresent()) {
          List<Digest> roots = files.stream().map(Lock.Fetched::sha256).toList();
          String name = Names.input(request.recipe(), platform, each.getKey());
          add(key, Kind.INPUT, name, found.get().result(), roots);
        }
      }
    }
  }

  /** The record says what steps gave; of those whose results are gone nothing can be shared. */
  private void steps(BuildRecord.Part part) throws IOException {
    for (Step step : request.recipe().steps()) {
      BuildRecord.Made made = part.made().get(StepAgain.name(step.name()));
      if (made != null) {
        Optional<Results.Found<StepRecord>> found =
            known().known(made.key(), result -> step(made, result));
        if (found.isPresent()) {
          List<Digest> roots =
              made.outputs().values().stream().map(TreeId::digest).distinct().toList();
          String name = StepInputs.name(request.recipe().name(), part.platform(), step.name());
          add(made.key(), Kind.STEP, name, found.get().result(), roots);
        }
      }
    }
  }

  private Optional<StepRecord> step(BuildRecord.Made made, Digest result) throws IOException {
    BlobReader blobs = store.blobs();
    Optional<StepRecord> step = StepRecord.read(blobs, result);
    if (step.isEmpty() || !step.get().outputs().equals(made.outputs())) {
      return Optional.empty();
    }
    for (TreeId each : made.outputs().values()) {
      if (!Trees.isComplete(blobs, each)) {
        return Optional.empty();
      }
    }
    return step;
  }

  private Results known() {
    return new Results(actions());
  }

  private Actions actions() {
    return store.actions();
  }

  private void add(ActionKey key, Kind kind, String name, Digest result, List<Digest> roots)
      throws IOException {
    boolean whole = store.lease(result);
    for (Digest each : roots) {
      whole &= store.lease(each);
    }
    if (whole) {
      boolean ofHere = Results.isOfHere(actions(), key, result);
      all.putIfAbsent(key, new Result(key, kind, name, ofHere, result, roots));
    }
  }
}
