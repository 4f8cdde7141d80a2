package dev.imgstore.store.disk;

import dev.imgstore.model.Digest;
import dev.imgstore.model.RelPath;
import dev.imgstore.model.TreeCodec;
import dev.imgstore.store.BlobReader;
import dev.imgstore.store.Frames;
import dev.imgstore.store.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Collection;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Blobs of one store put into a transaction of another in the forms in which they are stored:
 * nothing is compressed, but to compare a stranger's frames. Every body is decoded and hashed on
 * the way, and the whole of a list too, so damage is found here and does not spread (law 1);
 * another copy is taken then, if there is one. What the other store has is left alone.
 *
 * <p>Law 2: what names others waits until all else is there, and goes in the order of {@link
 * CopyOrder}, so that a copy that dies leaves nothing in the other store that lacks a part.
 */
final class StoreCopy {
  /** A verbatim body up to this size is read whole. */
  private static final int SMALL = 4 << 20;

  /** By which a tree is told. */
  private static final int HEAD = 8;

  /** So much is written at most before it is made durable: what a killed copy need not repeat. */
  private static final long STEP = 256L << 20;

  private static final Wanted DIRECT = (form, variant) -> form == Form.VERBATIM;

  private final Lookup source;
  private final Bodies bodies;
  private final DiskTransaction target;
  private final AtomicLong copied = new AtomicLong();
  private final AtomicLong unflushed = new AtomicLong();
  private final Queue<Digest> names = new ConcurrentLinkedQueue<>();
  private final long step;

  private final Check check;
  private final From from;

  /** True once what names others has an order. */
  private volatile boolean isOrdered;

  StoreCopy(Lookup source, DiskTransaction target) {
    this(source, target, STEP);
  }

  StoreCopy(Lookup source, DiskTransaction target, long step) {
    this(source, target, step, From.A_STORE, (blob, bytes) -> {});
  }

  /** Who wrote what is copied. */
  enum From {
    A_STORE,
    /**
     * The bytes of a frame are not taken on its word for its encoder: they become part of layers,
     * whose digests must be the same everywhere.
     */
    A_STRANGER
  }

  /** Asked about what names others, when all before it was put. */
  interface Check {
    /** Throws if it may not be put. */
    void on(Digest blob, byte[] bytes) throws IOException;
  }

  StoreCopy(Lookup source, DiskTransaction target, long step, From from, Check check) {
    this.from = from;
    this.check = check;
    this.step = step;
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
    crew.run(pool, threads, this::copyContent);
    BlobReader reader = new DiskBlobReader(source, source);
    CopyOrder order = CopyOrder.of(reader, names);
    isOrdered = true;
    for (Digest each : order.plain()) {
      copy(each, bodies.readable(each));
    }
    for (Digest each : order.naming()) {
      byte[] bytes = reader.read(each, CopyOrder.MAX);
      check.on(each, bytes);
      target.putMetadata(bytes); // in any other form a flush would show it before what it names
      count(bytes.length);
      flushNowAndThen();
    }
    return copied.get();
  }

  /**
   * Copies frames and blobs that name nothing.
   *
   * @return those that are for {@link #run}, since they name others
   */
  Collection<Digest> content(Collection<Located> these) throws IOException {
    for (Located each : these) {
      if (each.entry().form().isList() || namesOthers(each)) {
        names.add(each.entry().digest());
      } else {
        copy(each);
      }
    }
    return names;
  }

  private void copyContent(Digest blob) throws IOException {
    if (target.has(blob)) {
      return;
    }
    Located found = bodies.readable(blob);
    if (namesOthers(found)) {
      names.add(blob);
    } else {
      copy(blob, found);
    }
  }

  /** True for all metadata, and whatever begins like a tree; of frames it is seen later. */
  private static boolean namesOthers(Located found) throws IOException {
    return found.entry().form() == Form.VERBATIM
        && found.entry().plain() <= CopyOrder.MAX
        && (isMetadata(found) || isTree(found));
  }

  /** The same of what is stored in frames, by how it begins. */
  private boolean namesOthers(Digest blob, byte[] head) throws IOException {
    return !isOrdered
        && (TreeCodec.isTree(head)
            || (head.length > 0
                && head[0] == '{'
                && source.find(blob, DIRECT).filter(StoreCopy::isMetadata).isPresent()));
  }

  static boolean isMetadata(Located found) {
    return found.place() instanceof PackFile pack
        ? pack.purpose() == Purpose.METADATA
        : Purpose.of(new RelPath(found.place().toString())).equals(Optional.of(Purpose.METADATA));
  }

  static boolean isTree(Located found) throws IOException {
    return TreeCodec.isTree(found.stored(0, (int) Math.min(HEAD, found.entry().stored())));
  }

  /** Copies the first of the blob's copies that is right. */
  private void copy(Digest blob, Located first) throws IOException {
    Located found = first;
    for (boolean done = false; !done; ) {
      try {
        copy(found);
        done = true;
      } catch (StoreException.Corrupt e) {
        found = bodies.instead(blob, found, e);
      }
    }
  }

  private void copy(Located found) throws IOException {
    switch (found.entry().form()) {
      case FRAME -> single(found);
      case VERBATIM -> verbatim(found);
      case CHUNKED, STITCHED -> list(found);
    }
    flushNowAndThen();
  }

  private void flushNowAndThen() throws IOException {
    if (unflushed.get() > step) {
      unflushed.set(0);
      target.flush();
    }
  }

  private void single(Located found) throws IOException {
    byte[] body = found.stored(0, (int) found.entry().stored());
    byte[] plain = found.decode(body);
    found.requireDigest(plain);
    if (namesOthers(found.entry().digest(), plain)) {
      names.add(found.entry().digest());
    } else {
      adoptFrame(found.entry(), body, plain);
    }
  }

  private byte[] frame(Located found) throws IOException {
    byte[] body = found.stored(0, (int) found.entry().stored());
    byte[] plain = found.decode(body);
    found.requireDigest(plain);
    adoptFrame(found.entry(), body, plain);
    return plain;
  }

  private void adoptFrame(Entry entry, byte[] body, byte[] plain) throws IOException {
    if (from == From.A_STORE || entry.variant() < Frames.ENCODER || isOurs(entry, body, plain)) {
      adopt(Purpose.CONTENT, entry, body);
    } else {
      target.put(plain);
      count(body.length);
    }
  }

  private static boolean isOurs(Entry entry, byte[] body, byte[] plain) {
    return entry.variant() == Frames.ENCODER
        && Arrays.equals(Frames.encode(plain, 0, plain.length), body);
  }

  private void verbatim(Located found) throws IOException {
    boolean metadata = isMetadata(found);
    if (found.entry().stored() <= SMALL || metadata) {
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
    if (!stitched && entry.plain() <= CopyOrder.MAX && namesOthers(entry.digest(), head(found))) {
      names.add(entry.digest());
      return;
    }
    Wanted wanted = stitched ? Wanted.frame(entry.variant()) : Wanted.FRAME;
    MessageDigest whole = Digest.sha256();
    PartList.Builder parts = new PartList.Builder();
    for (PartList all = new PartList(found); all.hasNext(); ) {
      PartList.Part part = all.next();
      byte[] bytes = bodies.part(found, part, wanted, chunk -> part(chunk, wanted, stitched));
      if (stitched && bytes.length != part.size()) {
        throw found.corrupt("its parts are not what it names");
      }
      whole.update(bytes);
      parts.add(part.digest(), part.size());
    }
    if (!Digest.fromRaw(whole.digest()).equals(entry.digest()) || parts.total() != entry.plain()) {
      throw found.corrupt("its parts are not what it names");
    }
    target.adopt(Purpose.METADATA, entry, parts.bytes(), parts.length());
    count(parts.length());
  }

  private byte[] head(Located list) throws IOException {
    PartList parts = new PartList(list);
    return parts.hasNext()
        ? bodies.part(list, parts.next(), Wanted.FRAME, Located::decode)
        : new byte[0];
  }

  /** What a part adds to the whole; the part itself is copied if it is not there. */
  private byte[] part(Located chunk, Wanted wanted, boolean stitched) throws IOException {
    boolean there = target.hasNow(chunk.entry().digest(), wanted);
    if (stitched) {
      if (!there) {
        frame(chunk);
      }
      boolean asHere = from == From.A_STRANGER && chunk.entry().variant() == Frames.ENCODER;
      return asHere ? target.frame(chunk.entry().digest()) : chunk.frame();
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
