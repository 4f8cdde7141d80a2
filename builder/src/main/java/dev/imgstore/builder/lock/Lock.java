package dev.imgstore.builder.lock;

import dev.imgstore.model.Digest;
import dev.imgstore.model.Platform;
import java.time.Instant;
import java.util.List;
import java.util.Objects;

/**
 * The exact inputs a recipe meant on the day it was locked, for all its platforms. Holds no host
 * name: each path is relative to a mirror that the machine knows.
 *
 * @param source digest of the recipe's source section; another means stale
 * @param date when it was locked; the image configuration shows it as created
 * @param inputs sorted
 */
public record Lock(Digest source, Instant date, List<Input> inputs) {
  /** Sorts the inputs. */
  public Lock {
    Objects.requireNonNull(source);
    Objects.requireNonNull(date);
    inputs = inputs.stream().sorted().toList();
  }

  /** The inputs of one platform, in the lock's order. */
  public List<Input> of(Platform platform) {
    return inputs.stream().filter(input -> input.platform().equals(platform)).toList();
  }

  /**
   * One fetched input.
   *
   * @param kind {@code debian}; other universes add theirs
   * @param architecture the package's own architecture, {@code all} among them
   * @param suite where it was found, for instance {@code bookworm-security}
   * @param component for instance {@code main}
   * @param path relative to the mirror of the suite
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
    @Override
    public int compareTo(Input other) {
      return key().compareTo(other.key());
    }

    private String key() {
      return String.join("\0", kind, platform.toString(), name, architecture, version);
    }
  }
}
