package dev.imgstore.builder.sandbox;

import java.io.IOException;

/**
 * Thrown by who reads what a step gave and wants no more of it; how the step ended is told then.
 */
public final class ReadEnough extends IOException {
  private static final long serialVersionUID = 1L;

  /** Without a message: nobody is shown it. */
  public ReadEnough() {}
}
