package dev.imgstore.builder.disk;

import java.io.IOException;

/** What was asked for cannot be put on a disk of this kind; the message says why and what to do. */
public final class DiskException extends IOException {
  private static final long serialVersionUID = 1L;

  /** One sentence for people. */
  public DiskException(String message) {
    super(message);
  }
}
