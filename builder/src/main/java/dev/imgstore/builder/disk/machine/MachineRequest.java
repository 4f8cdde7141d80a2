package dev.imgstore.builder.disk.machine;

import dev.imgstore.builder.recipe.DiskConfig;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Platform;
import dev.imgstore.model.TreeId;
import java.util.Objects;

/**
 * The disk that is wanted.
 *
 * @param image as the person named it, for messages
 * @param manifest of the image for this platform; every id on the disk comes from it
 * @param tree all its files
 */
public record MachineRequest(
    String image, Digest manifest, Platform platform, TreeId tree, DiskConfig config) {
  /** Refuses null. */
  public MachineRequest {
    Objects.requireNonNull(image);
    Objects.requireNonNull(manifest);
    Objects.requireNonNull(platform);
    Objects.requireNonNull(tree);
    Objects.requireNonNull(config);
  }
}
