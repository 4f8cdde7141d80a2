package dev.imgstore.builder.disk.machine;

import java.io.IOException;
import java.util.List;

/** An image is no machine: what it lacks to start by itself, and what brings that. */
public final class NoMachine extends IOException {
  private static final long serialVersionUID = 1L;

  NoMachine(String image, List<String> lacks) {
    super("a disk of " + image + " would not start: " + String.join("; ", lacks));
  }
}
