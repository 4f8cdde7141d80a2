package dev.imgstore.store.disk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.github.luben.zstd.ZstdInputStream;
import dev.imgstore.model.Digest;
import dev.imgstore.store.CheckReport;
import dev.imgstore.store.Cutter;
import dev.imgstore.store.FrameStore.Chunk;
import dev.imgstore.store.Transaction;
import dev.imgstore.testkit.MemoryFilesystem;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class BlobProperties {
  /** What a failure prints, and the bytes it stands for: text, noise or zeros. */
  record Sample(int length, int kind, int seed) {
    byte[] bytes() {
      if (kind == 0) {
        return Samples.text(seed, length);
      }
      byte[] bytes = new byte[length];
      if (kind == 1) {
        new Random(seed).nextBytes(bytes);
      }
      return bytes;
    }
  }

  /** A few blobs: empty, small, around the limit of a chunk, and of several chunks. */
  @Provide
  Arbitrary<List<Sample>> samples() {
    Arbitrary<Integer> lengths =
        Arbitraries.oneOf(
            Arbitraries.integers().between(0, 3000),
            Arbitraries.integers().between(Cutter.MAX - 2, Cutter.MAX + 2),
            Arbitraries.integers().between(0, 5 * Cutter.MAX));
    return Combinators.combine(
            lengths, Arbitraries.integers().between(0, 2), Arbitraries.integers())
        .as(Sample::new)
        .list()
        .ofMaxSize(5);
  }

  @Property(tries = 60)
  void anyBlobsComeBackAndTheirChunksAndFramesAreThey(@ForAll("samples") List<Sample> samples)
      throws IOException {
    List<byte[]> contents = samples.stream().map(Sample::bytes).toList();
    MemoryFilesystem files = new MemoryFilesystem();
    ByteArrayOutputStream frames = new ByteArrayOutputStream();
    ByteArrayOutputStream plain = new ByteArrayOutputStream();
    List<Digest> parts = new ArrayList<>();
    Digest layer;
    try (DiskBlobs blobs = Samples.open(files);
        Transaction put = blobs.begin()) {
      for (byte[] each : contents) {
        Digest digest = put.put(trickling(each));
        assertEquals(Digest.of(each), digest);
        for (Chunk chunk : put.chunks(digest)) {
          parts.add(chunk.digest());
          frames.writeBytes(put.frame(chunk.digest()));
        }
        plain.writeBytes(each);
      }
      layer = Digest.of(frames.toByteArray());
      put.putStitched(layer, frames.size(), parts);
      put.flush();
    }
    try (DiskBlobs blobs = Samples.open(files)) {
      for (byte[] each : contents) {
        try (InputStream in = blobs.reader().open(Digest.of(each))) {
          assertArrayEquals(each, in.readAllBytes());
        }
      }
      try (InputStream in = new ZstdInputStream(blobs.reader().open(layer))) {
        assertArrayEquals(plain.toByteArray(), in.readAllBytes());
      }
      CheckReport report = Samples.check(blobs);
      assertEquals(List.of(), report.findings());
    }
  }

  /** Gives a few bytes at a time, so that nothing may depend on how they arrive. */
  private static InputStream trickling(byte[] bytes) {
    return new FilterInputStream(new ByteArrayInputStream(bytes)) {
      private int step;

      @Override
      public int read(byte[] target, int offset, int length) throws IOException {
        step = (step * 31 + 7) % 9973;
        return super.read(target, offset, Math.min(length, 1 + step));
      }
    };
  }
}
