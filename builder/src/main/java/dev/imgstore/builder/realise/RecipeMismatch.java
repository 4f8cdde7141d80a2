package dev.imgstore.builder.realise;

import java.io.IOException;

/** The recipe asks for what the packages and files do not give; a mistake of the recipe. */
public final class RecipeMismatch extends IOException {
  private static final long serialVersionUID = 1L;

  RecipeMismatch(String message) {
    super(message);
  }
}
