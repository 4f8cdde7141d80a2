package dev.imgstore.builder.steps;

import java.io.IOException;

/** A step failed. The message ends with the last lines it printed. */
public final class StepFailed extends IOException {
  private static final long serialVersionUID = 1L;

  StepFailed(String message) {
    super(message);
  }
}
