package dev.imgstore.builder.disk.verity;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.builder.disk.BytesVolume;
import dev.imgstore.builder.disk.Judge;
import dev.imgstore.builder.disk.Volume;
import dev.imgstore.builder.disk.VolumeSink;
import dev.imgstore.builder.disk.Volumes;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** cryptsetup's tools as judges of hash trees. */
@Tag("tools")
class VerityTreeTest {
  private static final int BLOCK = 4096;

  @TempDir Path directory;

  /** Zeros, but for noise at a few places, as a disk has it. */
  private record Sparse(long size, List<Long> marks) implements Volume {
    @Override
    public void writeTo(VolumeSink sink) throws IOException {
      for (long mark : marks) {
        byte[] noise = Volumes.noise((int) mark, 1000);
        sink.write(mark, noise, 0, noise.length);
      }
    }
  }

  private static Volume sparse(long size, long... marks) {
    return new Sparse(size, LongStream.of(marks).boxed().toList());
  }

  private static VerityTree tree(Volume data) throws IOException {
    return VerityTree.of(Volumes.SEED, data, Runnable::run);
  }

  private static String hex(VerityTree tree) {
    return HexFormat.of().formatHex(tree.rootHash().toArray());
  }

  private Path written(Volume volume, String name) throws IOException {
    Path file = directory.resolve(name);
    Files.deleteIfExists(file);
    Volumes.toFile(volume, file);
    return file;
  }

  private Judge.Verdict verify(Path data, Path hashes, String root) throws Exception {
    return new Judge(directory)
        .ask("veritysetup", "verify", data.toString(), hashes.toString(), root);
  }

  private void assertVerifies(Volume data) throws Exception {
    VerityTree tree = tree(data);
    Path file = written(data, "data");
    Path hashes = written(tree, "hashes");
    Judge.Verdict verdict = verify(file, hashes, hex(tree));
    assertEquals(0, verdict.exit(), () -> data.size() + ": " + verdict.said());
  }

  @Test
  void treesOfEveryHeightVerify() throws Exception {
    for (int blocks : new int[] {1, 2, 127, 128, 129, 255, 256, 257, 1000}) {
      assertVerifies(BytesVolume.of(Volumes.noise(blocks, blocks * BLOCK)));
    }
    for (long blocks : new long[] {128 * 128 - 1, 128 * 128, 128 * 128 + 1, 40_000}) {
      assertVerifies(sparse(blocks * BLOCK, 0, 5 << 20, blocks * BLOCK - 1000));
    }
    assertVerifies(sparse(130L * BLOCK));
  }

  @Test
  void theSuperblockSaysWhatItIs() throws Exception {
    VerityTree tree = tree(sparse(300L * BLOCK, 7000));
    String said =
        new Judge(directory).run("veritysetup", "dump", written(tree, "hashes").toString());
    for (String line :
        new String[] {
          "Hash type:       \t1",
          "Data blocks:     \t300",
          "Hash algorithm:  \tsha256",
          "Hash block size: \t4096",
          "Data block size: \t4096",
          "Salt:            \t" + tree.salt()
        }) {
      assertTrue(said.contains(line), () -> line + " is not in " + said);
    }
  }

  @Test
  void othersMakeTheSameTree() throws Exception {
    Volume data = sparse(20_000L * BLOCK, 0, 1 << 20, 60 << 20);
    VerityTree tree = tree(data);
    Path file = written(data, "data");
    Path hashes = written(tree, "hashes");
    Path others = directory.resolve("others");
    Judge judge = new Judge(directory);
    String uuid =
        judge
            .run("veritysetup", "dump", hashes.toString())
            .lines()
            .filter(line -> line.startsWith("UUID:"))
            .findFirst()
            .orElseThrow()
            .substring(5)
            .strip();
    String made =
        judge.run(
            "veritysetup",
            "format",
            "--salt=" + tree.salt(),
            "--uuid=" + uuid,
            file.toString(),
            others.toString());
    assertTrue(made.contains(hex(tree)), made);
    assertEquals(-1, Files.mismatch(hashes, others));
  }

  @Test
  void oneFlippedBitAnywhereIsFound() throws Exception {
    Volume data = sparse(300L * BLOCK, 0, 200L * BLOCK + 9);
    VerityTree tree = tree(data);
    for (long place : new long[] {0, 5000, 200L * BLOCK + 9, 300L * BLOCK - 1}) {
      Path file = written(data, "data");
      flip(file, place);
      assertNotEquals(0, verify(file, written(tree, "hashes"), hex(tree)).exit(), "data " + place);
    }
    Path file = written(data, "data");
    for (long place : new long[] {BLOCK + 3, 2L * BLOCK + 31, 4L * BLOCK + 40 * 32}) {
      Path hashes = written(tree, "hashes");
      flip(hashes, place);
      assertNotEquals(0, verify(file, hashes, hex(tree)).exit(), "hashes " + place);
    }
    String other = (hex(tree).startsWith("0") ? "1" : "0") + hex(tree).substring(1);
    assertNotEquals(0, verify(file, written(tree, "hashes"), other).exit());
  }

  private static void flip(Path file, long place) throws IOException {
    try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
      bytes.seek(place);
      int old = bytes.read();
      bytes.seek(place);
      bytes.write(old ^ 1);
    }
  }

  @Test
  void theBytesAreTheSameWithAnyPoolAndWhenTheLowestLevelIsNotKept() throws Exception {
    Volume data = sparse(40_000L * BLOCK, 3, 17 << 20, 155 << 20);
    byte[] expected = Volumes.bytes(tree(data));
    ExecutorService threads = Executors.newFixedThreadPool(3);
    Executor refusing =
        task -> {
          throw new RejectedExecutionException();
        };
    try {
      for (Executor pool : new Executor[] {threads, refusing, task -> {}}) {
        for (int keep : new int[] {0, 312, 313}) {
          VerityTree tree = VerityTree.of(Volumes.SEED, data, pool, keep);
          assertArrayEquals(expected, Volumes.bytes(tree), "keeps " + keep);
        }
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void aVolumeThatChangesMeanwhileIsNotProved() throws Exception {
    byte[] bytes = Volumes.noise(1, 300 * BLOCK);
    Volume changing =
        new Volume() {
          @Override
          public long size() {
            return bytes.length;
          }

          @Override
          public void writeTo(VolumeSink sink) throws IOException {
            sink.write(0, bytes, 0, bytes.length);
          }
        };
    VerityTree tree = VerityTree.of(Volumes.SEED, changing, Runnable::run, 0);
    Volumes.bytes(tree);
    bytes[150 * BLOCK]++;
    assertThrows(IOException.class, () -> Volumes.bytes(tree));
  }

  @Test
  void anotherSeedIsAnotherRootHash() throws Exception {
    Volume data = sparse(300L * BLOCK, 0);
    assertNotEquals(
        tree(data).rootHash(), VerityTree.of(Volumes.OTHER_SEED, data, Runnable::run).rootHash());
  }

  @Test
  void onlyWholeBlocksAreProved() {
    assertThrows(IllegalArgumentException.class, () -> tree(sparse(0)));
    assertThrows(IllegalArgumentException.class, () -> tree(sparse(4097)));
  }
}
