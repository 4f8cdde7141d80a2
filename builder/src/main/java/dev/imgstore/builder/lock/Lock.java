package dev.imgstore.builder.lock;

import dev.imgstore.model.Digest;
import dev.imgstore.model.Platform;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * The exact inputs a recipe meant on the day it was locked, for all its platforms. Holds no host
 * name: each path is relative to a mirror that the machine knows.
 *
 * @param source digest of the recipe's source section; another means stale
 * @param date when it was locked, in whole seconds; the image configuration shows it as created
 * @param inputs sorted; one of each kind, platform, name and architecture
 */
public record Lock(Digest source, Instant date, List<Input> inputs) {
  /** The last second of the year 9999. */
  static final Instant LATEST = Instant.parse("9999-12-31T23:59:59Z");

  /** Sorts the inputs and cuts the date to seconds; refuses two inputs that mean the same. */
  public Lock {
    Objects.requireNonNull(source);
    if (date.isBefore(Instant.EPOCH) || date.isAfter(LATEST)) {
      throw new IllegalArgumentException("a lock's date is between 1970 and 9999, not " + date);
    }
    date = date.truncatedTo(ChronoUnit.SECONDS);
    inputs = inputs.stream().sorted().toList();
    Set<String> seen = new HashSet<>();
    for (Input input : inputs) {
      if (!seen.add(input.identity())) {
        throw new IllegalArgumentException("a lock pins " + input.name() + " twice");
      }
    }
  }

  /** The inputs of one platform, in the lock's order. */
  public List<Input> of(Platform platform) {
    return inputs.stream().filter(input -> input.platform().equals(platform)).toList();
  }

  /**
   * One fetched input.
   *
   * @param kind {@code debian}; other universes add theirs
   * @param platform the platform of the recipe it is for
   * @param architecture the package's own architecture, {@code all} among them; empty if the
   *     universe knows none
   * @param suite where it was found, for instance {@code bookworm-security}; may be empty
   * @param component for instance {@code main}; may be empty
   * @param size bytes
   * @param path relative to the mirror of the suite, plain: no scheme, no empty part, no dots
   * @param reason {@code requested}, {@code essential}, or the package that needs it
   */
  public record Input(
      String kind,
      Platform platform,
      String name,
      String version,
      String architecture,
      String suite,
      String component,
      Digest sha256,
      long size,
      String path,
      String reason)
      implements Comparable<Input> {
    /** Refuses what {@link LockCodec} could not read again. */
    public Input {
      Objects.requireNonNull(platform);
      Objects.requireNonNull(sha256);
      check("kind", kind);
      check("name", name);
      check("version", version);
      check("architecture", architecture);
      check("suite", suite);
      check("component", component);
      check("path", path);
      check("reason", reason);
      if (size < 0) {
        throw new IllegalArgumentException("negative size");
      }
    }

    private static void check(String field, String text) {
      LockRules.complaint(field, text)
          .ifPresent(
              wrong -> {
                throw new IllegalArgumentException(field + " " + wrong + ": " + text);
              });
    }

    /** What a lock holds once. */
    String identity() {
      return String.join("\0", kind, platform.toString(), name, architecture);
    }

    @Override
    public int compareTo(Input other) {
      return key().compareTo(other.key());
    }

    private String key() {
      return String.join("\0", identity(), version, sha256.hex(), path);
    }
  }
}
