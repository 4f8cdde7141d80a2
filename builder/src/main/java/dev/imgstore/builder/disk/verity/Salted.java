package dev.imgstore.builder.disk.verity;

import dev.imgstore.model.Bytes;
import dev.imgstore.model.Digest;
import java.security.MessageDigest;
import java.util.Arrays;

/**
 * SHA-256 of a salt and a block, as version 1 of the format has it (hash type 1: the salt comes
 * first).
 */
record Salted(Bytes salt) {
  /** Bytes of a block, of data and of hashes. */
  static final int BLOCK = 4096;

  /** Bytes of a hash. */
  static final int HASH = Digest.BYTES;

  /** Hashes in a block of hashes. */
  static final int FANOUT = BLOCK / HASH;

  /** The hash of one block. */
  byte[] hash(byte[] bytes, int from) {
    MessageDigest hash = Digest.sha256();
    hash.update(salt.toArray());
    hash.update(bytes, from, BLOCK);
    return hash.digest();
  }

  /** A block of the hashes of the first blocks of these bytes, zero behind the last one. */
  byte[] hashes(byte[] bytes, int count) {
    byte[] block = new byte[BLOCK];
    for (int i = 0; i < count; i++) {
      System.arraycopy(hash(bytes, i * BLOCK), 0, block, i * HASH, HASH);
    }
    return block;
  }

  /** A block of so many times the hash of a block of zeros. */
  byte[] hashesOfZeros(int count) {
    byte[] one = hash(new byte[BLOCK], 0);
    byte[] block = new byte[BLOCK];
    for (int i = 0; i < count; i++) {
      System.arraycopy(one, 0, block, i * HASH, HASH);
    }
    return block;
  }

  /** The blocks of hashes one level above: as many as it takes. */
  byte[] above(byte[] level) {
    int count = level.length / BLOCK;
    byte[] all = new byte[(count + FANOUT - 1) / FANOUT * BLOCK];
    for (int i = 0; i < count; i++) {
      System.arraycopy(hash(level, i * BLOCK), 0, all, i * HASH, HASH);
    }
    return all;
  }

  /** Bytes of whole blocks of hashes. */
  static byte[] padded(byte[] hashes, int count) {
    return Arrays.copyOf(hashes, (count + FANOUT - 1) / FANOUT * BLOCK);
  }
}
