package dev.imgstore.sync.cache;

import dev.imgstore.model.Digest;
import dev.imgstore.store.Body;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * What is known of the packs in a repository, so that what is in one of them is not sent again.
 * Nobody believes it who fetches; a wrong one costs bytes, or a result that others refuse. See
 * {@code docs/design/22-shared-cache.md}, section "Inventory".
 */
final class Inventory {
  static final String TAG = "inventory";
  static final String ARTIFACT = "application/vnd.imgstore.cache.inventory.v1";

  /** Largest that is read or written; beyond it the oldest packs are forgotten. */
  static final int MAX = 32 << 20;

  private static final byte[] MAGIC = {'i', 'm', 'g', 'i', 'n', 'v', 0, 1};
  private static final int HEAD = Digest.BYTES + Long.BYTES + Integer.BYTES;

  /** The oldest first. */
  private final Map<Digest, Known> packs = new LinkedHashMap<>();

  /** Stands for a body: the first 112 bits of its digest, its form and variant. */
  record Id(long high, long low) {
    static final int BYTES = 16;

    static Id of(Body body) {
      ByteBuffer raw = ByteBuffer.wrap(body.blob().raw());
      long form = ((long) body.form() << 8) | (body.variant() & 0xff);
      return new Id(raw.getLong(0), (raw.getLong(8) & ~0xffffL) | form);
    }

    /** Written out, as is {@link #equals}: there are many in a set. */
    @Override
    public int hashCode() {
      return Long.hashCode(high);
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Id id && high == id.high && low == id.low;
    }
  }

  /**
   * A pack.
   *
   * @param ids 16 bytes for each body
   */
  record Known(Digest pack, long size, ByteBuffer ids) {
    int count() {
      return ids.capacity() / Id.BYTES;
    }

    Id id(int number) {
      return new Id(ids.getLong(number * Id.BYTES), ids.getLong(number * Id.BYTES + Long.BYTES));
    }
  }

  /** The oldest first. */
  Collection<Known> packs() {
    return packs.values();
  }

  /** Adds a pack, as the newest. */
  void add(Digest pack, long size, Collection<Body> bodies) {
    ByteBuffer ids = ByteBuffer.allocate(bodies.size() * Id.BYTES);
    for (Body each : bodies) {
      Id id = Id.of(each);
      ids.putLong(id.high()).putLong(id.low());
    }
    add(new Known(pack, size, ids.flip()));
  }

  /** Adds a pack, as the newest. */
  void add(Known pack) {
    packs.remove(pack.pack());
    packs.put(pack.pack(), pack);
  }

  void forget(Digest pack) {
    packs.remove(pack);
  }

  /**
   * Forgets all but these.
   *
   * @return true if there were others
   */
  boolean keep(Set<Digest> these) {
    return packs.keySet().retainAll(these);
  }

  byte[] encode() {
    long size = (long) MAGIC.length + Integer.BYTES;
    for (Known each : packs.values()) {
      size += HEAD + each.ids().capacity();
    }
    while (size > MAX) {
      Known oldest = packs.values().iterator().next();
      packs.remove(oldest.pack());
      size -= HEAD + oldest.ids().capacity();
    }
    ByteBuffer out = ByteBuffer.allocate((int) size).put(MAGIC).putInt(packs.size());
    for (Known each : packs.values()) {
      out.put(each.pack().raw()).putLong(each.size()).putInt(each.count());
      out.put(each.ids().duplicate().rewind());
    }
    return out.array();
  }

  /** What can be made of these bytes; nothing if they are none. */
  static Inventory decode(byte[] bytes) {
    Inventory read = new Inventory();
    ByteBuffer in = ByteBuffer.wrap(bytes);
    try {
      byte[] magic = new byte[MAGIC.length];
      in.get(magic);
      if (!Arrays.equals(magic, MAGIC)) {
        return new Inventory();
      }
      for (int left = in.getInt(); left > 0; left--) {
        byte[] raw = new byte[Digest.BYTES];
        in.get(raw);
        long size = in.getLong();
        int count = in.getInt();
        if (size < 0 || count < 0 || count > in.remaining() / Id.BYTES) {
          return new Inventory();
        }
        ByteBuffer ids = in.slice(in.position(), count * Id.BYTES);
        in.position(in.position() + count * Id.BYTES);
        read.add(new Known(Digest.fromRaw(raw), size, ids));
      }
      return read;
    } catch (BufferUnderflowException e) {
      return new Inventory();
    }
  }
}
