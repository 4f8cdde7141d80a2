package dev.imgstore.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.imgstore.builder.check.RebuildCheck;
import dev.imgstore.builder.realise.ImageBuilder;
import dev.imgstore.builder.realise.InputFetcher;
import dev.imgstore.builder.realise.Progress;
import dev.imgstore.builder.realise.Reproduction;
import dev.imgstore.builder.recipe.Step;
import dev.imgstore.builder.steps.StepPorts;
import dev.imgstore.model.Platform;
import dev.imgstore.store.Store;
import dev.imgstore.store.StoreException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Proves that a generation is what its recipe and lock say. */
@Command(
    name = "reproduce",
    mixinStandardHelpOptions = true,
    description = {
      "Build a generation again from the recipe, lock and inputs that the store keeps with it,",
      "believing no recorded result, and see that the same digest comes out; exit code 3 if not,",
      "with what differs, where, and why that may be. No profile is changed."
    },
    footerHeading = "%nExample:%n",
    footer = {"  imgstore reproduce web@42", "  imgstore reproduce web~1 --offline --json"})
final class ReproduceCommand extends ImageCommand {
  private static final int DOWNLOADS = 6;

  @Option(
      names = "--offline",
      description = "Touch no network; else locked inputs that the store lacks are fetched.")
  boolean offline;

  @Option(
      names = "--directory",
      paramLabel = "DIR",
      defaultValue = "",
      description =
          "Where relative paths of secrets begin, and git clones and npm lock files lie that the"
              + " store lacks: the recipe's directory.")
  String directory;

  @Option(
      names = {"-j", "--jobs"},
      paramLabel = "N",
      defaultValue = "0",
      description = "Run up to N steps at once (default: one for each processor).")
  int jobs;

  @Override
  ExitCode run(Store store) throws IOException, InterruptedException {
    Held held = held(store);
    Records.Of of = new Records.Of(held.ref().name(), held.ref().profile(), held.record());
    if (Records.isImported(of.record())) {
      throw new CommandFailure(
          ExitCode.USAGE,
          of.label()
              + " was imported or pulled: it has no recipe, so there is nothing to build it from again;"
              + " imgstore verify checks its bytes. What imgstore build makes can be reproduced");
    }
    if (!held.ref().generation().image().equals(of.record().image())) {
      throw new CommandFailure(
          ExitCode.FOUND,
          of.label()
              + " is "
              + held.ref().generation().image()
              + ", and its build record is of another image, "
              + of.record().image()
              + "; imgstore log and imgstore verify say what the store knows of it");
    }
    ImageBuilder.Request request = request(store, of, held);
    List<String> notices = new ArrayList<>();
    otherRecipes(request).forEach(each -> notices.add(taken(each)));
    notices.forEach(root()::notice);
    long began = System.nanoTime();
    Reproduction.Result result = reproduce(store, of, request);
    say(of, request, result, Duration.ofNanos(System.nanoTime() - began), notices);
    return result.same() ? ExitCode.DONE : ExitCode.FOUND;
  }

  private ImageBuilder.Request request(Store store, Records.Of of, Held held) throws IOException {
    try {
      ImageBuilder.Request all = KeptRequest.of(of, store.blobs());
      return platform.isEmpty() ? all : KeptRequest.of(all, held.part(platform).platform());
    } catch (StoreException.MissingBlob e) {
      throw new CommandFailure(
          ExitCode.FAILED,
          of.label() + " has lost its recipe or lock; imgstore verify --repair may find it again",
          e);
    }
  }

  private Reproduction.Result reproduce(Store store, Records.Of of, ImageBuilder.Request request)
      throws IOException, InterruptedException {
    Machine machine = new Machine(root(), root()::notice);
    StepWiring wiring =
        new StepWiring(
            root().context(), root().context().path(directory), jobs, StepPorts.OnFail.DROP);
    boolean show = root().context().terminal() && !root().quiet;
    ExecutorService pool = Executors.newFixedThreadPool(wiring.threads());
    ExecutorService downloads = Executors.newFixedThreadPool(DOWNLOADS);
    try (ProgressLine line = new ProgressLine(root().context().err())) {
      StepPorts steps = wiring.ports(StepWiring.kept(of.record()));
      ImageBuilder.Ports ports =
          new ImageBuilder.Ports(
              line.counted(fetcher(machine)),
              machine::ids,
              pool,
              downloads,
              show ? line : Progress.NONE,
              steps);
      RebuildCheck.Machine here =
          new RebuildCheck.Machine(
              Clock.systemUTC(), steps.processors(), "", steps.jobs(), ports.pool());
      return new Reproduction(store, ports, here).run(request, of.record());
    } catch (IOException e) {
      throw BuildCommand.isForeign(e) ? BuildCommand.foreign(e) : e;
    } finally {
      pool.shutdownNow();
      downloads.shutdownNow();
    }
  }

  private InputFetcher fetcher(Machine machine) {
    if (offline) {
      return Fetching.offline();
    }
    Path path = root().context().path(directory);
    return directory.isEmpty()
        ? Fetching.mirrors(machine)
        : Fetching.mirrors(machine, new Universes(machine, new RecipeDirectory(path)));
  }

  /** The recipes whose trees steps have as their root. */
  private static SortedSet<String> otherRecipes(ImageBuilder.Request request) {
    SortedSet<String> paths = new TreeSet<>();
    for (Step step : request.recipe().steps()) {
      if (step.root() instanceof Step.OfRecipe other) {
        paths.add(other.path());
      }
    }
    return paths;
  }

  private static String taken(String recipe) {
    return "the tree of the recipe "
        + recipe
        + " is taken as it was then; reproduce a generation of its own to prove it, too";
  }

  private void say(
      Records.Of of,
      ImageBuilder.Request request,
      Reproduction.Result result,
      Duration took,
      List<String> notices) {
    List<Platform> platforms = request.recipe().platforms();
    ObjectNode json = object();
    json.put("ref", of.label()).put("image", result.was().toString());
    json.put("rebuilt", result.is().toString()).put("reproduced", result.same());
    ArrayNode names = json.putArray("platforms");
    platforms.forEach(each -> names.add(each.toString()));
    json.put("actions", result.actions()).put("steps", result.steps());
    json.put("milliseconds", took.toMillis());
    Checked.put(result.findings(), json.putArray("findings"));
    ArrayNode told = json.putArray("notices");
    notices.forEach(told::add);
    String what =
        platforms.size() == of.record().parts().size()
            ? of.label()
            : of.label()
                + " "
                + platforms.stream().map(Platform::toString).collect(Collectors.joining(" "));
    String ran =
        result.actions()
            + (result.actions() == 1 ? " action" : " actions")
            + " ran again ("
            + result.steps()
            + (result.steps() == 1 ? " step" : " steps")
            + ") in "
            + Took.text(took);
    print(
        json,
        result.same()
            ? what + " " + result.was() + " is reproduced: " + ran + "\n"
            : Checked.lines(result.findings())
                + (what + " " + result.was() + " is not reproduced, it gave " + result.is())
                + (": " + ran + ", " + Checked.count(result.findings().size()) + "\n"));
  }
}
