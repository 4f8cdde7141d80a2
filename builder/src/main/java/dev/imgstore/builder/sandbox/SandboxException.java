package dev.imgstore.builder.sandbox;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The machine does not give what a sandbox needs; the message names the setting to change. */
public final class SandboxException extends IOException {
  private static final long serialVersionUID = 1L;

  SandboxException(String message) {
    super(message);
  }

  SandboxException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
