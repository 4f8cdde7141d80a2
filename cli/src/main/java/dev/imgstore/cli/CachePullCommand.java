package dev.imgstore.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.imgstore.builder.lock.Lock;
import dev.imgstore.builder.lock.LockCodec;
import dev.imgstore.builder.realise.ImageBuilder;
import dev.imgstore.builder.realise.SharedBuild;
import dev.imgstore.builder.steps.StepPorts;
import dev.imgstore.model.Bytes;
import dev.imgstore.model.Digest;
import dev.imgstore.store.Store;
import dev.imgstore.store.disk.DiskStore;
import dev.imgstore.sync.cache.CacheSettings;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What others built, before it is needed. */
@Command(
    name = "pull",
    mixinStandardHelpOptions = true,
    description = {
      "Take what caches have of a build into the store, so that building it later needs no",
      "network: of a recipe with its lock, or of a generation whose parts were collected.",
      "Nothing is built and no profile changes; imgstore gc frees what no build took up."
    },
    footerHeading = "%nExample:%n",
    footer = {
      "  imgstore cache pull web/recipe.yaml && imgstore build --offline web/recipe.yaml",
      "  imgstore cache pull web@42 --from registry.example.org/team/cache"
    })
final class CachePullCommand extends StoreCommand {
  @Parameters(
      paramLabel = "REF|RECIPE",
      description = "A recipe's file or directory, or a generation.")
  String typed;

  @Option(
      names = "--from",
      paramLabel = "HOST/REPOSITORY",
      defaultValue = "",
      description = "Only from this cache (default: all of the settings).")
  String from;

  @Option(names = "--set", paramLabel = "NAME=VALUE", description = "A variable of the recipe.")
  List<String> set = new ArrayList<>();

  @Override
  boolean makesStore() {
    return true;
  }

  @Override
  ExitCode run(Store store) throws IOException, InterruptedException {
    if (from.isEmpty() && CachePlaces.read(root()).names().isEmpty()) {
      CachePlaces.read(root()).one("--from", from); // says that there is none
    }
    boolean shown = root().context().terminal() && !root().quiet;
    SharedBuild.Taken taken;
    SharedCaches.Report report;
    boolean down;
    try (TransferLine line = new TransferLine("fetched", root().context().err(), System::nanoTime);
        SharedCaches caches =
            SharedCaches.of(root(), store, from, shown ? line::at : CacheSettings.Progress.NONE)) {
      taken = take(store, caches);
      report = caches.take();
      down = caches.isAnyDown();
    }
    if (taken.came() + taken.known() == 0) {
      throw new CommandFailure(
          down ? ExitCode.FAILED : ExitCode.UNKNOWN,
          "no cache gave a result of "
              + typed
              + " that is trusted; imgstore cache list shows what"
              + " there is");
    }
    say(taken, report);
    return ExitCode.DONE;
  }

  private SharedBuild.Taken take(Store store, SharedCaches caches)
      throws IOException, InterruptedException {
    boolean path =
        typed.contains("/")
            || typed.endsWith(".yaml")
            || typed.endsWith(".yml")
            || java.nio.file.Files.isDirectory(root().context().path(typed));
    if (!path) {
      Ref ref = find(store, typed);
      Held held = Held.read(store.blobs(), ref);
      Records.Of of = new Records.Of(ref.name(), ref.profile(), held.record());
      if (Records.isImported(of.record())) {
        throw new CommandFailure(
            ExitCode.USAGE, ref.name() + " was imported or pulled: no action made it");
      }
      return new SharedBuild(store, caches, StepWiring.kept(held.record()))
          .take(KeptRequest.of(of, store.blobs()));
    }
    Recipes recipes = Recipes.read(root().context(), List.of(typed), RecipeFile.settings(set));
    int came = 0;
    int known = 0;
    Optional<Digest> image = Optional.empty();
    for (RecipeFile each : recipes.all()) {
      SharedBuild.Taken one = take(store, caches, each);
      came += one.came();
      known += one.known();
      image = one.image();
    }
    return new SharedBuild.Taken(recipes.all().size() == 1 ? image : Optional.empty(), came, known);
  }

  private SharedBuild.Taken take(Store store, SharedCaches caches, RecipeFile recipe)
      throws IOException, InterruptedException {
    Optional<Lock> lock = recipe.lock();
    if (lock.isEmpty() || !LockCommand.isCurrent(root(), recipe, lock.get())) {
      throw new CommandFailure(
          ExitCode.USAGE,
          recipe.lockFile()
              + " is not there, or of an earlier recipe; run imgstore lock "
              + recipe.file());
    }
    StepPorts.RecipeRoots others =
        (path, platform) -> {
          throw new CommandFailure(
              ExitCode.USAGE,
              recipe.file()
                  + " has the recipe "
                  + path
                  + " as a root, which imgstore build takes from caches as well; build it there");
        };
    return new SharedBuild(store, caches, others)
        .take(
            new ImageBuilder.Request(
                recipe.recipe(),
                recipe.text(),
                recipe.settings(),
                lock.get(),
                Bytes.of(LockCodec.write(lock.get())),
                recipe
                    .directory()
                    .into((DiskStore) store, root().home(), root().context().clock().instant())));
  }

  private void say(SharedBuild.Taken taken, SharedCaches.Report report) {
    ObjectNode json =
        object()
            .put("of", typed)
            .put("image", taken.image().map(Digest::toString).orElse(""))
            .put("came", taken.came())
            .put("known", taken.known());
    report.put(json);
    StringBuilder text = new StringBuilder();
    report.came().forEach(each -> text.append(each.line()).append('\n'));
    if (taken.came() == 0) {
      text.append("the store has all of it\n");
    } else if (taken.image().isEmpty()) {
      text.append("the whole build is in no cache; what came makes it shorter\n");
    }
    print(json, text.toString());
  }
}
