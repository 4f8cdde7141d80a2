package dev.imgstore.builder.pack.deflate;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Random;
import java.util.zip.DataFormatException;
import java.util.zip.GZIPInputStream;
import java.util.zip.Inflater;

/**
 * Inputs of several kinds, the same on every run and JDK (the generator's algorithm is specified),
 * and the JDK as the judge of what came out.
 */
final class Samples {
  private Samples() {}

  static byte[] random(int length, long seed) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  /** Words of a small language, the common ones often, in lines. */
  static byte[] text(int length, long seed) {
    Random random = new Random(seed);
    String[] words = new String[2000];
    for (int i = 0; i < words.length; i++) {
      StringBuilder word = new StringBuilder();
      for (int letters = 2 + random.nextInt(8); letters > 0; letters--) {
        word.append((char) ('a' + random.nextInt(1 + random.nextInt(26))));
      }
      words[i] = word.toString();
    }
    StringBuilder text = new StringBuilder(length + 20);
    while (text.length() < length) {
      text.append(words[random.nextInt(1 + random.nextInt(words.length))]);
      text.append(random.nextInt(12) == 0 ? '\n' : ' ');
    }
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) text.charAt(i);
    }
    return bytes;
  }

  /** Records of sixteen bytes: a counter, a small number, a constant and some noise. */
  static byte[] records(int length, long seed) {
    Random random = new Random(seed);
    byte[] bytes = new byte[length];
    for (int at = 0; at < length; at++) {
      int field = at & 15;
      int counter = at >> 4;
      if (field < 4) {
        bytes[at] = (byte) (counter >>> (8 * field));
      } else if (field == 4) {
        bytes[at] = (byte) random.nextInt(10);
      } else if (field == 15) {
        bytes[at] = (byte) random.nextInt();
      }
    }
    return bytes;
  }

  /** Stretches of every kind, and stretches copied from far and near. */
  static byte[] mixed(int length, long seed) {
    Random random = new Random(seed);
    byte[] bytes = new byte[length];
    int at = 0;
    while (at < length) {
      int stretch = Math.min(length - at, 1 + random.nextInt(1 + random.nextInt(60_000)));
      int kind = random.nextInt(5);
      if (kind == 4 && at > 0) {
        int distance = 1 + random.nextInt(Math.min(at, 40_000));
        for (int i = 0; i < stretch; i++) {
          bytes[at + i] = bytes[at + i - distance];
        }
      } else {
        byte[] fresh = stretch(kind, stretch, random.nextLong());
        System.arraycopy(fresh, 0, bytes, at, stretch);
      }
      at += stretch;
    }
    return bytes;
  }

  private static byte[] stretch(int kind, int length, long seed) {
    if (kind == 0) {
      return random(length, seed);
    }
    if (kind == 1) {
      return text(length, seed);
    }
    return kind == 2 ? records(length, seed) : new byte[length];
  }

  static byte[] inflated(byte[] deflated) {
    return inflated(new Inflater(true), deflated);
  }

  static byte[] inflated(Inflater inflater, byte[] deflated) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] buffer = new byte[1 << 16];
    inflater.setInput(deflated);
    try {
      while (!inflater.finished()) {
        int count = inflater.inflate(buffer);
        if (count == 0 && !inflater.finished()) {
          throw new AssertionError("the stream ends too early");
        }
        out.write(buffer, 0, count);
      }
      if (inflater.getRemaining() != 0) {
        throw new AssertionError(inflater.getRemaining() + " bytes follow the stream");
      }
    } catch (DataFormatException e) {
      throw new AssertionError(e);
    } finally {
      inflater.end();
    }
    return out.toByteArray();
  }

  static byte[] gunzipped(byte[] member) throws IOException {
    try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(member))) {
      return in.readAllBytes();
    }
  }
}
