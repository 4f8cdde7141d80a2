package dev.imgstore.planted;

import java.io.IOException;

final class StartsProcesses {
  private StartsProcesses() {}

  static Process start() throws IOException {
    return new ProcessBuilder("true").start();
  }
}
