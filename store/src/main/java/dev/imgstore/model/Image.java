package dev.imgstore.model;

import java.util.List;
import java.util.Objects;

/** One platform's image: manifest, configuration and layers, all in the store. */
public record Image(Descriptor manifest, Descriptor config, List<Layer> layers) {
  /** Copies the layers in. */
  public Image {
    Objects.requireNonNull(manifest);
    Objects.requireNonNull(config);
    layers = List.copyOf(layers);
  }
}
