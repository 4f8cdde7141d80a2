package dev.imgstore.store.disk;

import static dev.imgstore.store.disk.Images.BECAUSE;
import static dev.imgstore.store.disk.Images.keep;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.imgstore.model.RelPath;
import dev.imgstore.store.CheckReport;
import dev.imgstore.store.Collector;
import dev.imgstore.store.Transaction;
import dev.imgstore.testkit.MemoryFilesystem;
import java.io.IOException;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** Three copies, of which the one that is to stay has a damaged body. */
class SpareCopyTest {
  private static final Clock CLOCK = Clock.fixed(BECAUSE.when(), ZoneOffset.UTC);

  @Test
  void twoSpareCopiesOfADamagedOneAreWrittenOnce() throws IOException {
    for (int round = 0; round < 12; round++) {
      MemoryFilesystem disk = new MemoryFilesystem();
      List<DiskStore> stores = new ArrayList<>();
      List<Transaction> puts = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        DiskStore store = DiskStore.open(disk, notice -> {});
        stores.add(store);
        puts.add(store.begin());
      }
      List<Images.Built> built = new ArrayList<>();
      built.add(Images.put(puts.get(0), 3000, 1, 2));
      built.add(Images.put(puts.get(1), 3000, 1));
      built.add(Images.put(puts.get(2), 3000, 1));
      for (int i = 0; i < 3; i++) {
        puts.get(i).flush();
        Images.commit(stores.get(i), "p" + i, built.get(i));
        puts.get(i).close();
        stores.get(i).close();
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
      byte[] digest = dev.imgstore.model.Digest.of(Samples.text(1, 3001)).raw();
      for (int i = 0; i < end.getLong(8); i++, at += 64) {
        if (java.util.Arrays.equals(digest, java.util.Arrays.copyOfRange(bytes, at, at + 32))) {
          bytes[(int) java.nio.ByteBuffer.wrap(bytes).getLong(at + 40) + 20] ^= 1;
        }
      }
      Rot.replace(disk, damaged, bytes);
      try (DiskStore store = DiskStore.open(disk, notice -> {});
          Collector collector = store.collector()) {
        collector.apply(collector.plan(keep(store, 1), OptionalLong.empty()), BECAUSE, CLOCK);
      }
      List<String> findings = new ArrayList<>();
      try (DiskStore store = DiskStore.open(disk, notice -> {})) {
        for (CheckReport.Finding each : store.check().findings()) {
          if (!each.file().equals(damaged.value())) {
            findings.add(each.toString());
          }
        }
      }
      assertEquals(List.of(), findings, "round " + round);
    }
  }
}
