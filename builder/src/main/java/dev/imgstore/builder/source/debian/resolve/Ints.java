package dev.imgstore.builder.source.debian.resolve;

import java.util.Arrays;

/** A growing list of numbers without an object for each. */
final class Ints {
  private int[] values;
  private int size;

  Ints(int capacity) {
    values = new int[capacity];
  }

  int size() {
    return size;
  }

  int get(int at) {
    return values[at];
  }

  void set(int at, int value) {
    values[at] = value;
  }

  void add(int value) {
    if (size == values.length) {
      values = Arrays.copyOf(values, Math.max(16, size * 2));
    }
    values[size++] = value;
  }

  int removeLast() {
    return values[--size];
  }

  boolean contains(int value) {
    for (int i = 0; i < size; i++) {
      if (values[i] == value) {
        return true;
      }
    }
    return false;
  }

  void clear() {
    size = 0;
  }

  int[] toArray() {
    return Arrays.copyOf(values, size);
  }
}
