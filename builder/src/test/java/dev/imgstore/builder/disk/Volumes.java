package dev.imgstore.builder.disk;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.Digest;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.Random;

/** Volumes of tests, and what becomes of them; all keep watch over order and bounds. */
public final class Volumes {
  /** The seed of what is made in tests. */
  public static final Digest SEED = Digest.of(new byte[] {1});

  /** Another one. */
  public static final Digest OTHER_SEED = Digest.of(new byte[] {2});

  private Volumes() {}

  /** Bytes that no compressor makes shorter, the same ones each time. */
  public static byte[] noise(int seed, int length) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  /** All bytes. */
  public static byte[] bytes(Volume volume) throws IOException {
    byte[] all = new byte[Math.toIntExact(volume.size())];
    watch(
        volume,
        (offset, bytes, from, length) -> System.arraycopy(bytes, from, all, (int) offset, length));
    return all;
  }

  /** Writes a sparse file. */
  public static void toFile(Volume volume, Path file) throws IOException {
    try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
      out.setLength(volume.size());
      watch(
          volume,
          (offset, bytes, from, length) -> {
            out.seek(offset);
            out.write(bytes, from, length);
          });
    }
  }

  /** Hands everything on and fails on what a volume must not do. */
  private static void watch(Volume volume, VolumeSink sink) throws IOException {
    long[] next = {0};
    volume.writeTo(
        (offset, bytes, from, length) -> {
          assertTrue(offset >= next[0], () -> offset + " comes before " + next[0]);
          next[0] = offset + length;
          assertTrue(next[0] <= volume.size(), () -> next[0] + " is over " + volume.size());
          sink.write(offset, bytes, from, length);
        });
  }
}
