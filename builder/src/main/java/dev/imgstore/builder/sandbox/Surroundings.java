package dev.imgstore.builder.sandbox;

import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a sandbox fixes although programs could do without: a check varies it on purpose, to see who
 * looks.
 *
 * @param umask octal
 * @param build where a step starts, one name below the root
 * @param environment instead of what is fixed; what a recipe sets itself stays
 * @param processors how many are seen; 0 for as many as else
 * @param order in which the directories of inputs list their entries
 * @param preload a library of the machine that every dynamic program inside loads; empty for none
 * @param user the number of the user, and of the only group, that a step is; package scripts are
 *     always 0
 */
public record Surroundings(
    String hostName,
    String umask,
    String build,
    SortedMap<String, String> environment,
    int processors,
    Order order,
    String preload,
    int user) {
  /** The order in which a directory gives its entries, as far as it can be chosen. */
  public enum Order {
    /** As trees are unpacked: by name. */
    SORTED,
    /** The other way round. */
    REVERSED
  }

  /** Of every build. */
  public static final Surroundings FIXED =
      new Surroundings(
          "localhost", "022", StepCell.BUILD, Collections.emptySortedMap(), 0, Order.SORTED, "", 0);

  /** Where the library is inside. */
  public static final String PRELOADED = "/run/preload.so";

  /** Copies in. */
  public Surroundings {
    environment = Collections.unmodifiableSortedMap(new TreeMap<>(environment));
  }

  /** With another host name. */
  public Surroundings withHostName(String other) {
    return new Surroundings(other, umask, build, environment, processors, order, preload, user);
  }

  /** With another umask. */
  public Surroundings withUmask(String other) {
    return new Surroundings(hostName, other, build, environment, processors, order, preload, user);
  }

  /** With another place where a step starts. */
  public Surroundings withBuild(String other) {
    return new Surroundings(hostName, umask, other, environment, processors, order, preload, user);
  }

  /** With a variable of the environment. */
  public Surroundings withVariable(String name, String value) {
    SortedMap<String, String> more = new TreeMap<>(environment);
    more.put(name, value);
    return new Surroundings(hostName, umask, build, more, processors, order, preload, user);
  }

  /** With so many processors, and directories in this order. */
  public Surroundings on(int other, Order another) {
    return new Surroundings(hostName, umask, build, environment, other, another, preload, user);
  }

  /** With a library. */
  public Surroundings withPreload(String library) {
    return new Surroundings(hostName, umask, build, environment, processors, order, library, user);
  }

  /** As another user, without any privilege; what it writes is that user's. */
  public Surroundings withUser(int number) {
    return new Surroundings(
        hostName, umask, build, environment, processors, order, preload, number);
  }

  /** The processors that are seen; empty for as many as else. */
  List<Integer> cpus() {
    return java.util.stream.IntStream.range(0, processors).boxed().toList();
  }
}
