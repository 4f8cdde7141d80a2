package dev.imgstore.builder.realise;

import dev.imgstore.builder.lock.Lock;
import dev.imgstore.builder.pack.ImageAssembler;
import dev.imgstore.builder.recipe.InputSource;
import dev.imgstore.builder.source.fetch.Together;
import dev.imgstore.builder.steps.StepsBuild;
import dev.imgstore.model.ActionKey;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Image;
import dev.imgstore.model.Platform;
import dev.imgstore.model.TreeId;
import dev.imgstore.store.Actions;
import dev.imgstore.store.BuildRecord;
import dev.imgstore.store.Store;
import dev.imgstore.store.Transaction;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One run of a build: every action runs that is not among the known ones. What comes of it is in
 * the transaction, which stays the caller's. One thread calls; the caller closes it.
 */
final class BuildRun implements Closeable {
  private final Actions actions;
  private final ImageBuilder.Ports ports;
  private final Transaction transaction;
  private final StepsBuild steps;
  private final SortedMap<ActionKey, Digest> fresh = new TreeMap<>();
  private final SortedMap<Platform, PlatformBuild.Made> made = new TreeMap<>();

  BuildRun(Store store, Actions actions, ImageBuilder.Ports ports, Transaction transaction) {
    this.actions = actions;
    this.ports = ports;
    this.transaction = transaction;
    this.steps = steps(store, actions, ports, transaction);
  }

  static StepsBuild steps(
      Store store, Actions actions, ImageBuilder.Ports ports, Transaction transaction) {
    return new StepsBuild(
        store,
        actions,
        transaction,
        ports.steps(),
        ports.ids(),
        ports.pool(),
        new StepsBuild.Watcher() {
          @Override
          public void at(long done, long total) {
            ports.progress().at("running steps", done, total);
          }

          @Override
          public void reused() {
            ports.progress().reused("running steps");
          }

          @Override
          public void ran() {
            ports.progress().ran("running steps");
          }
        });
  }

  /**
   * Builds all platforms.
   *
   * @param locals the files beside the recipe and the trees of other recipes
   * @throws IOException the first failure; then no part of the build runs any more
   */
  BuildRecord run(ImageBuilder.Request request, SortedMap<String, TreeId> locals)
      throws IOException, InterruptedException {
    Digest recipe = transaction.putMetadata(request.recipeText().toArray());
    Digest lock = transaction.putMetadata(request.lockText().toArray());
    fetch(request);
    List<BuildRecord.Part> parts = new ArrayList<>();
    SortedMap<Platform, Image> images = new TreeMap<>();
    for (Platform platform : request.recipe().platforms()) {
      PlatformBuild build =
          new PlatformBuild(request, platform, locals, actions, transaction, ports, fresh, steps);
      PlatformBuild.Made one = build.run();
      parts.add(one.part());
      images.put(platform, one.image());
      made.put(platform, one);
    }
    Digest image =
        images.size() == 1
            ? parts.get(0).manifest()
            : ImageAssembler.index(
                    images,
                    request.lock().date(),
                    request.recipe().name(),
                    Collections.emptySortedMap(),
                    transaction)
                .digest();
    List<Digest> sources = request.lock().pinned().stream().map(Lock.Pinned::sha256).toList();
    return new BuildRecord(image, recipe, request.settings(), lock, sources, locals, parts);
  }

  /** Every file the recipe's inputs are made of: a generation keeps them all. */
  private void fetch(ImageBuilder.Request request) throws IOException {
    List<Lock.Fetched> missing = new ArrayList<>();
    for (Lock.Fetched file : request.lock().fetched()) {
      if (!transaction.has(file.sha256())) {
        missing.add(file);
      }
    }
    AtomicInteger done = new AtomicInteger();
    List<Callable<Integer>> fetches = new ArrayList<>();
    for (Lock.Fetched file : missing) {
      InputSource source = request.recipe().inputs().get(file.input());
      if (source == null) {
        throw new RecipeMismatch(
            "the lock pins the input " + file.input() + ", which the recipe has not");
      }
      fetches.add(
          () -> {
            ports.fetcher().fetch(file, source, transaction);
            int count = done.incrementAndGet();
            ports.progress().at("fetching inputs", count, missing.size());
            return count;
          });
    }
    new Together(ports.downloads()).all(fetches);
  }

  /** What each platform gave, as far as it is through. */
  SortedMap<Platform, PlatformBuild.Made> made() {
    return Collections.unmodifiableSortedMap(made);
  }

  /** One more action whose result is to be recorded. */
  void add(ActionKey key, Digest result) {
    fresh.put(key, result);
  }

  /** Law 2: an action is recorded once what it gave is durable. */
  void keep() throws IOException {
    transaction.flush();
    record();
  }

  /** Tells the known actions of what ran; nothing is made durable for it. */
  void record() throws IOException {
    for (Map.Entry<ActionKey, Digest> action : fresh.entrySet()) {
      actions.record(action.getKey(), action.getValue());
    }
    steps.keep();
  }

  /** How many steps ran. */
  int stepsRan() {
    return steps.ran();
  }

  /** How many actions ran, steps among them. */
  int actionsRan() {
    return fresh.size() + steps.ran();
  }

  /** Ends what runs. */
  @Override
  public void close() {
    steps.close();
  }
}
