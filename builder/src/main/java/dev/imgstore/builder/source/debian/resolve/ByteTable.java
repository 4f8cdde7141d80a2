package dev.imgstore.builder.source.debian.resolve;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;

/**
 * Byte strings, each with a small number, in the order they were first seen. An index repeats its
 * names and versions hundreds of thousands of times; here each is kept once and no object is made
 * until one is asked for.
 */
final class ByteTable {
  private byte[] pool = new byte[1 << 16];
  private int[] starts = new int[1 << 10];
  private int[] slots = new int[1 << 12];
  private int size;
  private String[] texts = new String[0];

  /** How many strings there are. */
  int size() {
    return size;
  }

  /** The number of a string, which is added if it is new. */
  int add(byte[] bytes, int from, int to) {
    int slot = slot(bytes, from, to);
    if (slots[slot] != 0) {
      return slots[slot] - 1;
    }
    int length = to - from;
    int start = starts[size];
    if (start + length > pool.length) {
      pool = Arrays.copyOf(pool, Math.max(pool.length * 2, start + length));
    }
    System.arraycopy(bytes, from, pool, start, length);
    if (size + 2 > starts.length) {
      starts = Arrays.copyOf(starts, starts.length * 2);
    }
    starts[size + 1] = start + length;
    slots[slot] = ++size;
    if (size * 2 > slots.length) {
      rehash();
    }
    return size - 1;
  }

  /** The number of a string, which is added if it is new. */
  int add(String text) {
    byte[] bytes = text.getBytes(UTF_8);
    return add(bytes, 0, bytes.length);
  }

  /** The number of a string, or -1 if it was never added. */
  int find(String text) {
    byte[] bytes = text.getBytes(UTF_8);
    return slots[slot(bytes, 0, bytes.length)] - 1;
  }

  /** The string of that number. */
  String text(int number) {
    if (texts.length <= number) {
      texts = Arrays.copyOf(texts, starts.length);
    }
    String text = texts[number];
    if (text == null) {
      text = new String(pool, starts[number], starts[number + 1] - starts[number], UTF_8);
      texts[number] = text;
    }
    return text;
  }

  private int slot(byte[] bytes, int from, int to) {
    int hash = 0;
    for (int i = from; i < to; i++) {
      hash = hash * 31 + bytes[i];
    }
    int mask = slots.length - 1;
    int slot = (hash ^ (hash >>> 15)) & mask;
    while (slots[slot] != 0 && !equal(slots[slot] - 1, bytes, from, to)) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  private boolean equal(int number, byte[] bytes, int from, int to) {
    return Arrays.equals(pool, starts[number], starts[number + 1], bytes, from, to);
  }

  private void rehash() {
    slots = new int[slots.length * 2];
    for (int i = 0; i < size; i++) {
      slots[slot(pool, starts[i], starts[i + 1])] = i + 1;
    }
  }
}
