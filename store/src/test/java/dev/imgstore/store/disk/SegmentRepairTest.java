package dev.imgstore.store.disk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.Digest;
import dev.imgstore.model.RelPath;
import dev.imgstore.store.Profiles.Because;
import dev.imgstore.store.RepairReport;
import dev.imgstore.store.StoreException;
import dev.imgstore.store.Transaction;
import dev.imgstore.testkit.MemoryFilesystem;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a store makes good by itself. Nothing here is needed by a root: nothing must be asked. */
class SegmentRepairTest {
  private static final Because BECAUSE = new Because(Instant.EPOCH, "tester", "");
  private static final int LIMIT = 1 << 20;

  private final Filesystem files = new MemoryFilesystem();
  private final Map<Digest, byte[]> blobs = new LinkedHashMap<>();

  @BeforeEach
  void fill() throws IOException {
    try (DiskStore store = DiskStore.open(files, notice -> {});
        Transaction put = store.begin()) {
      for (Digest each : Samples.put(put, 1)) {
        blobs.put(each, put.read(each, LIMIT));
      }
      blobs.put(put.putMetadata(new byte[0]), new byte[0]); // as an import has a recipe and a lock
      put.flush();
    }
  }

  private RepairReport repair() throws IOException {
    try (DiskStore store = DiskStore.open(files, notice -> {})) {
      return store.repair(List.of(), BECAUSE);
    }
  }

  private List<RelPath> segments() throws IOException {
    return files.list(Purpose.DIRECTORY);
  }

  private void requireAll(String where) throws IOException {
    try (DiskStore store = DiskStore.open(files, notice -> {})) {
      for (Map.Entry<Digest, byte[]> each : blobs.entrySet()) {
        assertArrayEquals(each.getValue(), store.blobs().read(each.getKey(), LIMIT), where);
      }
    }
  }

  @Test
  void anyFlippedByteOfASegmentIsPutRightWithoutASource() throws IOException {
    Map<RelPath, byte[]> good = new LinkedHashMap<>();
    for (RelPath each : segments()) {
      good.put(each, Samples.read(files, each));
    }
    int flips = 0;
    for (Map.Entry<RelPath, byte[]> each : good.entrySet()) {
      byte[] bytes = each.getValue();
      for (int at = 0; at < bytes.length; at += at < bytes.length - 600 ? 11 : 3) {
        Samples.replace(files, each.getKey(), Rot.flipped(bytes, at));
        String where = each.getKey() + " byte " + at;
        RepairReport report = repair();
        assertFalse(report.before().findings().isEmpty(), where);
        assertEquals(List.of(), report.after().findings(), where);
        requireAll(where);
        flips++;
        for (RelPath now : segments()) {
          files.delete(now);
        }
        for (Map.Entry<RelPath, byte[]> again : good.entrySet()) {
          Rot.replace(files, again.getKey(), again.getValue());
        }
      }
    }
    assertTrue(flips > 300, "flips: " + flips);
  }

  @Test
  void whatIsThereTwiceComesFromTheOtherCopy() throws IOException {
    RelPath content = segments().get(0);
    byte[] before = Samples.read(files, content);
    Digest blob = blobs.keySet().iterator().next();
    Samples.replace(files, content, zeroed(before));
    try (DiskStore store = DiskStore.open(files, notice -> {});
        Transaction put = store.begin()) {
      assertThrows(StoreException.Corrupt.class, () -> store.blobs().read(blob, LIMIT));
      store.check(); // from now on nothing of it is believed to be there
      for (byte[] each : blobs.values()) {
        put.putVerbatim(new ByteArrayInputStream(each));
        put.put(each);
      }
      put.flush();
    }
    assertEquals(List.of(), repair().after().findings());
    requireAll("after");
    assertFalse(files.stat(content).isPresent(), "the damaged one is gone");
  }

  private static byte[] zeroed(byte[] segment) {
    byte[] copy = segment.clone();
    Arrays.fill(copy, SegmentFormat.HEADER, copy.length / 2, (byte) 0);
    return copy;
  }

  @Test
  void aByteThatExplainsAChecksumIsFoundWhereverItIs() {
    byte[] good = Samples.text(3, 5000);
    int wanted = crc(good);
    for (int at = 0; at < good.length; at += 13) {
      byte[] bad = Rot.flipped(good, at);
      int here = at;
      Optional<BurstFix> fix =
          BurstFix.all(crc(bad), wanted, bad.length).stream()
              .filter(one -> one.at() == here)
              .findFirst();
      assertEquals((byte) (good[at] ^ bad[at]), (byte) fix.orElseThrow().xor());
    }
    assertEquals(List.of(), BurstFix.all(wanted, wanted, good.length));
  }

  private static int crc(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    return (int) crc.getValue();
  }
}
