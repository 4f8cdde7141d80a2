package dev.imgstore.builder.recipe;

import java.util.List;

/**
 * A user of the image.
 *
 * @param uid 0 to 2^31-1
 * @param group name of the primary group; a group of the user's name and number by default
 * @param groups further groups, by name
 */
public record User(
    String name,
    int uid,
    String group,
    List<String> groups,
    String home,
    String shell,
    String comment) {
  /** Copies in. */
  public User {
    groups = List.copyOf(groups);
  }
}
