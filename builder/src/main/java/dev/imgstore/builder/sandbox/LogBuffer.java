package dev.imgstore.builder.sandbox;

import dev.imgstore.model.Bytes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** What a step prints: its beginning and its end, whatever lies between. For one thread. */
final class LogBuffer {
  static final int HEAD = 1 << 20;
  static final int TAIL = 3 << 20;

  private final ByteArrayOutputStream head = new ByteArrayOutputStream();
  private byte[] tail = new byte[0];
  private long dropped;
  private long atTail;

  /** All that comes until the stream ends. */
  static Bytes of(InputStream in, SecretSearch search) throws IOException {
    LogBuffer log = new LogBuffer();
    byte[] buffer = new byte[8192];
    for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
      search.see(buffer, 0, n);
      log.add(buffer, n);
    }
    return log.bytes();
  }

  private void add(byte[] bytes, int count) {
    int first = Math.min(count, HEAD - head.size());
    head.write(bytes, 0, first);
    for (int at = first; at < count; ) {
      if (tail.length < TAIL && atTail == tail.length) {
        tail = Arrays.copyOf(tail, Math.min(TAIL, Math.max(1 << 16, 2 * tail.length)));
      }
      int to = (int) (atTail % TAIL);
      int room = Math.min(tail.length - to, count - at);
      dropped += atTail >= TAIL ? room : 0;
      System.arraycopy(bytes, at, tail, to, room);
      atTail += room;
      at += room;
    }
  }

  private Bytes bytes() {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes(head.toByteArray());
    if (dropped > 0) {
      all.writeBytes(
          ("\n[imgstore: " + dropped + " bytes are left out here]\n")
              .getBytes(StandardCharsets.UTF_8));
    }
    int from = atTail > TAIL ? (int) (atTail % TAIL) : 0;
    int held = (int) Math.min(atTail, TAIL);
    all.write(tail, from, held - from);
    all.write(tail, 0, from);
    return Bytes.of(all.toByteArray());
  }
}
