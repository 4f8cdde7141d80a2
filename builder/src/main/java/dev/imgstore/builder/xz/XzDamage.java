package dev.imgstore.builder.xz;

import java.io.IOException;

/** An .xz stream that cannot be decompressed. */
public final class XzDamage extends IOException {
  private static final long serialVersionUID = 1L;

  XzDamage(String message) {
    super(message);
  }
}
