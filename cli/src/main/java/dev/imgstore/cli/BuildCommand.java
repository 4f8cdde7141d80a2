package dev.imgstore.cli;

import dev.imgstore.builder.check.Finding;
import dev.imgstore.builder.lock.Lock;
import dev.imgstore.builder.lock.LockCodec;
import dev.imgstore.builder.realise.DebianLocker;
import dev.imgstore.builder.realise.ImageBuilder;
import dev.imgstore.builder.realise.Progress;
import dev.imgstore.builder.recipe.Recipe;
import dev.imgstore.builder.recipe.SourceSection;
import dev.imgstore.builder.results.SharedResults;
import dev.imgstore.builder.steps.StepPorts;
import dev.imgstore.model.Bytes;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Generation;
import dev.imgstore.model.Platform;
import dev.imgstore.model.Profile;
import dev.imgstore.model.TreeId;
import dev.imgstore.store.BuildRecord;
import dev.imgstore.store.Profiles;
import dev.imgstore.store.Store;
import dev.imgstore.store.StoreException;
import dev.imgstore.store.disk.DiskStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** From a recipe to a generation. */
@Command(
    name = "build",
    mixinStandardHelpOptions = true,
    description = {
      "Build recipes: lock them if needed, build what changed, and make the results current.",
      "A result that is current already makes no new generation. Of several recipes, or",
      "variants of a matrix, one that fails does not stop the others."
    },
    footerHeading = "%nExample:%n",
    footer = {
      "  imgstore build web/recipe.yaml --set port=8080 -m 'new landing page'",
      "  imgstore build web/recipe.yaml --check=strict"
    })
final class BuildCommand extends NewCommand {
  private static final int DOWNLOADS = 6;
  private static final int MOST_TOLD = 4;

  @Parameters(
      paramLabel = "RECIPE",
      arity = "1..*",
      description =
          "A recipe's file, or the directory of a recipe.yaml, or one whose directories"
              + " have one each.")
  List<String> files = new ArrayList<>();

  @Option(
      names = "--profile",
      paramLabel = "NAME",
      defaultValue = "",
      description =
          "The profile to add the generation to (default: the recipe's name); for one image.")
  String profile;

  @Option(
      names = "--platform",
      paramLabel = "OS/ARCH",
      description = "Only these of the recipe's platforms.")
  List<String> platforms = new ArrayList<>();

  @Option(
      names = "--set",
      paramLabel = "NAME=VALUE",
      description = "A variable of the recipe; of its matrix, what to build.")
  List<String> set = new ArrayList<>();

  @Option(names = "--locked", description = "Refuse a lock that is missing or stale.")
  boolean locked;

  @Option(names = "--offline", description = "Touch no network, and ask no shared cache.")
  boolean offline;

  @Option(
      names = {"-j", "--jobs"},
      paramLabel = "N",
      defaultValue = "0",
      description = "Run up to N steps at once (default: one for each processor).")
  int jobs;

  @Option(
      names = "--on-fail",
      paramLabel = "drop|keep",
      defaultValue = "drop",
      description = "Keep what a failed step had written, for imgstore shell (default: drop).")
  StepPorts.OnFail onFail;

  @Option(names = "--no-switch", description = "Build only; no generation is made.")
  boolean noSwitch;

  @Mixin CheckOption check = new CheckOption();

  /** The recipes whose trees are being made, so that none needs its own. */
  private final Set<Path> nested = new HashSet<>();

  /** What the check of the last recipe found. */
  private Checked checked = Checked.NOT_ASKED;

  /** Those of the settings, for all that is built; nobody is asked before something is missing. */
  private Optional<SharedCaches> caches = Optional.empty();

  /** One for all that is built. */
  private Optional<ProgressLine> progress = Optional.empty();

  @Override
  boolean makesStore() {
    return true;
  }

  @Override
  ExitCode run(Store store) throws IOException, InterruptedException {
    try (SharedCaches shared =
        SharedCaches.ofBuild(
            root(),
            store,
            (done, total) -> {
              if (shown()) {
                progress().cached(done, total);
              }
            })) {
      caches = Optional.of(shared);
      return builds(store);
    }
  }

  private boolean shown() {
    return root().context().terminal() && !root().quiet;
  }

  private ExitCode builds(Store store) throws IOException, InterruptedException {
    Recipes recipes = Recipes.read(root().context(), files, RecipeFile.settings(set));
    if (!profile.isEmpty()) {
      refuseProfile(recipes.all().size());
    }
    for (RecipeFile each : recipes.all()) {
      limited(each);
    }
    if (!recipes.listed()) {
      Built built = one(store, recipes.all().get(0));
      print(built.put(object()), built.line() + "\n" + built.checked().lines());
      return built.checked().code();
    }
    requireLocks(recipes.all());
    ProgressLine progress = progress();
    int images = recipes.all().size();
    return new BuildList(root())
        .run(
            recipes.all(),
            (recipe, number) -> {
              progress.image(number, images, recipe.recipe().name());
              return one(store, recipe);
            });
  }

  private synchronized ProgressLine progress() {
    if (progress.isEmpty()) {
      progress = Optional.of(new ProgressLine(root().context().err()));
    }
    return progress.get();
  }

  private void refuseProfile(int images) throws CommandFailure {
    if (images > 1) {
      throw new CommandFailure(
          ExitCode.USAGE,
          "--profile " + profile + ": these are " + images + " images; each has its own profile");
    }
    if (!Profile.isName(profile)) {
      throw new CommandFailure(
          ExitCode.USAGE, "--profile " + profile + " is no name; " + Profile.NAME_RULE);
    }
  }

  /** Sees that all locks can be used, before anything takes time. */
  private void requireLocks(List<RecipeFile> recipes) throws IOException {
    RecipeMistakes mistakes = new RecipeMistakes();
    for (RecipeFile each : recipes) {
      try {
        current(each);
      } catch (CommandFailure e) {
        mistakes.add(e);
      }
    }
    mistakes.orThrow();
  }

  private Built one(Store store, RecipeFile recipe) throws IOException, InterruptedException {
    String name = profile.isEmpty() ? recipe.recipe().name() : profile;
    Lock lock = lock(store, recipe);
    Revoked.refuse(store, lock);
    int current = store.profiles().open(name).map(Profile::current).orElse(0);
    long from = Clock.systemUTC().instant().getEpochSecond();
    ImageBuilder.Result built = build(store, limited(recipe), lock);
    warn(built.record());
    Checked found = checked;
    List<Finding> differs = new OtherResults(store, root()).differing(name, built, from);
    return (noSwitch
            ? new Built(name, 0, false, built)
            : commit(store, recipe, name, current, built))
        .with(found, differs, came());
  }

  /** What came from caches, told; what they refused was told when it happened. */
  private SharedCaches.Report came() {
    SharedCaches.Report report = caches.map(SharedCaches::take).orElse(SharedCaches.Report.NOTHING);
    List<SharedCaches.Came> came = report.came();
    boolean all = came.size() <= MOST_TOLD || root().verbose.length > 0;
    came.stream()
        .limit(all ? came.size() : MOST_TOLD - 1)
        .forEach(each -> root().notice(each.line()));
    if (!all) {
      root().notice("and " + (came.size() - MOST_TOLD + 1) + " more results; -v names them all");
    }
    return report;
  }

  private Lock lock(Store store, RecipeFile recipe) throws IOException {
    Optional<Lock> current = current(recipe);
    if (current.isPresent()) {
      return current.get();
    }
    Optional<Lock> present = recipe.lock();
    Lock lock =
        LockCommand.make(root(), store, recipe, present, new DebianLocker.Update.Only(Set.of()));
    recipe.writeLock(lock);
    int count = lock.inputs().size();
    int files = lock.fetched().size();
    root()
        .notice(
            "locked "
                + count
                + (count == 1 ? " package" : " packages")
                + (files == 0 ? "" : files == 1 ? " and 1 file" : " and " + files + " files")
                + " in "
                + recipe.lockFile());
    return lock;
  }

  /** The lock if it fits the recipe; empty if another may be made. */
  private Optional<Lock> current(RecipeFile recipe) throws IOException {
    Optional<Lock> present = recipe.lock();
    if (present.isPresent() && LockCommand.isCurrent(root(), recipe, present.get())) {
      return present;
    }
    boolean packages = recipe.recipe().usesPackages();
    boolean inputs = recipe.recipe().inputs().values().stream().anyMatch(SourceSection::isFetched);
    if (locked || (offline && (packages || inputs))) {
      throw new CommandFailure(
          ExitCode.USAGE,
          (present.isPresent()
                  ? recipe.lockFile() + " does not fit the recipe any more"
                  : "there is no " + recipe.lockFile())
              + "; run imgstore lock "
              + recipe.typed()
              + " and keep the result");
    }
    return Optional.empty();
  }

  private RecipeFile limited(RecipeFile recipe) throws CommandFailure {
    if (platforms.isEmpty()) {
      return recipe;
    }
    Recipe all = recipe.recipe();
    List<Platform> wanted = new ArrayList<>();
    for (String typed : platforms) {
      Platform each = StoreCommand.platform(typed);
      if (!all.platforms().contains(each)) {
        String there =
            all.platforms().stream().map(Platform::toString).collect(Collectors.joining(", "));
        throw new CommandFailure(
            ExitCode.USAGE,
            "--platform "
                + each
                + ": the recipe is for "
                + there
                + "; add it to platforms: in the recipe");
      }
      wanted.add(each);
    }
    return recipe.withRecipe(all.withPlatforms(wanted));
  }

  private ImageBuilder.Result build(Store store, RecipeFile recipe, Lock lock)
      throws IOException, InterruptedException {
    Machine machine = new Machine(root(), root()::notice);
    boolean show = shown();
    StepWiring wiring = new StepWiring(root().context(), recipe, jobs, onFail);
    ExecutorService pool = Executors.newFixedThreadPool(wiring.threads());
    ExecutorService downloads = Executors.newFixedThreadPool(DOWNLOADS);
    try (ProgressLine line = progress()) {
      ImageBuilder.Ports ports =
          new ImageBuilder.Ports(
              line.counted(
                  offline
                      ? Fetching.offline()
                      : Fetching.mirrors(machine, new Universes(machine, recipe.directory()))),
              machine::ids,
              pool,
              downloads,
              show ? line : Progress.NONE,
              wiring.ports((path, platform) -> other(store, recipe, path, platform)),
              offline ? SharedResults.NONE : caches.<SharedResults>map(it -> it).orElseThrow());
      ImageBuilder builder = new ImageBuilder(store, ports);
      ImageBuilder.Request request =
          new ImageBuilder.Request(
              recipe.recipe(),
              recipe.text(),
              recipe.settings(),
              lock,
              Bytes.of(LockCodec.write(lock)),
              recipe
                  .directory()
                  .into((DiskStore) store, root().home(), root().context().clock().instant()));
      ImageBuilder.Result result = builder.build(request);
      if (nested.isEmpty()) {
        checked = check.run(builder, request, ports, root());
      }
      return result;
    } catch (IOException e) {
      throw isForeign(e) ? foreign(e) : e;
    } finally {
      pool.shutdownNow();
      downloads.shutdownNow();
    }
  }

  /** The tree of another recipe, beside this one, that a step has as its root. */
  private TreeId other(Store store, RecipeFile of, String path, Platform platform)
      throws IOException, InterruptedException {
    RecipeFile recipe = of.beside(root().context(), path, platform);
    boolean outermost = nested.add(of.file());
    if (!nested.add(recipe.file())) {
      throw new CommandFailure(
          ExitCode.USAGE, "recipes have each other as roots in a circle: " + recipe.file());
    }
    recipe.requireFiles();
    RecipeFile one = recipe.withRecipe(recipe.recipe().withPlatforms(List.of(platform)));
    try {
      return build(store, one, lock(store, recipe)).record().parts().get(0).tree();
    } finally {
      nested.remove(recipe.file());
      if (outermost) {
        nested.remove(of.file()); // what comes now is of no recipe but the one asked for
      }
    }
  }

  static boolean isForeign(IOException failure) {
    return String.valueOf(failure.getMessage()).contains("Exec format error");
  }

  /** That programs of another kind of machine do not run here. */
  static CommandFailure foreign(IOException failure) {
    return new CommandFailure(
        ExitCode.FAILED,
        failure.getMessage()
            + "\nthis machine cannot run programs of that platform; use scripts: none, build it on"
            + " a machine of its own kind, or install qemu-user-static and binfmt-support",
        failure);
  }

  private void warn(BuildRecord record) {
    for (BuildRecord.Part part : record.parts()) {
      if (!part.unhandled().isEmpty()) {
        root()
            .notice(
                part.platform()
                    + ": scripts: none left "
                    + part.unhandled().size()
                    + (part.unhandled().size() == 1 ? " thing" : " things")
                    + " undone that package scripts would do; imgstore show lists them");
        if (root().verbose.length > 0) {
          part.unhandled().forEach(each -> root().notice("  " + each));
        }
      }
    }
  }

  private Built commit(
      Store store, RecipeFile recipe, String name, int current, ImageBuilder.Result built)
      throws IOException, InterruptedException {
    Profile before = store.profiles().open(name).orElse(Profile.empty(name));
    Digest image = built.record().image();
    Optional<Generation> now = before.currentGeneration();
    if (now.isPresent() && now.get().image().equals(image)) {
      Activating.tell(this, (DiskStore) store, before);
      return new Built(name, now.get().number(), false, built);
    }
    Generation made;
    try {
      String git = RecipeCommit.of(root().context(), recipe.file());
      Profiles.Because why = git.isEmpty() ? because() : because().with(Profiles.GIT, git);
      Activating.Made result = new Activating.Made(image, built.recordDigest(), why);
      made = Activating.commit(this, (DiskStore) store, name, current, result);
    } catch (StoreException.Locked e) {
      // Two builds of one recipe at once: who comes second finds the same image current.
      Optional<Generation> theirs = store.profiles().open(name).flatMap(Profile::currentGeneration);
      if (theirs.isPresent() && theirs.get().image().equals(image)) {
        return new Built(name, theirs.get().number(), false, built);
      }
      throw e;
    }
    return new Built(name, made.number(), true, built);
  }
}
