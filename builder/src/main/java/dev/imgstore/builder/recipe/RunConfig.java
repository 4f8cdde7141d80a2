package dev.imgstore.builder.recipe;

import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How the image is run and packed (OCI image-spec 1.1, "Image Configuration").
 *
 * @param env by name
 * @param user as OCI spells it, {@code name}, {@code uid} or {@code user:group}; empty for root
 * @param ports for instance {@code 80/tcp}, sorted
 * @param volumes absolute paths, sorted
 * @param stopSignal empty for the runtime's default
 * @param layerBudget most layers the image may have, at least 1
 */
public record RunConfig(
    List<String> entrypoint,
    List<String> cmd,
    SortedMap<String, String> env,
    String workdir,
    String user,
    List<String> ports,
    List<String> volumes,
    SortedMap<String, String> labels,
    String stopSignal,
    Healthcheck healthcheck,
    Compression compression,
    int layerBudget) {
  /** How layers are compressed. */
  public enum Compression {
    /** Stitched from the stored frames. */
    ZSTD,
    /** For clients that cannot read zstd. */
    GZIP
  }

  /**
   * Docker's extension of the configuration.
   *
   * @param test empty if there is none
   * @param intervalNanos 0 for the runtime's default, as the others
   */
  public record Healthcheck(
      List<String> test,
      long intervalNanos,
      long timeoutNanos,
      long startPeriodNanos,
      int retries) {
    /** No health check. */
    public static final Healthcheck NONE = new Healthcheck(List.of(), 0, 0, 0, 0);

    /** Copies in. */
    public Healthcheck {
      test = List.copyOf(test);
    }
  }

  /** Copies in. */
  public RunConfig {
    entrypoint = List.copyOf(entrypoint);
    cmd = List.copyOf(cmd);
    env = sorted(env);
    ports = ports.stream().sorted().distinct().toList();
    volumes = volumes.stream().sorted().distinct().toList();
    labels = sorted(labels);
  }

  /** The same with one more label. */
  RunConfig with(String label, String value) {
    SortedMap<String, String> more = new TreeMap<>(labels);
    more.put(label, value);
    return new RunConfig(
        entrypoint,
        cmd,
        env,
        workdir,
        user,
        ports,
        volumes,
        more,
        stopSignal,
        healthcheck,
        compression,
        layerBudget);
  }

  private static SortedMap<String, String> sorted(SortedMap<String, String> map) {
    return Collections.unmodifiableSortedMap(new TreeMap<>(map));
  }
}
