package dev.imgstore.builder.recipe;

import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * One step: a command that makes trees of trees, in a sandbox.
 *
 * @param inputs sorted by name; mounted read-only
 * @param env besides what the sandbox sets
 * @param outputs names of directories, at least one, in the order written; the place of each is in
 *     the environment variable of that name
 * @param secrets mounted as files for this step only, in no key
 * @param tolerates paths in the outputs that may differ when the step is run again
 */
public record Step(
    String name,
    Root root,
    List<Input> inputs,
    Run run,
    SortedMap<String, String> env,
    List<String> outputs,
    Limits limits,
    SortedMap<String, Secret> secrets,
    List<String> tolerates) {
  /** The output of a step that names none. */
  public static final String OUT = "out";

  /** Copies in. */
  public Step {
    inputs = inputs.stream().sorted((one, other) -> one.name().compareTo(other.name())).toList();
    env = Collections.unmodifiableSortedMap(new TreeMap<>(env));
    outputs = List.copyOf(outputs);
    secrets = Collections.unmodifiableSortedMap(new TreeMap<>(secrets));
    tolerates = List.copyOf(tolerates);
  }

  /** What the step sees as its file system. */
  public sealed interface Root {}

  /** Packages of the recipe's own archive, locked with it. */
  public record Packages(
      List<PackageRequest> packages,
      boolean essential,
      boolean recommends,
      DebianSource.Scripts scripts)
      implements Root {
    /** Sorts the packages. */
    public Packages {
      packages = packages.stream().sorted().toList();
    }
  }

  /**
   * The finished tree of another recipe.
   *
   * @param path of its file, or its directory, relative to this recipe
   */
  public record OfRecipe(String path) implements Root {}

  /** A tree from anywhere. */
  public record OfTree(Source source) implements Root {}

  /** Where a tree comes from. */
  public sealed interface Source {
    /** As written in a recipe. */
    @Override
    String toString();
  }

  /** What another step gives. */
  public record Output(String step, String output) implements Source {
    @Override
    public String toString() {
      return output.equals(OUT) ? step : step + "." + output;
    }
  }

  /** One of the recipe's {@code inputs}. */
  public record Named(String name) implements Source {
    @Override
    public String toString() {
      return name;
    }
  }

  /**
   * A directory or file beside the recipe.
   *
   * @param path relative; only its first parts may be {@code ..}
   */
  public record Local(String path) implements Source {
    @Override
    public String toString() {
      return path.equals("..") || path.startsWith("../") ? path : "./" + path;
    }
  }

  /**
   * A tree the step reads.
   *
   * @param at absolute path where it is mounted
   */
  public record Input(String name, Source source, String at) {}

  /** What is run. */
  public sealed interface Run {}

  /** Text for {@code /bin/sh -eu}. */
  public record Script(String text) implements Run {}

  /** A program of the root, by absolute path or looked up in PATH, and its arguments. */
  public record Argv(List<String> words) implements Run {
    /** Copies in. */
    public Argv {
      words = List.copyOf(words);
    }
  }

  /**
   * What the step may use at most.
   *
   * @param nanos of real time
   * @param memory bytes of its processes; 0: the machine's
   * @param output bytes of all it writes, its build directory included
   * @param cpus processors it sees; 0: all of the machine
   * @param processes alive at once
   */
  public record Limits(long nanos, long memory, long output, int cpus, int processes) {
    /** Of a step that names none. */
    public static final Limits DEFAULT = new Limits(3_600_000_000_000L, 0, 4L << 30, 0, 4096);
  }

  /** Where the value of a secret comes from. */
  public sealed interface Secret {}

  /** An environment variable of whoever builds. */
  public record FromVariable(String variable) implements Secret {}

  /** A file of whoever builds; {@code ~/} is their home. */
  public record FromFile(String path) implements Secret {}
}
