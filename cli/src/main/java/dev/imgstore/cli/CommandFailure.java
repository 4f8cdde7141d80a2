package dev.imgstore.cli;

import java.io.IOException;

/** A command ends without having done its work; the message is for the person who typed it. */
final class CommandFailure extends IOException {
  private static final long serialVersionUID = 1L;
  private final ExitCode code;

  CommandFailure(ExitCode code, String message) {
    super(message);
    this.code = code;
  }

  CommandFailure(ExitCode code, String message, Throwable cause) {
    super(message, cause);
    this.code = code;
  }

  ExitCode code() {
    return code;
  }
}
