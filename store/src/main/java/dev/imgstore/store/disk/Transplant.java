package dev.imgstore.store.disk;

import dev.imgstore.model.Digest;
import dev.imgstore.store.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.Optional;

/**
 * Copies stored bodies into a transaction in the form they have, after seeing that they are the
 * blob they are said to be. Nothing is compressed again. For one thread.
 */
final class Transplant {
  /** Longer verbatim bodies are streamed. */
  private static final int WHOLE = 4 << 20;

  private static final int SLICE = 64 << 10;

  private final DiskTransaction into;
  private final Lookup here;

  Transplant(DiskTransaction into) {
    this.into = into;
    this.here = into.lookup();
  }

  /** Copies a frame or verbatim body that is right. */
  void copy(Located body) throws IOException {
    Entry entry = body.entry();
    if (entry.stored() > WHOLE) {
      if (!into.hasNow(entry.digest(), Wanted.DIRECT)) {
        try (InputStream bytes = new VerifiedStream(body, slices(body))) {
          into.putVerbatim(bytes);
        }
      }
      return;
    }
    byte[] stored = body.stored(0, (int) entry.stored());
    Purpose purpose = entry.form() == Form.FRAME ? Purpose.CONTENT : purpose(body.place());
    into.adopt(purpose, entry, stored, stored.length);
  }

  private static Purpose purpose(Place place) {
    Segment segment =
        place instanceof MendedPlace mended
            ? mended.segment()
            : place instanceof Segment sealed ? sealed : null;
    Optional<Purpose> named = segment == null ? Optional.empty() : Purpose.of(segment.file());
    return named.filter(is -> is != Purpose.CONTENT).orElse(Purpose.VERBATIM);
  }

  private static VerifiedStream.Pieces slices(Located body) {
    return new VerifiedStream.Pieces() {
      private long at;

      @Override
      public byte[] next() throws IOException {
        int length = (int) Math.min(SLICE, body.entry().stored() - at);
        byte[] bytes = body.stored(at, length);
        at += length;
        return bytes;
      }
    };
  }

  /**
   * Copies a list if all its parts are here, under the digest of what they are together: a wrong
   * byte in an entry does not keep the list from being what it is.
   *
   * @return the digest; empty if the parts are not here, or not as long as the list says
   */
  Optional<Digest> copyList(Located list) throws IOException {
    Optional<Entry> whole = whole(list, list.entry().form());
    if (whole.isEmpty() || !whole.get().digest().equals(list.entry().digest())) {
      Form other = list.entry().form() == Form.CHUNKED ? Form.STITCHED : Form.CHUNKED;
      Optional<Entry> otherwise = whole(list, other);
      whole = otherwise.isPresent() ? otherwise : whole;
    }
    if (whole.isEmpty()) {
      return Optional.empty();
    }
    byte[] body = list.stored(0, Math.toIntExact(list.entry().stored()));
    into.adopt(Purpose.METADATA, whole.get(), body, body.length);
    return Optional.of(whole.get().digest());
  }

  /** True if the list is the blob it says, with the parts that are here. */
  boolean isWhole(Located list) throws IOException {
    return whole(list, list.entry().form())
        .filter(is -> is.digest().equals(list.entry().digest()))
        .isPresent();
  }

  private Optional<Entry> whole(Located list, Form form) throws IOException {
    MessageDigest hash = Digest.sha256();
    PartList parts = new PartList(list);
    long total = 0;
    while (parts.hasNext()) {
      PartList.Part part = parts.next();
      Optional<byte[]> bytes = part(part, form, list.entry().variant());
      if (bytes.isEmpty()) {
        return Optional.empty();
      }
      hash.update(bytes.get());
      total += part.size();
    }
    Entry is = list.entry();
    return Optional.of(
        new Entry(
            Digest.fromRaw(hash.digest()),
            form,
            is.variant(),
            is.crc(),
            is.offset(),
            is.stored(),
            total));
  }

  /** What a part adds to the blob, from the first copy that is right. */
  private Optional<byte[]> part(PartList.Part part, Form form, int variant) throws IOException {
    Wanted wanted = form == Form.CHUNKED ? Wanted.FRAME : Wanted.frame(variant);
    while (true) {
      Optional<Located> found = here.find(part.digest(), wanted);
      if (found.isEmpty()) {
        return Optional.empty();
      }
      Located chunk = found.get();
      try {
        byte[] frame = chunk.frame();
        byte[] plain = chunk.decode(frame);
        chunk.requireDigest(plain);
        byte[] bytes = form == Form.CHUNKED ? plain : frame;
        return bytes.length == part.size() ? Optional.of(bytes) : Optional.empty();
      } catch (StoreException.Corrupt e) {
        if (!chunk.distrust()) {
          return Optional.empty();
        }
      }
    }
  }

  /** Copies a blob from another store, with the parts that are not here; false if it has none. */
  boolean take(Digest blob, Lookup there) throws IOException {
    for (Wanted wanted : new Wanted[] {Wanted.ANY, Wanted.DIRECT}) {
      Optional<Located> found = there.find(blob, wanted);
      if (found.isPresent() && take(found.get(), there)) {
        return true;
      }
    }
    return false;
  }

  private boolean take(Located body, Lookup there) throws IOException {
    Entry entry = body.entry();
    if (!entry.form().isList()) {
      if (entry.stored() <= WHOLE) {
        body.verified();
      }
      copy(body);
      return true;
    }
    Wanted wanted = entry.form() == Form.CHUNKED ? Wanted.FRAME : Wanted.frame(entry.variant());
    PartList parts = new PartList(body);
    while (parts.hasNext()) {
      Digest part = parts.next().digest();
      if (into.hasNow(part, wanted)) {
        continue;
      }
      Optional<Located> chunk = there.find(part, wanted);
      if (chunk.isEmpty()) {
        return false;
      }
      chunk.get().verified();
      copy(chunk.get());
    }
    Optional<Digest> taken = copyList(body);
    return taken.isPresent() && taken.get().equals(entry.digest());
  }
}
