package dev.imgstore.builder.steps;

import dev.imgstore.builder.recipe.Step;
import dev.imgstore.model.Bytes;
import dev.imgstore.model.Platform;
import dev.imgstore.model.TreeId;
import java.io.IOException;

/**
 * What the wiring plugs in for steps.
 *
 * @param jobs how many steps run at once
 * @param processors of this machine
 */
public record StepPorts(
    int jobs, int processors, OnFail onFail, Secrets secrets, RecipeRoots recipes) {
  /** What becomes of what a failed step had written. */
  public enum OnFail {
    /** It is gone. */
    DROP,
    /** It is kept in the store, for {@code imgstore shell}. */
    KEEP
  }

  /** The values of secrets, from wherever they are. */
  public interface Secrets {
    /**
     * A value, asked for when the step is about to run.
     *
     * @throws IOException naming the secret if there is none
     */
    Bytes value(String step, String name, Step.Secret secret) throws IOException;
  }

  /** Thrown where a recipe would have to be built, and nothing is built. */
  public static final class NotBuilt extends IOException {
    private static final long serialVersionUID = 1L;

    /** Of the recipe at a path. */
    public NotBuilt(String path) {
      super("the recipe " + path + " is not built");
    }
  }

  /** Other recipes, as trees. */
  public interface RecipeRoots {
    /**
     * The finished tree of the recipe at a path beside this one, built if needed.
     *
     * @throws NotBuilt if it is needed and nothing is to be built
     */
    TreeId tree(String path, Platform platform) throws IOException, InterruptedException;
  }

  /**
   * What the tree of another recipe is called among the local files that a build keeps; no path of
   * a file begins like it.
   */
  public static String recipeName(String path, Platform platform) {
    return "/recipe " + platform + " " + path;
  }

  /** No secrets and no other recipes: they are refused by name. */
  public static StepPorts none(int jobs) {
    return new StepPorts(
        jobs,
        jobs,
        OnFail.DROP,
        (step, name, secret) -> {
          throw new IOException("there is no value here for the secret " + name + " of " + step);
        },
        (path, platform) -> {
          throw new IOException("the recipe " + path + " cannot be built here");
        });
  }
}
