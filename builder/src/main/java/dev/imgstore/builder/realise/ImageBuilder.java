package dev.imgstore.builder.realise;

import dev.imgstore.builder.check.Grade;
import dev.imgstore.builder.check.RebuildCheck;
import dev.imgstore.builder.check.RebuildReport;
import dev.imgstore.builder.lock.Lock;
import dev.imgstore.builder.recipe.Recipe;
import dev.imgstore.builder.results.Kind;
import dev.imgstore.builder.results.Results;
import dev.imgstore.builder.results.SharedResults;
import dev.imgstore.builder.sandbox.SandboxIds;
import dev.imgstore.builder.sandbox.Surroundings;
import dev.imgstore.builder.steps.StepPorts;
import dev.imgstore.builder.steps.StepsBuild;
import dev.imgstore.builder.steps.StepsPlan;
import dev.imgstore.model.ActionKey;
import dev.imgstore.model.Bytes;
import dev.imgstore.model.Digest;
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
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;

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
   * @param shared asked for results that the store has not
   */
  public record Ports(
      InputFetcher fetcher,
      SandboxIds ids,
      ExecutorService pool,
      ExecutorService downloads,
      Progress progress,
      StepPorts steps,
      SharedResults shared) {
    /** Nobody else is asked for results. */
    public Ports(
        InputFetcher fetcher,
        SandboxIds ids,
        ExecutorService pool,
        ExecutorService downloads,
        Progress progress,
        StepPorts steps) {
      this(fetcher, ids, pool, downloads, progress, steps, SharedResults.NONE);
    }

    Ports with(InputFetcher other) {
      return new Ports(other, ids, pool, downloads, progress, steps, shared);
    }
  }

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
   * @param work how much was done for it
   * @param ran the actions of each platform's {@code made()} that ran now
   */
  public record Result(
      BuildRecord record,
      Digest recordDigest,
      boolean reused,
      int stepsRun,
      Work work,
      SortedMap<Platform, SortedSet<String>> ran) {
    /** Copies in. */
    public Result {
      ran = Collections.unmodifiableSortedMap(new TreeMap<>(ran));
    }
  }

  /**
   * Where the results of actions came from.
   *
   * @param reused from the store: whole builds, bases, inputs and steps
   * @param came of these, from others
   * @param ran actions of all kinds that ran
   */
  public record Work(int reused, int came, int ran) {
    public static final Work KNOWN = new Work(1, 0, 0);
    public static final Work CAME = new Work(0, 1, 0);
  }

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

  /**
   * What a build would run of the recipe's steps, and why; runs and keeps nothing. What is not
   * fetched, or a recipe that is not built, is said to be unknown.
   */
  public List<StepsPlan.Planned> plan(Request request) throws IOException, InterruptedException {
    try (Transaction transaction = store.begin()) {
      SortedMap<String, TreeId> locals =
          LocalTrees.read(request.recipe(), request.locals(), transaction);
      OtherRecipes.readBuilt(request.recipe(), ports.steps().recipes(), locals);
      SortedMap<ActionKey, Digest> unused = new TreeMap<>();
      Results results = new Results(store.actions());
      List<StepsPlan.Planned> planned = new ArrayList<>();
      for (Platform platform : request.recipe().platforms()) {
        InputTrees inputs =
            new RealisedInputs(
                request, platform, locals, results, transaction, unused, Progress.NONE);
        StepRoots roots =
            new StepRoots(request, platform, inputs, results, transaction, ports, unused);
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
        StepsBuild steps = BuildRun.steps(store, new Results(store.actions()), ports, transaction);
        Reruns reruns =
            new Reruns(store, store.actions(), transaction, ports, Surroundings.Order.REVERSED)) {
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
    return locals(request, ports.steps().recipes(), transaction);
  }

  static SortedMap<String, TreeId> locals(
      Request request, StepPorts.RecipeRoots recipes, Transaction transaction)
      throws IOException, InterruptedException {
    SortedMap<String, TreeId> locals =
        LocalTrees.read(request.recipe(), request.locals(), transaction);
    OtherRecipes.read(request.recipe(), recipes, locals);
    return locals;
  }

  private Result make(
      Request request, SortedMap<String, TreeId> locals, ActionKey key, Transaction transaction)
      throws IOException, InterruptedException {
    try (EarlyFetcher fetcher = new EarlyFetcher(ports.fetcher(), ports.downloads());
        Results results = new Results(store.actions(), ports.shared(), transaction);
        BuildRun run = new BuildRun(store, results, ports.with(fetcher), transaction)) {
      results.meanwhile(() -> fetcher.begin(request, transaction));
      Optional<Result> elsewhere = elsewhere(request, locals, key, transaction, results);
      if (elsewhere.isPresent()) {
        fetcher.stop();
        transaction.flush();
        results.keep();
        return elsewhere.get();
      }
      BuildRecord record;
      try {
        record = run.run(request, locals);
      } catch (IOException e) {
        keepWhatWasDone(run, e);
        throw e;
      }
      Digest digest = transaction.putMetadata(record.encode());
      run.add(key, digest);
      run.keep();
      if (!results.hasCopies()) {
        Results.record(store.actions(), key, digest);
      }
      SortedMap<Platform, SortedSet<String>> ran = new TreeMap<>();
      run.made().forEach((platform, made) -> ran.put(platform, made.ran()));
      Work work = new Work(results.reused(), results.came(), run.actionsRan());
      return new Result(record, digest, false, run.stepsRan(), work, ran);
    }
  }

  /** The whole build, if somebody shares it: then nothing has to be done here. */
  private static Optional<Result> elsewhere(
      Request request,
      SortedMap<String, TreeId> locals,
      ActionKey key,
      Transaction transaction,
      Results results)
      throws IOException, InterruptedException {
    return results
        .elsewhere(
            key,
            Kind.BUILD,
            Names.build(request.recipe()),
            digest -> whole(digest, request, locals, transaction))
        .map(
            found ->
                new Result(
                    found.value(),
                    found.result(),
                    false,
                    0,
                    Work.CAME,
                    Collections.emptySortedMap()));
  }

  /** What a result says, if all of it is there, and it is of just this request. */
  static Optional<BuildRecord> whole(
      Digest result, Request request, SortedMap<String, TreeId> locals, BlobReader blobs)
      throws IOException {
    if (!blobs.has(result)) {
      return Optional.empty();
    }
    BuildRecord record = BuildRecord.decode(result, blobs.read(result, MAX_RECORD));
    boolean usable = isOf(record, request, locals) && isWhole(record, blobs);
    return usable ? Optional.of(record) : Optional.empty();
  }

  /** Whoever shares it, it must be of this lock, these files and these platforms. */
  private static boolean isOf(
      BuildRecord record, Request request, SortedMap<String, TreeId> locals) {
    List<Platform> platforms = record.parts().stream().map(BuildRecord.Part::platform).toList();
    return record.lock().equals(Digest.of(request.lockText().toArray()))
        && record.locals().equals(locals)
        && platforms.equals(request.recipe().platforms());
  }

  private static void keepWhatWasDone(BuildRun run, IOException failure) {
    if (Thread.currentThread().isInterrupted()) {
      return;
    }
    try {
      run.keep();
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
        ? Optional.of(
            new Result(record, found.get(), true, 0, Work.KNOWN, Collections.emptySortedMap()))
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
}
