package dev.imgstore.builder.disk.machine;

import java.io.IOException;
import java.util.List;

/** An image is no machine as it stands: what it lacks, or what does not fit, and what helps. */
public final class NoMachine extends IOException {
  private static final long serialVersionUID = 1L;

  private NoMachine(String message) {
    super(message);
  }

  /** It would not start. */
  static NoMachine lacking(String image, List<String> lacks) {
    return new NoMachine("a disk of " + image + " would not start: " + String.join("; ", lacks));
  }

  /** Something under {@code disk} of its recipe cannot be. */
  static NoMachine wrong(String image, String what) {
    return new NoMachine("no disk of " + image + " can be made: " + what);
  }
}
