package dev.imgstore.store.disk;

import java.nio.ByteBuffer;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * Memory outside the heap for bytes that go from a file to a socket, used again and again, since
 * the system gives it back late. Safe for many threads.
 */
final class Direct {
  private static final int SIZE = 256 << 10;

  /** So many are kept; more are made while more are needed. */
  private static final int MOST = 64;

  private static final BlockingQueue<ByteBuffer> SPARE = new ArrayBlockingQueue<>(MOST);

  private Direct() {}

  /** The caller gives it back. */
  static ByteBuffer take() {
    ByteBuffer spare = SPARE.poll();
    return spare == null ? ByteBuffer.allocateDirect(SIZE) : spare;
  }

  /** Nobody uses it any more; what is of another kind is let go. */
  static void give(ByteBuffer room) {
    if (room.isDirect() && !SPARE.offer(room)) {
      return; // enough are kept: it goes with its last reference
    }
  }
}
