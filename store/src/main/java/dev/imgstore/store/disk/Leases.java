package dev.imgstore.store.disk;

import dev.imgstore.model.Digest;
import dev.imgstore.model.RelPath;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Collection;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What this open store relies on and no generation may name yet (law 3): blobs it was told of, and
 * segments it published. Each is appended to {@code leases} in the store's directory below {@code
 * tmp/}, before it is answered for or published, and ends with that directory: when the store is
 * closed, or its process has died. Nothing is synced, since a power cut ends the process as well.
 * Safe for many threads.
 */
final class Leases implements Closeable {
  /** In the directory of {@link Scratch}, beside {@code owner}. */
  static final String FILE = "leases";

  /** One byte of kind and 32 of digest, or of the hash in a segment's name. */
  static final int RECORD = 1 + Digest.BYTES;

  /** Kind of a blob with all it reaches; a segment's kind is the number of its purpose. */
  static final int BLOB = 0;

  private final Filesystem files;
  private final Scratch scratch;
  private final Gate gate;
  private final Set<Digest> held = ConcurrentHashMap.newKeySet();
  private final Set<RelPath> published = ConcurrentHashMap.newKeySet();
  private @Nullable OutputStream out;
  private @Nullable IOException broken;

  Leases(Filesystem files, Scratch scratch, Gate gate) {
    this.files = files;
    this.scratch = scratch;
    this.gate = gate;
  }

  /** Finds a blob only in a segment that is there at the moment of the search. */
  interface Search {
    Optional<Located> run() throws IOException;
  }

  /** What the search finds, leased with all that it reaches. */
  Optional<Located> find(Digest blob, Search search) throws IOException {
    while (true) {
      long before = opened();
      Optional<Located> found = search.run();
      if (found.isEmpty() || holds(blob, found.get().place(), before)) {
        return found;
      }
    }
  }

  /** False if segments may have been removed since before the search. */
  private boolean holds(Digest blob, Place where, long before) throws IOException {
    if (held.contains(blob)
        || (where instanceof Segment segment && published.contains(segment.file()))) {
      return true;
    }
    append(BLOB, blob.raw());
    if (gate.isStill(before)) {
      held.add(blob);
      return true;
    }
    gate.pass();
    return false;
  }

  /** Leases segments that are about to get these names, and all that is in them. */
  void publish(Collection<RelPath> names) throws IOException {
    long before = opened();
    for (RelPath each : names) {
      Purpose purpose = Purpose.of(each).orElseThrow();
      append(purpose.number(), HexFormat.of().parseHex(purpose.hash(each)));
      published.add(each);
    }
    if (!gate.isStill(before)) {
      gate.pass(); // a collection may be removing an equal segment; it is through now
    }
  }

  private long opened() throws IOException {
    gate.open();
    return gate.number();
  }

  private synchronized void append(int kind, byte[] raw) throws IOException {
    OutputStream to = out;
    if (broken != null) { // a part of a record may be there, and all after it would be misread
      throw new IOException(
          "an earlier lease could not be written: " + broken.getMessage(), broken);
    }
    if (to == null) {
      gate.open();
      to = files.create(scratch.file(FILE));
      out = to;
    }
    byte[] record = new byte[RECORD];
    record[0] = (byte) kind;
    System.arraycopy(raw, 0, record, 1, raw.length);
    try {
      to.write(record); // in one piece, so that nobody reads half of it as another
    } catch (IOException e) {
      broken = e;
      throw e;
    }
  }

  @Override
  public synchronized void close() throws IOException {
    OutputStream to = out;
    if (to != null) {
      to.close();
    }
  }
}
