package dev.imgstore.store.disk;

import dev.imgstore.model.Digest;
import dev.imgstore.store.Frames;
import dev.imgstore.store.StoreException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** One stored form of a blob and where it lies. */
record Located(Place place, Entry entry) {
  /** The stored bytes of a frame or a small part of a body, unchecked. */
  byte[] stored(long from, int length) throws IOException {
    byte[] bytes = new byte[length];
    place.read(entry.offset() + from, ByteBuffer.wrap(bytes));
    return bytes;
  }

  /** All stored bytes of a frame, held against their checksum. */
  byte[] frame() throws IOException {
    byte[] bytes = stored(0, (int) entry.stored());
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    if ((int) crc.getValue() != entry.crc()) {
      throw corrupt("its stored bytes have another checksum");
    }
    return bytes;
  }

  /** The bytes of a frame's blob; whoever takes them hashes them. */
  byte[] decode() throws IOException {
    return decode(stored(0, (int) entry.stored()));
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
    byte[] bytes =
        entry.form() == Form.FRAME ? decode() : stored(0, Math.toIntExact(entry.stored()));
    if (!Digest.of(bytes).equals(entry.digest())) {
      throw corrupt("its bytes hash to another digest");
    }
    return bytes;
  }

  StoreException.Corrupt corrupt(String fault) {
    return new StoreException.Corrupt(entry.digest() + " in " + place, fault);
  }
}
