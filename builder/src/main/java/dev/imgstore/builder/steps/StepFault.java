package dev.imgstore.builder.steps;

import java.io.IOException;

/** A step asks for what its root or its inputs do not give; a mistake of the recipe. */
public final class StepFault extends IOException {
  private static final long serialVersionUID = 1L;

  StepFault(String message) {
    super(message);
  }
}
