package dev.imgstore.store.disk;

/** An array that is used again and again, by one thread. */
final class Room {
  /** One for each thread; what is in it lasts until the thread uses it again. */
  static final ThreadLocal<Room> OF_THREAD = ThreadLocal.withInitial(Room::new);

  private static final int LEAST = 16 << 10;
  private static final int MOST = 256 << 10;

  private byte[] bytes = new byte[0];

  /** At least so many bytes, with anything in them; many are given once and not kept. */
  byte[] of(int length) {
    if (length > MOST) {
      return new byte[length];
    }
    if (bytes.length < length) {
      bytes = new byte[Math.max(LEAST, Math.min(MOST, Integer.highestOneBit(length) << 1))];
    }
    return bytes;
  }
}
