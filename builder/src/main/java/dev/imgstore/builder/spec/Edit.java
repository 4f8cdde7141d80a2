package dev.imgstore.builder.spec;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;

/** Bytes {@code from} to {@code to} (exclusive) become this text. */
record Edit(int from, int to, String text) {
  /** The bytes with all edits, which must not overlap. */
  static byte[] apply(byte[] bytes, List<Edit> edits) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length + 128 * edits.size());
    int at = 0;
    List<Edit> sorted =
        edits.stream()
            .sorted(Comparator.comparingInt(Edit::from).thenComparingInt(Edit::to))
            .toList();
    for (Edit edit : sorted) {
      if (edit.from() < at) {
        throw new IllegalArgumentException("two changes of byte " + edit.from());
      }
      out.write(bytes, at, edit.from() - at);
      out.writeBytes(edit.text().getBytes(StandardCharsets.UTF_8));
      at = edit.to();
    }
    out.write(bytes, at, bytes.length - at);
    return out.toByteArray();
  }
}
