package dev.imgstore.builder.realise;

import dev.imgstore.builder.check.Rerun;
import dev.imgstore.builder.lock.Lock;
import dev.imgstore.builder.recipe.DebianSource.Scripts;
import dev.imgstore.builder.recipe.Recipe;
import dev.imgstore.builder.results.Kind;
import dev.imgstore.builder.results.Results;
import dev.imgstore.builder.setup.SetupRequest;
import dev.imgstore.builder.setup.SetupResult;
import dev.imgstore.builder.setup.StaticSetup;
import dev.imgstore.builder.setup.Unhandled;
import dev.imgstore.builder.source.deb.DebUnpacker;
import dev.imgstore.builder.source.deb.UnpackedDeb;
import dev.imgstore.builder.source.dpkg.DpkgDatabase;
import dev.imgstore.builder.source.dpkg.Merge;
import dev.imgstore.builder.source.dpkg.MergeRules;
import dev.imgstore.builder.source.dpkg.MergedTree;
import dev.imgstore.builder.source.scripts.ScriptedSetup;
import dev.imgstore.model.ActionKey;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Platform;
import dev.imgstore.model.Tree;
import dev.imgstore.model.TreeId;
import dev.imgstore.store.BlobReader;
import dev.imgstore.store.BuildRecord.InstalledPackage;
import dev.imgstore.store.Tasks;
import dev.imgstore.store.Transaction;
import dev.imgstore.store.Trees;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/** The packages of one root, the image's or a step's: fetched, unpacked, merged and set up. */
final class Installation {
  private final Recipe recipe;
  private final Platform platform;
  private final String root;
  private final List<Lock.Input> inputs;
  private final Results results;
  private final Transaction store;
  private final ImageBuilder.Ports ports;
  private final SortedMap<ActionKey, Digest> fresh;

  /**
   * Of a recipe's own packages.
   *
   * @param root of a step, by its name; empty for the image's own
   * @param inputs the packages that the lock has for them
   */
  Installation(
      Recipe recipe,
      Platform platform,
      String root,
      List<Lock.Input> inputs,
      Results results,
      Transaction store,
      ImageBuilder.Ports ports,
      SortedMap<ActionKey, Digest> fresh) {
    this.recipe = recipe;
    this.platform = platform;
    this.root = root;
    this.inputs = inputs;
    this.results = results;
    this.store = store;
    this.ports = ports;
    this.fresh = fresh;
  }

  /** What was installed before, or is now. */
  BaseRecord base() throws IOException, InterruptedException {
    ActionKey key = Keys.base(recipe, platform, inputs);
    Optional<Digest> now = inThisRun(key);
    if (now.isPresent()) {
      ports.progress().reused("installing");
      return BaseRecord.decode(store.read(now.get(), BaseRecord.MAX_BYTES));
    }
    Optional<Results.Found<BaseRecord>> known =
        inputs.isEmpty()
            ? results.known(key, this::whole)
            : results.find(key, Kind.BASE, Names.base(recipe, platform, root), this::whole);
    if (known.isPresent()) {
      fetchMissing(); // a generation keeps what it was made of
      ports.progress().reused("installing");
      return known.get().value();
    }
    ports.progress().ran("installing");
    BaseRecord made = install(inputs, recipe.debian().scripts());
    Digest result = store.put(made.encode());
    synchronized (fresh) {
      fresh.put(key, result);
    }
    results.made(key, result);
    return made;
  }

  /** One run fixes one result for each key. */
  private Optional<Digest> inThisRun(ActionKey key) {
    synchronized (fresh) {
      return Optional.ofNullable(fresh.get(key));
    }
  }

  /** What was installed before, if it is still there. */
  Optional<BaseRecord> known() throws IOException {
    return known(Keys.base(recipe, platform, inputs));
  }

  /** Begins to ask others for it, unless it is known. */
  void ask() throws IOException {
    ActionKey key = Keys.base(recipe, platform, inputs);
    if (!inputs.isEmpty() && results.known(key, this::whole).isEmpty()) {
      results.ask(key, Kind.BASE, Names.base(recipe, platform, root));
    }
  }

  private void fetchMissing() throws IOException {
    Tasks tasks = new Tasks();
    List<Future<Lock.Input>> all = new ArrayList<>();
    for (Lock.Input input : inputs) {
      if (!store.has(input.sha256())) {
        all.add(
            tasks.submit(
                ports.downloads(),
                () -> {
                  ports.fetcher().fetch(input, store);
                  return input;
                }));
      }
    }
    tasks.results(all);
  }

  private Optional<BaseRecord> known(ActionKey key) throws IOException {
    return results.known(key, this::whole).map(Results.Found::value);
  }

  private Optional<BaseRecord> whole(Digest result) throws IOException {
    return whole(result, store);
  }

  /** What a result says, if all of it is there. */
  static Optional<BaseRecord> whole(Digest result, BlobReader store) throws IOException {
    if (!store.has(result)) {
      return Optional.empty();
    }
    try {
      BaseRecord record = BaseRecord.decode(store.read(result, BaseRecord.MAX_BYTES));
      boolean whole =
          Trees.isComplete(store, record.tree()) && Trees.isComplete(store, record.merged());
      return whole ? Optional.of(record) : Optional.empty();
    } catch (RuntimeException e) {
      return Optional.empty(); // a hint that cannot be read is a miss
    }
  }

  private BaseRecord install(List<Lock.Input> inputs, Scripts scripts)
      throws IOException, InterruptedException {
    if (inputs.isEmpty()) {
      TreeId empty = Trees.put(store, Tree.EMPTY);
      return new BaseRecord(empty, empty, Collections.emptySortedMap(), List.of(), List.of());
    }
    List<UnpackedDeb> debs = unpackAll(inputs);
    List<InstalledPackage> packages = new ArrayList<>();
    debs.forEach(
        deb -> packages.add(new InstalledPackage(deb.name(), deb.version(), deb.architecture())));
    if (scripts == Scripts.SANDBOX) {
      return scripted(debs, packages);
    }
    MergeRules rules =
        new MergeRules(MergeRules.Layout.MERGED_USR, StaticSetup.diversions(store, debs));
    MergedTree merged = Merge.of(store, debs, rules);
    TreeId known = DpkgDatabase.statusOnly(store, debs, merged);
    SetupResult setUp =
        StaticSetup.run(
            store, new SetupRequest(known, debs, recipe.users(), recipe.groups(), recipe.epoch()));
    List<String> unhandled = setUp.unhandled().stream().map(Installation::sentence).toList();
    return new BaseRecord(merged.root(), setUp.tree(), merged.owners(), packages, unhandled);
  }

  private static String sentence(Unhandled one) {
    return one.packageName() + ", " + one.script() + " line " + one.line() + ": " + one.text();
  }

  /**
   * What ran the scripts of the packages, to run them again; empty if none ran.
   *
   * @param name what people call it
   */
  Optional<Rerun> again(String name) throws IOException, InterruptedException {
    Optional<BaseRecord> known = known();
    if (inputs.isEmpty() || recipe.debian().scripts() != Scripts.SANDBOX || known.isEmpty()) {
      return Optional.empty();
    }
    List<UnpackedDeb> debs = unpackAll(inputs);
    MergedTree merged =
        Merge.of(store, debs, new MergeRules(MergeRules.Layout.MERGED_USR, List.of()));
    return Optional.of(
        new ScriptsAgain(
            name,
            platform,
            known.get(),
            around ->
                ScriptedSetup.configure(
                    store, debs, merged, ports.ids().get(), recipe.epoch(), around)));
  }

  private BaseRecord scripted(List<UnpackedDeb> debs, List<InstalledPackage> packages)
      throws IOException, InterruptedException {
    MergeRules rules = new MergeRules(MergeRules.Layout.MERGED_USR, List.of());
    MergedTree merged = Merge.of(store, debs, rules);
    ports.progress().at("configuring packages", 0, 1);
    TreeId tree = ScriptedSetup.configure(store, debs, merged, ports.ids().get(), recipe.epoch());
    ports.progress().at("configuring packages", 1, 1);
    return new BaseRecord(merged.root(), tree, merged.owners(), packages, List.of());
  }

  /**
   * Downloads run on their own threads, so that unpacking goes on while the network is waited for.
   */
  private List<UnpackedDeb> unpackAll(List<Lock.Input> inputs) throws IOException {
    List<Lock.Input> largestFirst =
        inputs.stream().sorted(Comparator.comparingLong(Lock.Input::size).reversed()).toList();
    AtomicInteger fetched = new AtomicInteger();
    AtomicInteger unpacked = new AtomicInteger();
    Tasks tasks = new Tasks();
    List<Future<UnpackedDeb>> debs = new ArrayList<>();
    for (Lock.Input input : largestFirst) {
      Future<Void> download =
          tasks.submit(
              ports.downloads(),
              () -> {
                if (!store.has(input.sha256())) {
                  ports.fetcher().fetch(input, store);
                }
                ports.progress().at("fetching", fetched.incrementAndGet(), inputs.size());
                return null;
              });
      debs.add(
          tasks.submit(
              ports.pool(),
              () -> {
                download.get();
                UnpackedDeb deb = unpack(input);
                ports.progress().at("unpacking", unpacked.incrementAndGet(), inputs.size());
                return deb;
              }));
    }
    return tasks.results(debs);
  }

  private UnpackedDeb unpack(Lock.Input input) throws IOException {
    ActionKey key = Keys.unpack(input.sha256());
    Optional<Digest> now = inThisRun(key);
    Optional<Digest> known = now.isPresent() ? now : results.actions().find(key);
    if (known.isPresent()) {
      TreeId root = new TreeId(known.get());
      if (store.has(root.digest()) && Trees.isComplete(store, root)) {
        ports.progress().reused("unpacking");
        return UnpackedDeb.open(store, root);
      }
    }
    ports.progress().ran("unpacking");
    try (InputStream deb = store.open(input.sha256())) {
      UnpackedDeb unpacked = DebUnpacker.unpack(input.name() + " " + input.version(), deb, store);
      synchronized (fresh) {
        fresh.put(key, unpacked.root().digest());
      }
      return unpacked;
    }
  }
}
