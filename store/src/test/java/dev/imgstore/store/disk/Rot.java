package dev.imgstore.store.disk;

import dev.imgstore.model.RelPath;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** Changes stored bytes behind a store's back. */
final class Rot {
  private Rot() {}

  static byte[] bytes(Filesystem files, RelPath file) throws IOException {
    try (InputStream in = files.read(file)) {
      return in.readAllBytes();
    }
  }

  static void replace(Filesystem files, RelPath file, byte[] bytes) throws IOException {
    if (files.stat(file).isPresent()) {
      files.delete(file);
    }
    try (OutputStream out = files.create(file)) {
      out.write(bytes);
    }
  }

  /** A copy with one bit of one byte turned; which bit depends on the place. */
  static byte[] flipped(byte[] bytes, int at) {
    byte[] copy = bytes.clone();
    copy[at] = (byte) (copy[at] ^ (1 << (at % 8)));
    return copy;
  }
}
