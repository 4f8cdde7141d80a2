package dev.imgstore.builder.disk.ext4;

import dev.imgstore.model.Bytes;
import java.nio.ByteBuffer;

/**
 * A POSIX access control list: from the form in which Linux hands attributes out and trees keep
 * them (version 2: eight bytes an entry) to the one in which ext4 stores them (version 1: an id
 * only where the tag needs one).
 */
final class AccessList {
  private static final int GIVEN_VERSION = 2;
  private static final int STORED_VERSION = 1;
  private static final int HEADER = 4;
  private static final int ENTRY = 8;
  private static final int OWNER = 0x01;
  private static final int USER = 0x02;
  private static final int OWNING_GROUP = 0x04;
  private static final int GROUP = 0x08;
  private static final int MASK = 0x10;
  private static final int OTHERS = 0x20;

  private AccessList() {}

  /**
   * The stored form.
   *
   * @throws IllegalArgumentException if the value is no list of version 2
   */
  static Bytes stored(Bytes value) {
    ByteBuffer given = Structure.wrap(value.toArray());
    if (given.remaining() < HEADER
        || given.remaining() % ENTRY != HEADER
        || given.getInt() != GIVEN_VERSION) {
      throw new IllegalArgumentException("its value is no POSIX access control list of version 2");
    }
    byte[] bytes = new byte[given.limit()];
    ByteBuffer stored = Structure.wrap(bytes).putInt(STORED_VERSION);
    while (given.hasRemaining()) {
      int tag = given.getShort();
      short permissions = given.getShort();
      int id = given.getInt();
      stored.putShort((short) tag).putShort(permissions);
      if (tag == USER || tag == GROUP) {
        stored.putInt(id);
      } else if (tag != OWNER && tag != OWNING_GROUP && tag != MASK && tag != OTHERS) {
        throw new IllegalArgumentException(
            "its access control list has an entry of unknown kind " + tag);
      }
    }
    return Bytes.of(bytes, 0, stored.position());
  }
}
