package dev.imgstore.builder.sandbox;

import dev.imgstore.model.Bytes;
import dev.imgstore.model.Node;
import dev.imgstore.model.TreePath;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * One step in a sandbox. Its file system is a read-only skeleton with trees bound over it; it
 * writes in {@code /outputs}, {@code /build}, where it starts, {@code /tmp} and {@code /dev/shm}
 * only.
 *
 * @param skeleton directories, links and empty files, each below a directory of the skeleton: the
 *     root as far as no tree is bound over it
 * @param mounts in the order in which they are made
 * @param script what {@link #SCRIPT} holds; empty if the command needs none
 * @param command argv, looked up inside
 * @param environment all of it
 * @param outputs the directories made in {@code /outputs}
 * @param secrets by name in {@link #SECRETS}
 * @param keeps whether all that it wrote is given out if it fails
 */
public record StepCell(
    SortedMap<TreePath, Node> skeleton,
    List<Mount> mounts,
    Bytes script,
    List<String> command,
    SortedMap<String, String> environment,
    List<String> outputs,
    SortedMap<String, Bytes> secrets,
    Limits limits,
    boolean keeps) {
  /** Where the script is. */
  public static final String SCRIPT = "/run/script";

  /** Where the secrets are. */
  public static final String SECRETS = "/run/secrets";

  /** Where the outputs are, each under its name. */
  public static final String OUTPUTS = "/outputs";

  /** Where the step starts. */
  public static final String BUILD = "/build";

  /** Copies in. */
  public StepCell {
    skeleton = Collections.unmodifiableSortedMap(new TreeMap<>(skeleton));
    mounts = List.copyOf(mounts);
    command = List.copyOf(command);
    environment = Collections.unmodifiableSortedMap(new TreeMap<>(environment));
    outputs = List.copyOf(outputs);
    secrets = Collections.unmodifiableSortedMap(new TreeMap<>(secrets));
  }

  /** With another environment; nothing is given out if it fails. */
  public StepCell withEnvironment(SortedMap<String, String> other) {
    return new StepCell(skeleton, mounts, script, command, other, outputs, secrets, limits, false);
  }

  /**
   * Part of a tree, seen read-only.
   *
   * @param tree as {@link StepSandbox#plant} knows it
   * @param path in the tree
   * @param at absolute, a directory or file of the skeleton
   */
  public record Mount(String tree, TreePath path, TreePath at) {}

  /**
   * What it may use.
   *
   * @param memory bytes; 0 for no limit
   * @param written bytes of all it writes
   * @param cpus the processors it sees; empty for all
   * @param processes alive at once
   * @param beside how many steps share what the kernel counts for a user
   */
  public record Limits(
      Duration time, long memory, long written, List<Integer> cpus, int processes, int beside) {
    /** So many processes trouble no machine; fewer are what someone asked for. */
    private static final int MANY = 4096;

    /** Copies in. */
    public Limits {
      cpus = List.copyOf(cpus);
    }

    /** Whether it asks for bounds that a control group keeps best. */
    boolean bounded() {
      return memory > 0 || processes < MANY;
    }
  }

  /**
   * How a step ended.
   *
   * @param exitCode 128 and more for a signal
   * @param log what it printed on both streams, its middle left out if it was very much
   * @param secret the name of a secret that it printed; empty if none
   */
  public record Ended(int exitCode, boolean timedOut, Bytes log, String secret) {}
}
