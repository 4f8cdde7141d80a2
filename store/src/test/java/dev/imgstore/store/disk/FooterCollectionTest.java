package dev.imgstore.store.disk;

import static dev.imgstore.store.disk.Images.BECAUSE;
import static dev.imgstore.store.disk.Images.keep;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.Digest;
import dev.imgstore.model.RelPath;
import dev.imgstore.store.Collector;
import dev.imgstore.store.Transaction;
import dev.imgstore.testkit.MemoryFilesystem;
import java.io.IOException;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/**
 * One bit of a footer, outside of what a body's checksum covers, turns; a good copy is elsewhere.
 */
class FooterCollectionTest {
  private static final Clock CLOCK = Clock.fixed(BECAUSE.when(), ZoneOffset.UTC);

  private static DiskStore open(Filesystem files) throws IOException {
    return DiskStore.open(files, notice -> {});
  }

  @Test
  void aGoodCopyIsNotGivenUpForOneWhoseFooterIsDamaged() throws IOException {
    MemoryFilesystem disk = new MemoryFilesystem();
    byte[] plain = Samples.text(1, 3001);
    Digest blob = Digest.of(plain);
    try (DiskStore one = open(disk);
        DiskStore two = open(disk);
        Transaction large = one.begin();
        Transaction small = two.begin()) {
      Images.Built a = Images.put(large, 3000, 1, 2);
      Images.Built b = Images.put(small, 3000, 1);
      large.flush();
      small.flush();
      Images.commit(one, "web", a);
      Images.commit(two, "other", b);
    }
    RelPath damaged = RelPath.of("none");
    int most = 0;
    for (RelPath each : disk.list(Purpose.DIRECTORY)) {
      byte[] bytes = Rot.bytes(disk, each);
      if (each.name().startsWith("content-") && bytes.length > most) {
        most = bytes.length;
        damaged = each;
      }
    }
    byte[] bytes = Rot.bytes(disk, damaged);
    java.nio.ByteBuffer end = java.nio.ByteBuffer.wrap(bytes, bytes.length - 64, 64).slice();
    int at = (int) end.getLong(0);
    boolean turned = false;
    for (int i = 0; i < end.getLong(8); i++, at += 64) {
      if (java.util.Arrays.equals(blob.raw(), java.util.Arrays.copyOfRange(bytes, at, at + 32))) {
        bytes[at + 63] ^= 1; // bytes of the blob
        turned = true;
      }
    }
    assertTrue(turned);
    Rot.replace(disk, damaged, bytes);
    try (DiskStore store = open(disk)) {
      assertArrayEquals(plain, store.blobs().read(blob, 1 << 20), "before, from the other copy");
    }
    try (DiskStore store = open(disk);
        Collector collector = store.collector()) {
      collector.apply(collector.plan(keep(store, 1), OptionalLong.empty()), BECAUSE, CLOCK);
    }
    try (DiskStore store = open(disk)) {
      assertArrayEquals(plain, store.blobs().read(blob, 1 << 20), "after a collection");
    }
  }
}
