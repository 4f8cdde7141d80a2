package dev.imgstore.store.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.Digest;
import dev.imgstore.model.RelPath;
import dev.imgstore.store.Transaction;
import dev.imgstore.testkit.MemoryFilesystem;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** What a process leases, for how long, and what happens when a collection runs meanwhile. */
class LeasesTest {
  private static final byte[] SOME = Samples.text(1, 300);
  private static final byte[] MORE = Samples.text(2, 300);
  private final MemoryFilesystem files = new MemoryFilesystem();

  private DiskBlobs open() throws IOException {
    return Samples.open(files);
  }

  private void stored(byte[]... contents) throws IOException {
    try (DiskBlobs blobs = open();
        Transaction put = blobs.begin()) {
      for (byte[] each : contents) {
        put.put(each);
      }
      put.flush();
    }
  }

  private List<Digest> leased() throws IOException {
    return new LiveLeases(files).read().blobs();
  }

  @Test
  void whatIsFoundIsLeasedOnceAndNewThingsAreNot() throws IOException {
    stored(SOME);
    try (DiskBlobs blobs = open();
        Transaction put = blobs.begin()) {
      put.put(MORE);
      assertEquals(List.of(), leased());
      put.put(SOME);
      put.put(SOME);
      assertTrue(put.has(Digest.of(SOME)));
      assertEquals(List.of(Digest.of(SOME)), leased().stream().distinct().toList());
      assertTrue(leased().size() <= 2, "the first one lists the segments anew: " + leased());
    }
    assertEquals(List.of(), leased(), "closed");
  }

  @Test
  void whatIsNotThereIsNotLeased() throws IOException {
    stored(SOME);
    try (DiskBlobs blobs = open();
        Transaction put = blobs.begin()) {
      assertFalse(put.has(Digest.of(MORE)));
      assertFalse(blobs.lease(Digest.of(MORE)));
      assertTrue(blobs.lease(Digest.of(SOME)));
      assertFalse(leased().contains(Digest.of(MORE)));
    }
  }

  @Test
  void aPublishedSegmentIsLeasedByItsName() throws IOException {
    try (DiskBlobs blobs = open();
        Transaction put = blobs.begin()) {
      put.put(SOME);
      put.flush();
      assertEquals(files.list(Purpose.DIRECTORY), new LiveLeases(files).read().segments());
      put.put(SOME);
      assertEquals(List.of(), leased(), "what is published is leased already");
    }
  }

  @Test
  void theLeasesOfADeadProcessDoNotCount() throws IOException {
    stored(SOME);
    try (DiskBlobs blobs = open()) {
      blobs.lease(Digest.of(SOME));
      MemoryFilesystem left = files.afterKill();
      assertEquals(1, left.list(RelPath.of("tmp")).size() - 1, "its directory is there");
      assertEquals(List.of(), new LiveLeases(left).read().blobs());
    }
  }

  @Test
  void onlyFreshLeasesAreReadAgain() throws IOException {
    stored(SOME, MORE);
    LiveLeases leases = new LiveLeases(files);
    try (DiskBlobs blobs = open()) {
      blobs.lease(Digest.of(SOME));
      assertTrue(leases.read().blobs().contains(Digest.of(SOME)));
      blobs.lease(Digest.of(MORE));
      assertEquals(List.of(Digest.of(MORE)), leases.read().blobs());
    }
    try (DiskBlobs another = open()) { // in a directory of the same name
      another.lease(Digest.of(MORE));
      assertTrue(leases.read().blobs().contains(Digest.of(MORE)));
    }
  }

  @Test
  void whatWasRemovedSinceItWasListedIsStoredAgain() throws IOException {
    stored(SOME);
    try (DiskBlobs blobs = open();
        Transaction put = blobs.begin();
        Gate gate = new Gate(files)) {
      gate.closedFor(
          () -> {
            for (RelPath each : files.list(Purpose.DIRECTORY)) {
              files.delete(each);
            }
            return true;
          });
      put.put(SOME);
      put.flush();
      assertEquals(1, files.list(Purpose.DIRECTORY).size());
    }
  }

  /** The lease is written at once; the answer comes after the collector is through. */
  @Test
  void whoeverAsksWhileTheGateIsClosedWaitsAndLooksAgain() throws Exception {
    stored(SOME);
    ExecutorService other = Executors.newSingleThreadExecutor();
    try (DiskBlobs blobs = open();
        Transaction put = blobs.begin();
        Gate gate = new Gate(files)) {
      Future<Digest> asked =
          gate.closedFor(
              () -> {
                Future<Digest> putting = other.submit(() -> put.put(SOME));
                while (leased().isEmpty()) {
                  Thread.onSpinWait();
                }
                assertFalse(putting.isDone(), "no answer while the collector decides");
                for (RelPath each : files.list(Purpose.DIRECTORY)) {
                  files.delete(each);
                }
                return putting;
              });
      asked.get();
      put.flush();
      assertEquals(1, files.list(Purpose.DIRECTORY).size());
    } finally {
      other.shutdownNow();
    }
  }

  @Test
  void aCollectorThatDiedWithTheGateClosedHoldsNobodyUp() throws IOException {
    stored(SOME);
    try (Filesystem.Signal gate = files.signal(RelPath.of("gate"))) {
      gate.set(3);
      try (DiskBlobs blobs = open()) {
        assertTrue(blobs.lease(Digest.of(SOME)));
      }
      assertEquals(4, gate.get());
    }
  }
}
