package dev.imgstore.store;

import java.io.IOException;

/** What came as a pack is none, or has not what it should. */
public final class BadPack extends IOException {
  private static final long serialVersionUID = 1L;

  /** Says which, and what is wrong with it. */
  public BadPack(String message) {
    super(message);
  }

  /** With what was found. */
  public BadPack(String message, Throwable cause) {
    super(message, cause);
  }
}
