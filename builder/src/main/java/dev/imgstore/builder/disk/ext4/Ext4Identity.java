package dev.imgstore.builder.disk.ext4;

import dev.imgstore.builder.disk.Derived;
import dev.imgstore.model.Digest;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.UUID;

/**
 * What tells a file system from others.
 *
 * @param seed names the content; the UUID and the hash seed are made from it
 * @param label at most 16 bytes of UTF-8 without NUL; empty for none
 * @param time of every inode and of the superblock, in seconds since 1970, up to the year 2446
 */
public record Ext4Identity(Digest seed, String label, long time) {
  /** Bytes that the superblock has for the label. */
  static final int LABEL = 16;

  /** Largest time an inode holds: 34 bits from 1901 on. */
  static final long LAST = (3L << 32) + Integer.MAX_VALUE;

  /** Refuses a label that is too long and a time that does not fit. */
  public Ext4Identity {
    Objects.requireNonNull(seed);
    if (label.getBytes(StandardCharsets.UTF_8).length > LABEL || label.indexOf(0) >= 0) {
      throw new IllegalArgumentException(
          "the label of an ext4 file system has at most 16 bytes: " + label);
    }
    if (time < 0 || time > LAST) {
      throw new IllegalArgumentException("ext4 keeps times from 1970 to 2446, not " + time);
    }
  }

  /** The file system's UUID (RFC 9562, version 8), by which a root is found. */
  public UUID uuid() {
    return Derived.uuid(seed, "ext4");
  }

  /** What names in large directories are hashed with. */
  UUID hashSeed() {
    return Derived.uuid(seed, "ext4 hash seed");
  }
}
