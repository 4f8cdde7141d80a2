package dev.imgstore.builder.recipe;

import dev.imgstore.model.Platform;
import dev.imgstore.store.BuildRecord;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What someone asked for, all variables filled in.
 *
 * @param name of the recipe, and of the profile unless the command names another
 * @param platforms sorted, at least one
 * @param epoch the time, in seconds, that package scripts and steps see as SOURCE_DATE_EPOCH
 * @param inputs by name: what files and steps may take from
 * @param files in the order written; a later one replaces what is there
 * @param steps sorted by name; their needs make no circle
 * @param barrier how far the data of machines with this image have been migrated
 */
public record Recipe(
    String name,
    List<Platform> platforms,
    long epoch,
    DebianSource debian,
    SortedMap<String, InputSource> inputs,
    List<FileEntry> files,
    List<Group> groups,
    List<User> users,
    List<Step> steps,
    RunConfig image,
    BuildRecord.Barrier barrier) {
  /** The constant time of the format, 1980-01-01T00:00:00Z. */
  public static final long DEFAULT_EPOCH = 315_532_800L;

  /** One without a state barrier. */
  public Recipe(
      String name,
      List<Platform> platforms,
      long epoch,
      DebianSource debian,
      SortedMap<String, InputSource> inputs,
      List<FileEntry> files,
      List<Group> groups,
      List<User> users,
      List<Step> steps,
      RunConfig image) {
    this(
        name,
        platforms,
        epoch,
        debian,
        inputs,
        files,
        groups,
        users,
        steps,
        image,
        BuildRecord.Barrier.NONE);
  }

  /** Copies in; sorts the platforms. */
  public Recipe {
    platforms = platforms.stream().sorted().distinct().toList();
    inputs = Collections.unmodifiableSortedMap(new TreeMap<>(inputs));
    files = List.copyOf(files);
    groups = List.copyOf(groups);
    users = List.copyOf(users);
    steps = steps.stream().sorted((one, other) -> one.name().compareTo(other.name())).toList();
  }

  /** True if packages are to be resolved: for the image, or for the root of a step. */
  public boolean usesPackages() {
    return !debian.packages().isEmpty() || debian.essential() || !packageRoots().isEmpty();
  }

  /** The distinct roots of packages, each under the name of the first step that has it. */
  public SortedMap<String, Step.Packages> packageRoots() {
    SortedMap<String, Step.Packages> roots = new TreeMap<>();
    for (Step step : steps) {
      if (step.root() instanceof Step.Packages packages && !roots.containsValue(packages)) {
        roots.put(step.name(), packages);
      }
    }
    return roots;
  }

  /** The same recipe for other platforms. */
  public Recipe withPlatforms(List<Platform> others) {
    return new Recipe(
        name, others, epoch, debian, inputs, files, groups, users, steps, image, barrier);
  }

  /** The same recipe by another name. */
  Recipe withName(String other) {
    return new Recipe(
        other, platforms, epoch, debian, inputs, files, groups, users, steps, image, barrier);
  }
}
