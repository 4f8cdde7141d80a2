package dev.imgstore.store.disk;

import dev.imgstore.model.Digest;
import dev.imgstore.store.Frames;
import dev.imgstore.store.StoreException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.DigestException;
import java.security.MessageDigest;
import java.util.zip.CRC32C;

/**
 * Holds bodies against their checksums and digests. It reads many at once, and keeps the room it
 * needs from one to the next. For one thread at a time.
 */
final class BodyCheck {
  /** Stored bytes that are read at once; a longer body is read in such slices. */
  static final int WINDOW = 1 << 20;

  private final byte[] window = new byte[WINDOW];
  private final byte[] plain = new byte[Frames.MAX_PLAIN];
  private final byte[] digest = new byte[Digest.BYTES];
  private final MessageDigest hash = Digest.sha256();
  private final MessageDigest whole = Digest.sha256();
  private final CRC32C crc = new CRC32C();

  /** Gets what is wrong. */
  interface Faults {
    void find(Located located, IOException fault);
  }

  /** Bodies at these places in order, which lie in a window's length. */
  void check(CheckedSegment in, int from, int to, Faults faults) {
    long start = in.offset(in.number(from));
    long end = start;
    for (int i = from; i < to; i++) {
      end = Math.max(end, in.offset(in.number(i)) + in.stored(in.number(i)));
    }
    try {
      read(in, start, (int) (end - start));
    } catch (IOException e) {
      one(in, from, to, faults);
      return;
    }
    for (int i = from; i < to; i++) {
      int number = in.number(i);
      try {
        check(in, number, (int) (in.offset(number) - start));
      } catch (IOException e) {
        faults.find(in.located(number), e);
      }
    }
  }

  /** One by one, because somewhere the disk cannot read. */
  private void one(CheckedSegment in, int from, int to, Faults faults) {
    for (int i = from; i < to; i++) {
      int number = in.number(i);
      try {
        read(in, in.offset(number), (int) in.stored(number));
        check(in, number, 0);
      } catch (IOException e) {
        faults.find(in.located(number), e);
      }
    }
  }

  private void read(CheckedSegment in, long offset, int length) throws IOException {
    in.segment().raw(offset, ByteBuffer.wrap(window, 0, length));
  }

  private void check(CheckedSegment in, int number, int at) throws IOException {
    int stored = (int) in.stored(number);
    crc.reset();
    crc.update(window, at, stored);
    if ((int) crc.getValue() != in.crc(number)) {
      throw in.located(number).corrupt("its stored bytes have another checksum");
    }
    hash.reset(); // a body that was wrong may have left a part of itself there
    if (in.form(number) == Form.FRAME) {
      decode(in, number, at);
      hash.update(plain, 0, (int) in.plain(number));
    } else {
      hash.update(window, at, stored);
    }
    requireDigest(in, number, hash);
  }

  private void decode(CheckedSegment in, int number, int at) throws StoreException.Corrupt {
    try {
      Frames.decode(window, at, (int) in.stored(number), plain, (int) in.plain(number));
    } catch (IllegalArgumentException e) {
      throw in.located(number).corrupt(String.valueOf(e.getMessage()));
    }
  }

  private void requireDigest(CheckedSegment in, int number, MessageDigest of)
      throws StoreException.Corrupt {
    if (!in.isOf(number, finish(of))) {
      throw in.located(number).corrupt("its bytes hash to another digest");
    }
  }

  private byte[] finish(MessageDigest of) {
    try {
      of.digest(digest, 0, digest.length);
      return digest;
    } catch (DigestException e) {
      throw new AssertionError("there is room for it", e);
    }
  }

  /** A body longer than a window, which is the blob itself. */
  void checkLong(CheckedSegment in, int number) throws IOException {
    hash.reset();
    checkSlices(in, number, hash);
    requireDigest(in, number, hash);
  }

  /** The checksum of a list as it is stored. */
  void checkListed(CheckedSegment in, int number) throws IOException {
    hash.reset();
    checkSlices(in, number, hash);
    hash.reset();
  }

  private void checkSlices(CheckedSegment in, int number, MessageDigest of) throws IOException {
    crc.reset();
    long stored = in.stored(number);
    for (long at = 0; at < stored; at += WINDOW) {
      int length = (int) Math.min(WINDOW, stored - at);
      read(in, in.offset(number) + at, length);
      crc.update(window, 0, length);
      of.update(window, 0, length);
    }
    if ((int) crc.getValue() != in.crc(number)) {
      throw in.located(number).corrupt("its stored bytes have another checksum");
    }
  }

  /** Begins a blob that consists of several chunks. */
  void begin() {
    whole.reset();
  }

  /**
   * The next chunk, which has this size.
   *
   * @param verified true if the chunk itself was held against its digest already
   * @return true if it is right by itself
   */
  boolean add(Located list, Located chunk, int size, boolean verified) throws IOException {
    Entry entry = chunk.entry();
    int stored = (int) entry.stored();
    chunk.place().read(entry, 0, ByteBuffer.wrap(window, 0, stored));
    crc.reset();
    crc.update(window, 0, stored);
    if ((int) crc.getValue() != entry.crc()) {
      throw chunk.corrupt("its stored bytes have another checksum");
    }
    if (entry.plain() != size) {
      throw list.corrupt("its part " + entry.digest() + " has another size");
    }
    try {
      Frames.decode(window, 0, stored, plain, size);
    } catch (IllegalArgumentException e) {
      throw chunk.corrupt(String.valueOf(e.getMessage()));
    }
    whole.update(plain, 0, size);
    if (verified) {
      return false;
    }
    hash.reset();
    hash.update(plain, 0, size);
    return Digest.fromRaw(finish(hash)).equals(entry.digest());
  }

  /** Ends the blob: its chunks in a row must hash to its digest. */
  void end(CheckedSegment in, int number) throws StoreException.Corrupt {
    requireDigest(in, number, whole);
  }
}
