package dev.imgstore.builder.realise;

import dev.imgstore.model.Platform;
import java.io.IOException;
import java.util.List;

/** The packages of a recipe are unknown, or cannot be together. */
public final class Unresolved extends IOException {
  private static final long serialVersionUID = 1L;

  Unresolved(Platform platform, List<String> reasons) {
    super("the packages for " + platform + " cannot be had:\n  " + String.join("\n  ", reasons));
  }
}
