package dev.imgstore.store.disk;

import dev.imgstore.model.Digest;
import dev.imgstore.store.Frames;
import dev.imgstore.store.StoreException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** One stored form of a blob and where it lies. */
record Located(Place place, Entry entry) {
  private static final int SLICE = 64 << 10;

  /** The stored bytes of a frame or a small part of a body, unchecked. */
  byte[] stored(long from, int length) throws IOException {
    byte[] bytes = new byte[length];
    place.read(entry, from, ByteBuffer.wrap(bytes));
    return bytes;
  }

  /** All stored bytes of a frame, held against their checksum. */
  byte[] frame() throws IOException {
    byte[] bytes = stored(0, (int) entry.stored());
    if (!isIntact(bytes)) {
      throw corrupt("its stored bytes have another checksum");
    }
    return bytes;
  }

  /** True if the stored bytes are those that the checksum is of; they are read in slices. */
  boolean isIntact() throws IOException {
    CRC32C crc = new CRC32C();
    for (long at = 0; at < entry.stored(); at += SLICE) {
      crc.update(stored(at, (int) Math.min(SLICE, entry.stored() - at)));
    }
    return (int) crc.getValue() == entry.crc();
  }

  /** True if these are the stored bytes that the checksum is of. */
  boolean isIntact(byte[] stored) {
    CRC32C crc = new CRC32C();
    crc.update(stored);
    return (int) crc.getValue() == entry.crc();
  }

  /** As {@link #isIntact(byte[])}, of what is left in a buffer, which stays as it is. */
  boolean isIntact(ByteBuffer stored) {
    CRC32C crc = new CRC32C();
    crc.update(stored.duplicate());
    return (int) crc.getValue() == entry.crc();
  }

  /**
   * The bytes of a frame's blob: either the frame is what was stored, or the bytes hash to the
   * digest. Whoever takes them hashes them with the rest.
   */
  byte[] decode() throws IOException {
    byte[] frame = stored(0, (int) entry.stored());
    byte[] plain = decode(frame);
    if (!isIntact(frame)) {
      requireDigest(plain);
    }
    return plain;
  }

  byte[] decode(byte[] frame) throws StoreException.Corrupt {
    try {
      return Frames.decode(frame, (int) entry.plain());
    } catch (IllegalArgumentException e) {
      throw corrupt(String.valueOf(e.getMessage()));
    }
  }

  /** The bytes of a blob that is a frame, or of a small one kept verbatim; hashed. */
  byte[] verified() throws IOException {
    byte[] stored = stored(0, Math.toIntExact(entry.stored()));
    byte[] bytes = entry.form() == Form.FRAME ? decode(stored) : stored;
    requireDigest(bytes);
    return bytes;
  }

  /**
   * As {@link #verified}, into an array.
   *
   * @param frames room for stored bytes, which grows
   */
  void verified(byte[] target, int offset, Room frames) throws IOException {
    int size = Math.toIntExact(entry.plain());
    if (entry.form() == Form.FRAME) {
      decode(target, offset, frames);
    } else {
      place.read(entry, 0, ByteBuffer.wrap(target, offset, size));
    }
    requireDigest(target, offset, size);
  }

  /** As {@link #decode()}, into an array. */
  void decoded(byte[] target, int offset, Room frames) throws IOException {
    byte[] frame = decode(target, offset, frames);
    CRC32C crc = new CRC32C();
    crc.update(frame, 0, (int) entry.stored());
    if ((int) crc.getValue() != entry.crc()) {
      requireDigest(target, offset, (int) entry.plain());
    }
  }

  private byte[] decode(byte[] target, int offset, Room frames) throws IOException {
    int stored = Math.toIntExact(entry.stored());
    byte[] frame = frames.of(stored);
    place.read(entry, 0, ByteBuffer.wrap(frame, 0, stored));
    try {
      Frames.decode(frame, 0, stored, target, offset, (int) entry.plain());
      return frame;
    } catch (IllegalArgumentException e) {
      throw corrupt(String.valueOf(e.getMessage()));
    }
  }

  private void requireDigest(byte[] plain, int offset, int length) throws StoreException.Corrupt {
    if (!Digest.of(plain, offset, length).equals(entry.digest())) {
      throw corrupt("its bytes hash to another digest");
    }
  }

  void requireDigest(byte[] plain) throws StoreException.Corrupt {
    if (!Digest.of(plain).equals(entry.digest())) {
      throw corrupt("its bytes hash to another digest");
    }
  }

  /** See {@link Place#distrust}. */
  boolean distrust() {
    return place.distrust(entry);
  }

  StoreException.Corrupt corrupt(String fault) {
    return new StoreException.Corrupt(entry.digest() + " in " + place, fault);
  }
}
