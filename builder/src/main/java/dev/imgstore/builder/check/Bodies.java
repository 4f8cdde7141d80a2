package dev.imgstore.builder.check;

import dev.imgstore.model.Node;
import dev.imgstore.store.BlobReader;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.zip.GZIPInputStream;

/** The bytes of what differs: the content of a file, the target of a link, else none. */
final class Bodies {
  /** Larger ones are compared, but not looked into. */
  private static final int MOST = 16 << 20;

  private static final int SHOWN = 8;

  private Bodies() {}

  /**
   * Where two begin to differ.
   *
   * @param offset of the first differing byte
   * @param was some bytes from there, in hexadecimal
   */
  record At(long offset, String was, String is) {}

  private static InputStream open(BlobReader blobs, Optional<Node> node) throws IOException {
    if (node.isPresent() && node.get() instanceof Node.File file) {
      return new BufferedInputStream(blobs.open(file.content()), 1 << 16);
    }
    if (node.isPresent() && node.get() instanceof Node.Symlink link) {
      return new ByteArrayInputStream(link.target().toArray());
    }
    return InputStream.nullInputStream();
  }

  /** Empty if they do not differ. */
  static Optional<At> firstDifference(BlobReader blobs, Optional<Node> was, Optional<Node> is)
      throws IOException {
    try (InputStream one = open(blobs, was);
        InputStream other = open(blobs, is)) {
      for (long offset = 0; ; offset++) {
        int before = one.read();
        int after = other.read();
        if (before != after) {
          return Optional.of(new At(offset, shown(before, one), shown(after, other)));
        }
        if (before < 0) {
          return Optional.empty();
        }
      }
    }
  }

  private static String shown(int first, InputStream rest) throws IOException {
    if (first < 0) {
      return "";
    }
    byte[] bytes = new byte[SHOWN];
    bytes[0] = (byte) first;
    int read = 1 + rest.readNBytes(bytes, 1, SHOWN - 1);
    return HexFormat.ofDelimiter(" ").formatHex(bytes, 0, read);
  }

  /** All of it; nothing if it is very large. */
  static byte[] all(BlobReader blobs, Optional<Node> node) throws IOException {
    try (InputStream in = open(blobs, node)) {
      byte[] all = in.readNBytes(MOST + 1);
      return all.length > MOST ? new byte[0] : all;
    }
  }

  /** What is in a gzip file, or the bytes themselves if they are none, or a very large one. */
  static byte[] unpacked(byte[] bytes) {
    if (bytes.length < SHOWN || bytes[0] != 0x1f || bytes[1] != (byte) 0x8b) {
      return bytes;
    }
    try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
      byte[] all = in.readNBytes(MOST + 1);
      return all.length > MOST ? bytes : all;
    } catch (IOException e) {
      return bytes; // it only begins like one
    }
  }

  /** -1 if they are the same. */
  static int offset(byte[] was, byte[] is) {
    return Arrays.mismatch(was, is);
  }
}
