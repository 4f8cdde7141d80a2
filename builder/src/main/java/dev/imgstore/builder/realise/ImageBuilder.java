package dev.imgstore.builder.realise;

import dev.imgstore.builder.check.Grade;
import dev.imgstore.builder.check.RebuildCheck;
import dev.imgstore.builder.check.RebuildReport;
import dev.imgstore.builder.lock.Lock;
import dev.imgstore.builder.pack.ImageAssembler;
import dev.imgstore.builder.recipe.InputSource;
import dev.imgstore.builder.recipe.Recipe;
import dev.imgstore.builder.sandbox.SandboxIds;
import dev.imgstore.builder.steps.StepPorts;
import dev.imgstore.builder.steps.StepsBuild;
import dev.imgstore.builder.steps.StepsPlan;
import dev.imgstore.model.ActionKey;
import dev.imgstore.model.Bytes;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Image;
import dev.imgstore.model.Platform;
import dev.imgstore.model.TreeId;
import dev.imgstore.store.Actions;
import dev.imgstore.store.BlobReader;
import dev.imgstore.store.BuildRecord;
import dev.imgstore.store.ImageManifest;
import dev.imgstore.store.Store;
import dev.imgstore.store.StoreException;
import dev.imgstore.store.Transaction;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * From a recipe and its lock to an image in the store, reusing every action whose inputs are what
 * they were. When {@link #build} returns, image and record are durable; no profile is touched. Safe
 * to run in several processes at once.
 */
public final class ImageBuilder {
  private static final int MAX_RECORD = 64 << 20;

  private final Store store;
  private final Ports ports;

  /**
   * What the wiring plugs in.
   *
   * @param ids what a sandbox may map; empty where the machine gives none
   * @param pool runs unpacking and packing; stays the caller's
   * @param downloads runs what waits for the network; stays the caller's
   * @param steps what only steps need
   */
  public record Ports(
      InputFetcher fetcher,
      SandboxIds ids,
      ExecutorService pool,
      ExecutorService downloads,
      Progress progress,
      StepPorts steps) {}

  /**
   * What to build.
   *
   * @param recipeText as the person wrote it, kept with the generation
   * @param lockText canonical, kept with the generation
   */
  public record Request(
      Recipe recipe,
      Bytes recipeText,
      SortedMap<String, String> settings,
      Lock lock,
      Bytes lockText,
      LocalFiles locals) {}

  /**
   * What came of it.
   *
   * @param reused whether the whole build was known already
   * @param stepsRun how many of the recipe's steps ran
   */
  public record Result(BuildRecord record, Digest recordDigest, boolean reused, int stepsRun) {}

  /** Builds into {@code store}. */
  public ImageBuilder(Store store, Ports ports) {
    this.store = store;
    this.ports = ports;
  }

  /**
   * Builds. After a failure what was fetched and unpacked stays, so that another try is shorter.
   *
   * @throws IOException the first failure; then no part of the build runs any more
   */
  public Result build(Request request) throws IOException, InterruptedException {
    try (Transaction transaction = store.begin()) {
      SortedMap<String, TreeId> locals = locals(request, transaction);
      Digest lock = Digest.of(request.lockText().toArray());
      ActionKey key = Keys.build(request.recipe(), lock, locals);
      Optional<Result> known = known(key, store.actions(), transaction);
      if (known.isPresent()) {
        transaction.flush();
        ports.progress().reused("building");
        return known.get();
      }
      return make(request, locals, key, transaction);
    }
  }

  /** What a build of this gave, if nothing changed since and all is still there. */
  public Optional<Result> known(Request request) throws IOException, InterruptedException {
    try (Transaction transaction = store.begin()) {
      Digest lock = Digest.of(request.lockText().toArray());
      ActionKey key = Keys.build(request.recipe(), lock, locals(request, transaction));
      return known(key, store.actions(), transaction);
    }
  }

  /** What a build would run of the recipe's steps, and why; runs and keeps nothing. */
  public List<StepsPlan.Planned> plan(Request request) throws IOException, InterruptedException {
    try (Transaction transaction = store.begin()) {
      SortedMap<String, TreeId> locals = locals(request, transaction);
      SortedMap<ActionKey, Digest> unused = new TreeMap<>();
      List<StepsPlan.Planned> planned = new ArrayList<>();
      for (Platform platform : request.recipe().platforms()) {
        InputTrees inputs =
            new RealisedInputs(request, platform, locals, store.actions(), transaction, unused);
        StepRoots roots =
            new StepRoots(request, platform, inputs, store.actions(), transaction, ports, unused);
        planned.addAll(StepsPlan.of(roots.known(locals), store.actions(), transaction));
      }
      return planned;
    }
  }

  /**
   * Builds what was built before, although its record is known: each of its actions runs of which
   * something is not there any more. What comes of it is durable, and in {@code transaction}, which
   * stays the caller's.
   */
  public Result again(Request request, Transaction transaction)
      throws IOException, InterruptedException {
    SortedMap<String, TreeId> locals = locals(request, transaction);
    Digest lock = Digest.of(request.lockText().toArray());
    return make(request, locals, Keys.build(request.recipe(), lock, locals), transaction);
  }

  /**
   * Runs again whatever ran programs for an image that was built, and compares. Nothing of it is
   * recorded or kept.
   */
  public RebuildReport check(Request request, Grade grade, RebuildCheck.Machine machine)
      throws IOException, InterruptedException {
    try (Transaction transaction = store.begin();
        StepsBuild steps = steps(transaction);
        Reruns reruns = new Reruns(store, transaction, ports, machine.processors())) {
      SortedMap<ActionKey, Digest> fresh = new TreeMap<>();
      SortedMap<String, TreeId> locals = locals(request, transaction);
      for (Platform platform : request.recipe().platforms()) {
        reruns.add(request, platform, locals, fresh, steps);
      }
      return new RebuildCheck(transaction, grade, machine)
          .check(reruns.all(), (done, total) -> ports.progress().at("checking", done, total));
    }
  }

  private SortedMap<String, TreeId> locals(Request request, Transaction transaction)
      throws IOException, InterruptedException {
    SortedMap<String, TreeId> locals =
        LocalTrees.read(request.recipe(), request.locals(), transaction);
    OtherRecipes.read(request.recipe(), ports.steps().recipes(), locals);
    return locals;
  }

  private Result make(
      Request request, SortedMap<String, TreeId> locals, ActionKey key, Transaction transaction)
      throws IOException, InterruptedException {
    SortedMap<ActionKey, Digest> fresh = new TreeMap<>();
    try (StepsBuild steps = steps(transaction)) {
      BuildRecord record;
      try {
        record = run(request, locals, transaction, fresh, steps);
      } catch (IOException e) {
        keepWhatWasDone(transaction, fresh, steps, e);
        throw e;
      }
      Digest digest = transaction.putMetadata(record.encode());
      fresh.put(key, digest);
      keep(transaction, fresh, steps);
      return new Result(record, digest, false, steps.ran());
    }
  }

  private StepsBuild steps(Transaction transaction) {
    return new StepsBuild(
        store,
        transaction,
        ports.steps(),
        ports.ids(),
        ports.pool(),
        (done, total) -> ports.progress().at("running steps", done, total));
  }

  /** Law 2: an action is recorded once what it gave is durable. */
  private void keep(Transaction transaction, SortedMap<ActionKey, Digest> fresh, StepsBuild steps)
      throws IOException {
    transaction.flush();
    for (Map.Entry<ActionKey, Digest> action : fresh.entrySet()) {
      store.actions().record(action.getKey(), action.getValue());
    }
    steps.keep();
  }

  private void keepWhatWasDone(
      Transaction transaction,
      SortedMap<ActionKey, Digest> fresh,
      StepsBuild steps,
      IOException failure) {
    if (Thread.currentThread().isInterrupted()) {
      return;
    }
    try {
      keep(transaction, fresh, steps);
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }

  private static Optional<Result> known(ActionKey key, Actions actions, BlobReader blobs)
      throws IOException {
    Optional<Digest> found = actions.find(key);
    if (found.isEmpty() || !blobs.has(found.get())) {
      return Optional.empty();
    }
    BuildRecord record = BuildRecord.decode(found.get(), blobs.read(found.get(), MAX_RECORD));
    // a collection forgets an action before what it gave: one that is still known was not begun
    // with
    return isWhole(record, blobs) && actions.find(key).equals(found)
        ? Optional.of(new Result(record, found.get(), true, 0))
        : Optional.empty();
  }

  /** True if all that the record names is there; what is below it was made durable with it. */
  private static boolean isWhole(BuildRecord record, BlobReader blobs) throws IOException {
    try {
      List<Digest> named = new ArrayList<>(List.of(record.image(), record.recipe(), record.lock()));
      named.addAll(record.sources());
      record.locals().values().forEach(tree -> named.add(tree.digest()));
      record.parts().forEach(part -> named.add(part.tree().digest()));
      for (Digest each : named) {
        if (!blobs.has(each)) {
          return false;
        }
      }
      for (BuildRecord.Part part : record.parts()) {
        for (var reference : ImageManifest.read(blobs, part.manifest()).references()) {
          if (!blobs.has(reference.digest())) {
            return false;
          }
        }
      }
      return true;
    } catch (StoreException.MissingBlob e) {
      return false;
    }
  }

  /** Every file the recipe's inputs are made of: a generation keeps them all. */
  private void fetch(Request request, Transaction transaction) throws IOException {
    List<Lock.Fetched> missing = new ArrayList<>();
    for (Lock.Fetched file : request.lock().fetched()) {
      if (!transaction.has(file.sha256())) {
        missing.add(file);
      }
    }
    AtomicInteger done = new AtomicInteger();
    Tasks tasks = new Tasks();
    List<Future<Void>> fetches = new ArrayList<>();
    for (Lock.Fetched file : missing) {
      InputSource source = request.recipe().inputs().get(file.input());
      if (source == null) {
        throw new RecipeMismatch(
            "the lock pins the input " + file.input() + ", which the recipe has not");
      }
      fetches.add(
          tasks.submit(
              ports.downloads(),
              () -> {
                ports.fetcher().fetch(file, source, transaction);
                ports.progress().at("fetching inputs", done.incrementAndGet(), missing.size());
                return null;
              }));
    }
    tasks.results(fetches);
  }

  private BuildRecord run(
      Request request,
      SortedMap<String, TreeId> locals,
      Transaction transaction,
      SortedMap<ActionKey, Digest> fresh,
      StepsBuild steps)
      throws IOException, InterruptedException {
    Digest recipe = transaction.putMetadata(request.recipeText().toArray());
    Digest lock = transaction.putMetadata(request.lockText().toArray());
    fetch(request, transaction);
    List<BuildRecord.Part> parts = new ArrayList<>();
    SortedMap<Platform, Image> images = new TreeMap<>();
    for (Platform platform : request.recipe().platforms()) {
      PlatformBuild build =
          new PlatformBuild(
              request, platform, locals, store.actions(), transaction, ports, fresh, steps);
      PlatformBuild.Made made = build.run();
      parts.add(made.part());
      images.put(platform, made.image());
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
}
