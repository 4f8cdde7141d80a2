package dev.imgstore.builder.realise;

import dev.imgstore.builder.lock.Lock;
import dev.imgstore.builder.pack.ImageAssembler;
import dev.imgstore.builder.recipe.InputSource;
import dev.imgstore.builder.results.Kind;
import dev.imgstore.builder.results.Results;
import dev.imgstore.builder.source.fetch.Together;
import dev.imgstore.builder.steps.StepsBuild;
import dev.imgstore.model.ActionKey;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Image;
import dev.imgstore.model.Platform;
import dev.imgstore.model.TreeId;
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
  private final Results results;
  private final ImageBuilder.Ports ports;
  private final Transaction transaction;
  private final StepsBuild steps;
  private final SortedMap<ActionKey, Digest> fresh = new TreeMap<>();
  private final SortedMap<Platform, PlatformBuild.Made> made = new TreeMap<>();

  /**
   * A run.
   *
   * @param results asked for what is known; stays the caller's
   */
  BuildRun(Store store, Results results, ImageBuilder.Ports ports, Transaction transaction) {
    this.results = results;
    this.ports = ports;
    this.transaction = transaction;
    this.steps = steps(store, results, ports, transaction);
  }

  static StepsBuild steps(
      Store store, Results results, ImageBuilder.Ports ports, Transaction transaction) {
    return new StepsBuild(
        store,
        results,
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
    ask(request);
    fetch(request);
    List<BuildRecord.Part> parts = new ArrayList<>();
    SortedMap<Platform, Image> images = new TreeMap<>();
    for (Platform platform : request.recipe().platforms()) {
      PlatformBuild build =
          new PlatformBuild(request, platform, locals, results, transaction, ports, fresh, steps);
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
    return new BuildRecord(
        image,
        recipe,
        request.settings(),
        lock,
        sources,
        locals,
        parts,
        request.recipe().barrier());
  }

  /** Asks others early for what is known to be needed; what they have brings its files along. */
  private void ask(ImageBuilder.Request request) throws IOException, InterruptedException {
    for (Platform platform : request.recipe().platforms()) {
      new Installation(
              request.recipe(),
              platform,
              "",
              request.lock().of(platform),
              results,
              transaction,
              ports,
              fresh)
          .ask();
      roots(request, platform).ask();
      for (Wanted each : wanted(request, platform)) {
        results.ask(each.key(), Kind.INPUT, each.name());
      }
    }
    for (Platform platform : request.recipe().platforms()) {
      for (Wanted each : wanted(request, platform)) {
        results.find(
            each.key(), Kind.INPUT, each.name(), it -> RealisedInputs.whole(it, transaction));
      }
    }
  }

  private StepRoots roots(ImageBuilder.Request request, Platform platform) {
    InputTrees none =
        name -> {
          throw new AssertionError(name); // roots of packages have no inputs
        };
    return new StepRoots(request, platform, none, results, transaction, ports, fresh);
  }

  /** An input of which files are missing. */
  private record Wanted(ActionKey key, String name) {}

  private List<Wanted> wanted(ImageBuilder.Request request, Platform platform) throws IOException {
    List<Wanted> wanted = new ArrayList<>();
    for (Map.Entry<String, InputSource> each : request.recipe().inputs().entrySet()) {
      List<Lock.Fetched> files = request.lock().of(each.getKey());
      boolean missing = false;
      for (Lock.Fetched file : files) {
        missing |= !transaction.has(file.sha256());
      }
      if (missing) {
        String name = Names.input(request.recipe(), platform, each.getKey());
        wanted.add(new Wanted(Keys.input(each.getValue(), files, platform), name));
      }
    }
    return wanted;
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
      results.actions().record(action.getKey(), action.getValue());
    }
    results.keep();
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
