package dev.imgstore.model;

import java.util.regex.Pattern;

/**
 * An operating system and processor as OCI spells them: {@code linux/amd64}, {@code linux/arm/v7}.
 *
 * @param variant empty where the architecture has none
 */
public record Platform(String os, String architecture, String variant)
    implements Comparable<Platform> {
  private static final Pattern PART = Pattern.compile("[a-z0-9_.-]{1,32}");

  /** Refuses anything that is not a plain lower-case word. */
  public Platform {
    if (!PART.matcher(os).matches()
        || !PART.matcher(architecture).matches()
        || !(variant.isEmpty() || PART.matcher(variant).matches())) {
      throw new IllegalArgumentException("a platform looks like linux/amd64 or linux/arm/v7");
    }
  }

  /** Reads {@code os/architecture} or {@code os/architecture/variant}. */
  public static Platform parse(String text) {
    String[] parts = text.split("/", -1);
    if (parts.length < 2 || parts.length > 3) {
      throw new IllegalArgumentException(
          "a platform looks like linux/amd64 or linux/arm/v7, not " + text);
    }
    return new Platform(parts[0], parts[1], parts.length == 3 ? parts[2] : "");
  }

  @Override
  public int compareTo(Platform other) {
    return toString().compareTo(other.toString());
  }

  @Override
  public String toString() {
    return os + "/" + architecture + (variant.isEmpty() ? "" : "/" + variant);
  }
}
