package dev.imgstore.store.disk;

import dev.imgstore.model.Digest;
import dev.imgstore.model.RelPath;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Blobs of one store put into a transaction of another in the forms in which they are stored:
 * nothing is compressed. Every body is decoded and hashed on the way, and the whole of a list too,
 * so damage is found here and does not spread (law 1). What the other store has is left alone.
 */
final class StoreCopy {
  /** A verbatim body up to this size is read whole. */
  private static final int SMALL = 4 << 20;

  /** So much is written at most before it is made durable: what a killed copy need not repeat. */
  private static final long STEP = 256L << 20;

  private final Lookup source;
  private final Bodies bodies;
  private final DiskTransaction target;
  private final AtomicLong copied = new AtomicLong();
  private final AtomicLong unflushed = new AtomicLong();

  StoreCopy(Lookup source, DiskTransaction target) {
    this.source = source;
    this.bodies = new Bodies(source, source);
    this.target = target;
  }

  /**
   * Copies these and what they are made of; durable when the caller flushes the transaction.
   *
   * @return bytes of the bodies that were written
   */
  long run(Collection<Digest> blobs, ExecutorService pool, int threads) throws IOException {
    Crew<Digest> crew = new Crew<>();
    blobs.forEach(crew::add);
    crew.run(pool, threads, this::copy);
    return copied.get();
  }

  private void copy(Digest blob) throws IOException {
    if (target.has(blob)) {
      return;
    }
    Located found = bodies.readable(blob);
    switch (found.entry().form()) {
      case FRAME -> frame(found);
      case VERBATIM -> verbatim(found);
      case CHUNKED, STITCHED -> list(found);
    }
    if (unflushed.get() > STEP) {
      unflushed.set(0);
      target.flush();
    }
  }

  private byte[] frame(Located found) throws IOException {
    byte[] body = found.stored(0, (int) found.entry().stored());
    byte[] plain = found.decode(body);
    found.requireDigest(plain);
    adopt(Purpose.CONTENT, found.entry(), body);
    return plain;
  }

  private void verbatim(Located found) throws IOException {
    boolean metadata =
        Purpose.of(new RelPath(found.place().toString())).equals(Optional.of(Purpose.METADATA));
    if (found.entry().stored() <= SMALL) {
      adopt(metadata ? Purpose.METADATA : Purpose.VERBATIM, found.entry(), found.verified());
      return;
    }
    try (InputStream bytes = bodies.open(found)) {
      target.putVerbatim(bytes);
    }
    count(found.entry().stored());
  }

  /** The list after its parts, and only if they are what it says. */
  private void list(Located found) throws IOException {
    Entry entry = found.entry();
    boolean stitched = entry.form() == Form.STITCHED;
    Wanted wanted = stitched ? Wanted.frame(entry.variant()) : Wanted.FRAME;
    MessageDigest whole = Digest.sha256();
    PartList.Builder parts = new PartList.Builder();
    for (PartList all = new PartList(found); all.hasNext(); ) {
      PartList.Part part = all.next();
      Located chunk =
          source
              .find(part.digest(), wanted)
              .orElseThrow(() -> found.corrupt("its part " + part.digest() + " is missing"));
      whole.update(part(chunk, wanted, stitched));
      parts.add(part.digest(), part.size());
    }
    if (!Digest.fromRaw(whole.digest()).equals(entry.digest()) || parts.total() != entry.plain()) {
      throw found.corrupt("its parts are not what it names");
    }
    target.adopt(Purpose.METADATA, entry, parts.bytes(), parts.length());
    count(parts.length());
  }

  /** What a part adds to the whole; the part itself is copied if it is not there. */
  private byte[] part(Located chunk, Wanted wanted, boolean stitched) throws IOException {
    boolean there = target.hasNow(chunk.entry().digest(), wanted);
    if (stitched) {
      if (!there) {
        frame(chunk);
      }
      return chunk.frame();
    }
    return there ? chunk.decode() : frame(chunk);
  }

  private void adopt(Purpose purpose, Entry entry, byte[] body) throws IOException {
    target.adopt(purpose, entry, body, body.length);
    count(body.length);
  }

  private void count(long bytes) {
    copied.addAndGet(bytes);
    unflushed.addAndGet(bytes);
  }
}
