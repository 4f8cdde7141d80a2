package dev.imgstore.builder.disk.ext4;

import dev.imgstore.model.Bytes;
import java.util.UUID;

/**
 * The order of names in a hashed directory: "half MD4" of unsigned bytes
 * (Documentation/filesystems/ext4/directory.rst, "Hash Tree Directories"): the three rounds of MD4
 * (RFC 1320), each with 8 of its 16 steps, over 32 bytes of the name at a time.
 */
final class NameHash {
  /** Its number in the superblock and in a directory's root. */
  static final int HALF_MD4 = 1;

  private static final int WORDS = 8;
  private static final int ROUND_2 = 0x5A827999;
  private static final int ROUND_3 = 0x6ED9EBA1;

  /**
   * Marks the end while a directory is read; a name that hashes to it is taken as the one before.
   */
  private static final int END = 0x7fffffff << 1;

  private final int[] seed;

  NameHash(UUID seed) {
    byte[] raw = Structure.bytes(seed);
    this.seed = new int[4];
    for (int i = 0; i < 4; i++) {
      this.seed[i] = Structure.wrap(raw).getInt(4 * i);
    }
  }

  /** The hash; its lowest bit is 0, and means something else in an index. */
  int of(Bytes name) {
    int[] state = seed.clone();
    int[] words = new int[WORDS];
    int at = 0;
    do {
      fill(words, name, at);
      mix(state, words);
      at += 4 * WORDS;
    } while (at < name.length());
    int hash = state[1] & ~1;
    return hash == END ? END - 2 : hash;
  }

  /**
   * The next 32 bytes as big-endian words, what is missing filled with the number of bytes that are
   * left.
   */
  private static void fill(int[] words, Bytes name, int at) {
    int left = name.length() - at;
    int pad = left | left << 8;
    pad |= pad << 16;
    int some = Math.min(left, 4 * WORDS);
    for (int word = 0; word < WORDS; word++) {
      int value = pad;
      for (int i = 4 * word; i < Math.min(some, 4 * word + 4); i++) {
        value = (name.at(at + i) & 0xff) + (value << 8);
      }
      words[word] = value;
    }
  }

  private static void mix(int[] state, int[] in) {
    int[] s = state.clone();
    for (int i = 0; i < 8; i++) {
      step(s, ((s[2] ^ s[3]) & s[1]) ^ s[3], in[i], new int[] {3, 7, 11, 19}[i & 3]);
    }
    for (int i = 0; i < 8; i++) {
      int word = i < 4 ? 2 * i + 1 : 2 * (i - 4);
      step(
          s,
          (s[1] & s[2]) + ((s[1] ^ s[2]) & s[3]),
          in[word] + ROUND_2,
          new int[] {3, 5, 9, 13}[i & 3]);
    }
    for (int i = 0; i < 8; i++) {
      int word = 3 - (i >> 1) + 4 * (i & 1);
      step(s, s[1] ^ s[2] ^ s[3], in[word] + ROUND_3, new int[] {3, 9, 11, 15}[i & 3]);
    }
    for (int i = 0; i < 4; i++) {
      state[i] += s[i];
    }
  }

  /** One step; the four numbers change places, so that the next one is again the first. */
  private static void step(int[] s, int chosen, int word, int shift) {
    int changed = Integer.rotateLeft(s[0] + chosen + word, shift);
    s[0] = s[3];
    s[3] = s[2];
    s[2] = s[1];
    s[1] = changed;
  }
}
