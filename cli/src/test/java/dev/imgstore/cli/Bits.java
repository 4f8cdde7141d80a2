package dev.imgstore.cli;

import dev.imgstore.model.Digest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Damages files, and copies whole stores. */
final class Bits {
  private Bits() {}

  /** Stored bytes of a blob in a segment. */
  record Body(Path segment, long at, long length) {}

  /** Where a store keeps a blob, by the footers of its segments. */
  static Body body(Path store, byte[] content) throws IOException {
    return body(store, Digest.of(content));
  }

  /** The same by its name. */
  static Body body(Path store, Digest blob) throws IOException {
    return bodies(store, blob).get(0);
  }

  /** All there are. */
  static List<Body> bodies(Path store, Digest blob) throws IOException {
    byte[] digest = blob.raw();
    List<Body> bodies = new ArrayList<>();
    for (Path each : files(store.resolve("segments"))) {
      ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(each));
      int trailer = bytes.limit() - 64;
      for (int at = (int) bytes.getLong(trailer); at < trailer; at += 64) {
        byte[] name = new byte[digest.length];
        bytes.get(at, name);
        if (Arrays.equals(name, digest)) {
          bodies.add(new Body(each, bytes.getLong(at + 40), bytes.getLong(at + 48)));
        }
      }
    }
    if (bodies.isEmpty()) {
      throw new AssertionError("no segment holds " + blob);
    }
    return bodies;
  }

  /** Turns these bits of a byte. */
  static void flip(Path file, long at, int bits) throws IOException {
    set(file, at, new byte[] {(byte) (get(file, at) ^ bits)});
  }

  /** Puts bytes in the place of others. */
  static void set(Path file, long at, byte[] bytes) throws IOException {
    file.toFile().setWritable(true);
    try (SeekableByteChannel channel = Files.newByteChannel(file, StandardOpenOption.WRITE)) {
      channel.position(at).write(ByteBuffer.wrap(bytes));
    }
  }

  /** Zeros from here on. */
  static void zero(Path file, long at, int length) throws IOException {
    set(file, at, new byte[length]);
  }

  private static byte get(Path file, long at) throws IOException {
    try (SeekableByteChannel channel = Files.newByteChannel(file)) {
      ByteBuffer one = ByteBuffer.allocate(1);
      channel.position(at).read(one);
      return one.get(0);
    }
  }

  /** Every regular file of a directory, sorted. */
  static List<Path> files(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      return files
          .filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
          .sorted()
          .toList();
    }
  }

  /** Removes a directory and all in it. */
  static void remove(Path directory) throws IOException {
    if (Files.exists(directory)) {
      try (Stream<Path> files = Files.walk(directory)) {
        for (Path each : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(each);
        }
      }
    }
  }

  /** Copies a directory to a name not taken, or in place of what is there. */
  static void copy(Path from, Path to) throws IOException {
    remove(to);
    try (Stream<Path> files = Files.walk(from)) {
      for (Path each : files.toList()) {
        Files.copy(each, to.resolve(from.relativize(each).toString()));
      }
    }
  }
}
