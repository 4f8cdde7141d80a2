package dev.imgstore.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.imgstore.builder.realise.ImageBuilder;
import java.io.IOException;
import java.util.List;

/**
 * Builds several recipes, one after the other: each has the machine for itself, and what an earlier
 * one fetched, unpacked or ran, a later one reuses. One that fails does not stop the others.
 */
final class BuildList {
  /** From the least to what is told of a command in which it happened. */
  private static final List<ExitCode> WORSE =
      List.of(
          ExitCode.DONE,
          ExitCode.FOUND,
          ExitCode.BUSY,
          ExitCode.UNKNOWN,
          ExitCode.USAGE,
          ExitCode.FAILED,
          ExitCode.INTERRUPTED);

  private final Imgstore root;
  private final ArrayNode list;
  private final ObjectNode json = StoreCommand.object();
  private int built;
  private int reused;
  private int failed;
  private int fetched;
  private ExitCode worst = ExitCode.DONE;

  /** Builds one recipe. */
  @FunctionalInterface
  interface One {
    /** Builds it, the n-th of all. */
    Built build(RecipeFile recipe, int number) throws IOException, InterruptedException;
  }

  BuildList(Imgstore root) {
    this.root = root;
    this.list = json.putArray("builds");
  }

  /** Builds them all and says what became of each. */
  ExitCode run(List<RecipeFile> recipes, One one) throws InterruptedException {
    for (RecipeFile recipe : recipes) {
      if (Thread.interrupted()) {
        throw stopped();
      }
      try {
        done(recipe, one.build(recipe, built + fetched + reused + failed + 1));
      } catch (InterruptedException e) {
        throw stopped();
      } catch (IOException e) {
        if (Thread.interrupted()) {
          throw stopped();
        }
        failed(recipe, e);
      }
    }
    json.put("built", built).put("fetched", fetched).put("reused", reused).put("failed", failed);
    if (root.json) {
      root.context().out().println(json);
    } else if (recipes.size() > 1) {
      root.context().out().println(summary(recipes.size()));
    }
    return worst;
  }

  private static InterruptedException stopped() {
    return new InterruptedException("interrupted; the images above are built");
  }

  private String summary(int all) {
    return all
        + " images: "
        + built
        + " built, "
        + (fetched == 0 ? "" : fetched + " from caches, ")
        + reused
        + " reused"
        + (failed == 0 ? "" : ", " + failed + " failed");
  }

  private void done(RecipeFile recipe, Built done) {
    if (done.result().reused()) {
      reused++;
    } else if (done.result().work().equals(ImageBuilder.Work.CAME)) {
      fetched++;
    } else {
      built++;
    }
    done.put(entry(recipe)).putNull("error");
    worse(done.checked().code());
    if (!root.json) {
      String name = done.generation() == 0 ? done.profile() + " " : "";
      root.context().out().println(Imgstore.plain(name + done.line()));
      root.context().out().print(Imgstore.plain(done.checked().lines()));
      root.context().out().flush();
    }
  }

  private void failed(RecipeFile recipe, IOException failure) {
    failed++;
    ExitCode code = Imgstore.code(failure);
    worse(code);
    String name = recipe.recipe().name();
    ObjectNode entry = entry(recipe);
    entry.putNull("image").put("reused", false).put("stepsRun", 0).putArray("unhandled");
    Checked.NOT_ASKED.put(entry);
    entry.putArray("differs");
    entry.putObject("actions").put("reused", 0).put("fetched", 0).put("ran", 0);
    SharedCaches.Report.NOTHING.put(entry.putObject("caches"));
    entry.put("profile", name).put("generation", 0).put("fresh", false);
    entry.putObject("error").put("code", code.number()).put("message", Imgstore.sentence(failure));
    root.explain(name, failure);
  }

  private void worse(ExitCode code) {
    worst = WORSE.indexOf(code) > WORSE.indexOf(worst) ? code : worst;
  }

  private ObjectNode entry(RecipeFile recipe) {
    return list.addObject()
        .put("recipe", recipe.file().toString())
        .put("variant", recipe.variant().label());
  }
}
