package dev.imgstore.builder.disk.gpt;

import dev.imgstore.builder.disk.Derived;
import dev.imgstore.builder.disk.Volume;
import dev.imgstore.model.Digest;
import java.util.Objects;
import java.util.UUID;

/**
 * One partition.
 *
 * @param name shown to people, at most 36 UTF-16 units
 * @param attributes bits of UEFI 2.10, table 5.8, and those of the type; mostly 0
 */
public record Partition(String name, PartitionType type, UUID id, long attributes, Volume content) {
  private static final int MAX_NAME = 36;

  /** Refuses a name that is too long and a partition of nothing. */
  public Partition {
    Objects.requireNonNull(type);
    Objects.requireNonNull(id);
    if (name.length() > MAX_NAME) {
      throw new IllegalArgumentException(
          "the name of a partition has at most " + MAX_NAME + " characters: " + name);
    }
    if (content.size() == 0) {
      throw new IllegalArgumentException("partition " + name + " has no bytes");
    }
  }

  /** A partition without attributes, whose id is {@link #idOf}. */
  public static Partition of(Digest seed, String name, PartitionType type, Volume content) {
    return new Partition(name, type, idOf(seed, name), 0, content);
  }

  /** The id of the partition of this name; known before the partition is made. */
  public static UUID idOf(Digest seed, String name) {
    return Derived.uuid(seed, "partition " + name);
  }
}
