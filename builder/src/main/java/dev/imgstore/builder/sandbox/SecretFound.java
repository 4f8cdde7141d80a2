package dev.imgstore.builder.sandbox;

import java.io.IOException;

/** The value of a secret is in what a step gave. The message names the secret, never the value. */
public final class SecretFound extends IOException {
  private static final long serialVersionUID = 1L;

  SecretFound(String name) {
    super("the value of the secret " + name + " is in what it gave; nothing of it is kept");
  }
}
