package dev.imgstore.planted;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

final class OpensFiles {
  private OpensFiles() {}

  static byte[] read(Path file) throws IOException {
    return Files.readAllBytes(file);
  }
}
