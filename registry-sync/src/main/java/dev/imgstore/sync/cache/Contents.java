package dev.imgstore.sync.cache;

import dev.imgstore.model.Digest;
import dev.imgstore.store.Body;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a result needs: its roots, and which bodies of which packs. See {@code
 * docs/design/22-shared-cache.md}, section "Contents".
 */
record Contents(List<Digest> roots, List<Part> packs) {
  /** Largest list that is read or written. */
  static final int MAX = 32 << 20;

  private static final byte[] MAGIC = {'i', 'm', 'g', 'c', 'o', 'n', 0, 1};
  private static final int MAX_PACKS = 4000;
  private static final long MAX_PACK = 1L << 36;
  private static final int PART = Digest.BYTES + Long.BYTES + Integer.BYTES;
  private static final int BODY = Digest.BYTES + 1 + Short.BYTES;

  /** Each body costs a pack so much besides. */
  private static final int ENTRY = 64;

  /** What is needed of a pack; the bodies sorted. */
  record Part(Digest pack, long size, List<Body> bodies) {
    /** Copies in. */
    Part {
      bodies = List.copyOf(bodies);
    }
  }

  /** Copies in. */
  Contents {
    roots = List.copyOf(roots);
    packs = List.copyOf(packs);
  }

  /**
   * The one spelling.
   *
   * @throws Refused if nobody would read so much
   */
  byte[] encode() throws Refused {
    long size = MAGIC.length + 2L * Integer.BYTES + (long) roots.size() * Digest.BYTES;
    for (Part each : packs) {
      size += PART + (long) each.bodies().size() * BODY;
    }
    if (size > MAX) {
      throw new Refused(
          "the list of what it needs would have " + size + " bytes; at most " + MAX + " are read");
    }
    ByteBuffer out = ByteBuffer.allocate((int) size).put(MAGIC).putInt(roots.size());
    roots.forEach(each -> out.put(each.raw()));
    out.putInt(packs.size());
    for (Part each : packs) {
      out.put(each.pack().raw()).putLong(each.size()).putInt(each.bodies().size());
      for (Body body : each.bodies()) {
        out.put(body.blob().raw()).put((byte) body.form()).putShort((short) body.variant());
      }
    }
    return out.array();
  }

  /** Reads what {@link #encode} wrote. */
  static Contents decode(byte[] bytes) throws Refused {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    try {
      byte[] magic = new byte[MAGIC.length];
      in.get(magic);
      if (!Arrays.equals(magic, MAGIC)) {
        throw new Refused("its list of contents begins like none that this version knows");
      }
      List<Digest> roots = new ArrayList<>();
      for (int left = count(in, Share.MAX_ROOTS); left > 0; left--) {
        roots.add(digest(in));
      }
      List<Part> packs = new ArrayList<>();
      for (int left = count(in, MAX_PACKS); left > 0; left--) {
        packs.add(part(in));
      }
      if (in.hasRemaining()) {
        throw new Refused("its list of contents goes on after its end");
      }
      return new Contents(roots, packs);
    } catch (BufferUnderflowException e) {
      throw new Refused("its list of contents ends too early");
    } catch (IllegalArgumentException e) {
      throw new Refused("its list of contents names " + e.getMessage());
    }
  }

  private static int count(ByteBuffer in, int most) throws Refused {
    int count = in.getInt();
    if (count < 0 || count > most) {
      throw new Refused("its list of contents says " + count + " of what may be " + most);
    }
    return count;
  }

  private static Part part(ByteBuffer in) throws Refused {
    Digest pack = digest(in);
    long size = in.getLong();
    int count = count(in, in.remaining() / BODY);
    if (size < (long) count * ENTRY || size > MAX_PACK) {
      throw new Refused("its list of contents says that a pack has " + size + " bytes");
    }
    List<Body> bodies = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      Body body = new Body(digest(in), in.get(), in.getShort() & 0xffff);
      if (i > 0 && bodies.get(i - 1).compareTo(body) >= 0) {
        throw new Refused("its list of contents is not in order");
      }
      bodies.add(body);
    }
    return new Part(pack, size, bodies);
  }

  private static Digest digest(ByteBuffer in) {
    byte[] raw = new byte[Digest.BYTES];
    in.get(raw);
    return Digest.fromRaw(raw);
  }
}
