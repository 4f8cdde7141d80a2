package dev.imgstore.builder.setup;

import dev.imgstore.builder.recipe.Group;
import dev.imgstore.builder.recipe.User;
import dev.imgstore.builder.source.deb.UnpackedDeb;
import dev.imgstore.model.TreeId;
import java.util.List;
import java.util.Objects;

/**
 * What is to be set up.
 *
 * @param tree the packages' files, merged
 * @param packages in any order
 * @param epoch seconds since 1970 that dates in files tell
 */
public record SetupRequest(
    TreeId tree, List<UnpackedDeb> packages, List<User> users, List<Group> groups, long epoch) {
  /** Copies in. */
  public SetupRequest {
    Objects.requireNonNull(tree);
    packages = List.copyOf(packages);
    users = List.copyOf(users);
    groups = List.copyOf(groups);
  }
}
