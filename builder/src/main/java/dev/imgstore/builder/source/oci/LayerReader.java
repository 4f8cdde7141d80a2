package dev.imgstore.builder.source.oci;

import dev.imgstore.builder.tar.Decompression;
import dev.imgstore.builder.tar.HeldNames;
import dev.imgstore.builder.tar.HostileArchive;
import dev.imgstore.builder.tar.TarEntry;
import dev.imgstore.builder.tar.TarReader;
import dev.imgstore.builder.tar.UnpackLimits;
import dev.imgstore.model.Digest;
import dev.imgstore.store.BlobStore;
import java.io.IOException;
import java.io.InputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;

/**
 * What is in a layer by itself: its files are stored, its entries listed, nothing is said of what
 * lies below. Safe for many threads.
 */
final class LayerReader {
  private static final Decompression.Bounds BOUNDS =
      new Decompression.Bounds(64L << 30, 1000, 1L << 30);

  private static final Digest NOTHING = Digest.of(new byte[0]);

  private final BlobStore blobs;

  LayerReader(BlobStore blobs) {
    this.blobs = blobs;
  }

  /**
   * An entry whose bytes are stored.
   *
   * @param content of a file
   */
  record Taken(TarEntry entry, Digest content) {}

  /**
   * A layer that was read to its end.
   *
   * @param tar what it is without its compression
   * @param entries in their order
   */
  record Contents(Digest tar, List<Taken> entries) {
    /** Takes the list over: it may be long. */
    Contents {
      entries = Collections.unmodifiableList(entries);
    }
  }

  /** For what is kept in memory. */
  interface Room {
    /** Asked before an entry is kept; may refuse. */
    void take(TarEntry entry) throws IOException;

    /** Asked now and then whether to go on, by any thread; fails if not. */
    default void goOn() throws IOException {}
  }

  /**
   * Reads one.
   *
   * @param name for people
   * @param blob compressed or not
   */
  Contents read(String name, Digest blob) throws IOException {
    MessageDigest hash = sha256();
    HeldNames held = new HeldNames(name);
    try (InputStream plain = open(name, blob)) {
      return read(name, new DigestInputStream(plain, hash), hash, entry -> held.add(entry, 0));
    }
  }

  /**
   * Reads one with two threads: it is decompressed in one, taken apart in this one.
   *
   * @param pool has a thread for it now
   */
  Contents read(String name, Digest blob, Executor pool, Room room) throws IOException {
    MessageDigest hash = sha256();
    try (InputStream plain = new ReadAhead(() -> open(name, blob), hash, room, pool)) {
      return read(name, plain, hash, room);
    }
  }

  private InputStream open(String name, Digest blob) throws IOException {
    InputStream packed = blobs.open(blob);
    try {
      return Decompression.detect(name, packed, BOUNDS);
    } catch (Throwable e) {
      packed.close();
      throw e;
    }
  }

  private Contents read(String name, InputStream plain, MessageDigest hash, Room room)
      throws IOException {
    List<Taken> taken = new ArrayList<>();
    try (TarReader reader = new TarReader(name, plain)) {
      for (Optional<TarEntry> next = reader.next(); next.isPresent(); next = reader.next()) {
        TarEntry entry = next.get();
        if (taken.size() >= UnpackLimits.MOST_ENTRIES) {
          throw new HostileArchive(name, "", "the image has too many entries");
        }
        room.take(entry);
        boolean file = entry.kind() == TarEntry.Kind.FILE;
        taken.add(new Taken(entry, file ? blobs.put(reader.content()) : NOTHING));
      }
    }
    return new Contents(Digest.fromRaw(hash.digest()), taken);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e); // every Java has it
    }
  }
}
