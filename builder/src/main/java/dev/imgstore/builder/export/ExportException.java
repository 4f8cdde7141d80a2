package dev.imgstore.builder.export;

import java.io.IOException;

/** A target could not be written; the message names it, says why, and what to do. */
public final class ExportException extends IOException {
  private static final long serialVersionUID = 1;

  ExportException(String message) {
    super(message);
  }

  ExportException(String message, Throwable cause) {
    super(message, cause);
  }
}
