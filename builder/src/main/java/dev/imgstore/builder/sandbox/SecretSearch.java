package dev.imgstore.builder.sandbox;

import dev.imgstore.model.Bytes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;

/** Looks for the values of secrets in bytes that come in pieces. For one thread. */
final class SecretSearch {
  private final List<String> names = new ArrayList<>();
  private final List<byte[]> values = new ArrayList<>();
  private byte[] tail = new byte[0];
  private String found = "";
  private int longest;

  SecretSearch(SortedMap<String, Bytes> secrets) {
    secrets.forEach(
        (name, value) -> {
          byte[] bytes = stripped(value.toArray());
          if (bytes.length > 0) {
            names.add(name);
            values.add(bytes);
            longest = Math.max(longest, bytes.length);
          }
        });
  }

  /** A file of a secret often ends with a line break that is none of its own. */
  private static byte[] stripped(byte[] value) {
    int end = value.length;
    while (end > 0 && (value[end - 1] == '\n' || value[end - 1] == '\r')) {
      end--;
    }
    return Arrays.copyOf(value, end);
  }

  /** The name of the first secret that was found; empty if none was. */
  String found() {
    return found;
  }

  /** Looks at the next bytes. */
  void see(byte[] bytes, int offset, int count) {
    if (values.isEmpty() || !found.isEmpty()) {
      return;
    }
    byte[] all = Arrays.copyOf(tail, tail.length + count);
    System.arraycopy(bytes, offset, all, tail.length, count);
    for (int i = 0; i < values.size(); i++) {
      if (contains(all, values.get(i))) {
        found = names.get(i);
        return;
      }
    }
    int keep = Math.min(all.length, longest - 1);
    tail = Arrays.copyOfRange(all, all.length - keep, all.length);
  }

  private static boolean contains(byte[] all, byte[] value) {
    int last = all.length - value.length;
    for (int at = 0; at <= last; at++) {
      if (all[at] == value[0]
          && Arrays.equals(all, at, at + value.length, value, 0, value.length)) {
        return true;
      }
    }
    return false;
  }
}
