package dev.imgstore.builder.sandbox;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * One command in a sandbox.
 *
 * @param root the directory of the sandbox that the command sees as {@code /}, writable
 * @param command argv, looked up inside
 * @param environment all of it; nothing of ours is added but what the sandbox fixes
 * @param limit the command is killed when it takes longer
 * @param maxOutput bytes of output that are kept; the rest is read and dropped
 */
public record Cell(
    String root,
    List<String> command,
    SortedMap<String, String> environment,
    Duration limit,
    int maxOutput) {
  /** Copies in. */
  public Cell {
    command = List.copyOf(command);
    environment = Collections.unmodifiableSortedMap(new TreeMap<>(environment));
  }

  /**
   * How a command ended.
   *
   * @param exitCode 128 and more for a signal
   * @param output what it printed on both streams, cut at the limit
   * @param timedOut whether it was killed for taking too long
   */
  public record Ended(int exitCode, String output, boolean timedOut) {}
}
