package dev.imgstore.store.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.Digest;
import dev.imgstore.model.RelPath;
import dev.imgstore.store.Transaction;
import dev.imgstore.testkit.Call;
import dev.imgstore.testkit.FaultyFilesystem;
import dev.imgstore.testkit.MemoryFilesystem;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BlobFaultTest {
  private final MemoryFilesystem disk = new MemoryFilesystem();

  private void makeStore() throws IOException {
    Samples.open(disk).close();
  }

  /** Puts and flushes on a disk that goes wrong, and sees that nothing half-done is visible. */
  private String failure(Filesystem faulty) throws IOException {
    String message;
    try (DiskBlobs blobs = Samples.open(faulty)) {
      Transaction put = blobs.begin();
      IOException failed =
          assertThrows(
              IOException.class,
              () -> {
                Samples.put(put, 1);
                put.flush();
              });
      message = String.valueOf(failed.getMessage());
      assertThrows(IOException.class, put::flush, "a broken transaction stays broken");
      assertThrows(IOException.class, () -> put.put(new byte[1]));
      put.close();
    }
    try (DiskBlobs blobs = Samples.open(disk)) {
      assertEquals(List.of(), Samples.check(blobs).findings());
      try (Transaction again = blobs.begin()) {
        List<Digest> digests = Samples.put(again, 1);
        again.flush();
        for (Digest each : digests) {
          assertTrue(blobs.reader().has(each));
        }
      }
    }
    return message;
  }

  @Test
  void aFullDiskIsSaidAndLeavesTheStoreAsItWas() throws IOException {
    for (int space = 0; space < 3000; space += 97) {
      MemoryFilesystem fresh = new MemoryFilesystem();
      Samples.open(fresh).close();
      try (DiskBlobs blobs = Samples.open(FaultyFilesystem.withSpace(fresh, space))) {
        Transaction put = blobs.begin();
        IOException full =
            assertThrows(
                IOException.class,
                () -> {
                  Samples.put(put, 1);
                  put.flush();
                });
        assertTrue(
            String.valueOf(full.getMessage()).contains("no space left"),
            String.valueOf(full.getMessage()));
        assertTrue(
            String.valueOf(full.getMessage()).contains("could not be written"),
            String.valueOf(full.getMessage()));
        put.close();
      }
      assertEquals(List.of(), fresh.list(Purpose.DIRECTORY), "nothing is visible");
    }
  }

  @Test
  void everyCallThatFailsIsReportedAndNothingHalfDoneIsSeen() throws IOException {
    makeStore();
    for (Call call : List.of(Call.SYNC, Call.MOVE, Call.MAKE_READ_ONLY, Call.CREATE)) {
      for (int nth = 1; nth <= 3; nth++) {
        for (var file : disk.list(Purpose.DIRECTORY)) {
          disk.delete(file);
        }
        String message = failure(FaultyFilesystem.failing(disk, call, nth));
        assertTrue(message.contains("planted"), message);
      }
    }
  }

  @Test
  void closingWithoutAFlushLeavesNothing() throws IOException {
    List<Digest> digests;
    try (DiskBlobs blobs = Samples.open(disk);
        Transaction put = blobs.begin()) {
      digests = Samples.put(put, 1);
    }
    try (DiskBlobs blobs = Samples.open(disk)) {
      for (Digest each : digests) {
        assertFalse(blobs.reader().has(each));
      }
    }
    assertEquals(List.of(), disk.list(Purpose.DIRECTORY));
  }

  @Test
  void anotherProcessSeesWhatWasFlushedWithoutOpeningAgain() throws IOException {
    try (DiskBlobs reader = Samples.open(disk);
        DiskBlobs writer = Samples.open(disk);
        Transaction put = writer.begin()) {
      List<Digest> digests = Samples.put(put, 1);
      assertFalse(reader.reader().has(digests.get(0)));
      put.flush();
      for (Digest each : digests) {
        assertTrue(reader.reader().has(each));
      }
    }
  }

  @Test
  void aSegmentThatTheDiskCannotReadHidesNoOther() throws IOException {
    makeStore();
    List<Digest> digests;
    try (DiskBlobs blobs = Samples.open(disk);
        Transaction put = blobs.begin()) {
      digests = Samples.put(put, 1);
      put.flush();
    }
    // the first that is opened is the index, then the segment with metadata, searched first
    try (DiskBlobs blobs = Samples.open(FaultyFilesystem.failing(disk, Call.OPEN, 2))) {
      assertTrue(blobs.reader().has(digests.get(0)));
    }
    try (DiskBlobs blobs = Samples.open(FaultyFilesystem.failing(disk, Call.OPEN, 2))) {
      var report = Samples.check(blobs);
      assertEquals(1, report.findings().size(), () -> report.findings().toString());
      assertTrue(report.findings().get(0).fault().contains("planted"));
      assertTrue(report.blobs() > 0, "the others were read");
    }
  }

  @Test
  void aDeadDirectoryThatCannotBeRemovedKeepsNobodyFromWriting() throws IOException {
    makeStore();
    RelPath dead = RelPath.of("tmp", "w1");
    disk.makeDirectories(dead);
    disk.create(dead.child("f0")).close();
    try (DiskBlobs blobs = Samples.open(FaultyFilesystem.failing(disk, Call.DELETE, 1));
        Transaction put = blobs.begin()) {
      Samples.put(put, 1);
      put.flush();
    }
    assertTrue(disk.stat(dead).isPresent());
    assertEquals(3, disk.list(Purpose.DIRECTORY).size());
  }

  @Test
  void whatHealsADamagedSegmentIsMadeDurable() throws IOException {
    byte[] input = Samples.text(1, 500);
    Digest digest;
    try (DiskBlobs blobs = Samples.open(disk);
        Transaction put = blobs.begin()) {
      digest = put.putVerbatim(new ByteArrayInputStream(input));
      put.flush();
    }
    RelPath name = disk.list(Purpose.DIRECTORY).get(0);
    Samples.replace(disk, name, new byte[100]);
    List<RelPath> synced = new ArrayList<>();
    Filesystem watched = FaultyFilesystem.forgetting(disk, Call.SYNC, path -> !synced.add(path));
    try (DiskBlobs blobs = Samples.open(watched);
        Transaction put = blobs.begin()) {
      put.put(Samples.text(2, 500));
      put.flush();
      synced.clear();
      put.putVerbatim(new ByteArrayInputStream(input));
      put.flush();
      assertTrue(blobs.reader().has(digest));
    }
    assertEquals(3, disk.list(Purpose.DIRECTORY).size(), "beside it, under another name");
    assertTrue(synced.contains(Purpose.DIRECTORY), synced.toString());
  }

  /** Trees in a later segment may name trees in an earlier one (law 2). */
  @Test
  void segmentsOfMetadataBecomeDurableOneAfterTheOther() throws IOException {
    makeStore();
    List<String> calls = new ArrayList<>();
    Filesystem watched =
        FaultyFilesystem.forgetting(
            FaultyFilesystem.forgetting(disk, Call.MOVE, path -> !calls.add("move " + path.name())),
            Call.SYNC,
            path -> !calls.add("sync " + path.name()));
    DiskSegments segments = new DiskSegments(watched, new Gate(watched), new Scratch(watched));
    Map<SegmentWriter, RelPath> sealed = new LinkedHashMap<>();
    for (String each : List.of("one", "two")) {
      RelPath file = RelPath.of("tmp", each);
      SegmentWriter writer = new SegmentWriter(watched, file, Purpose.METADATA);
      byte[] body = each.getBytes(java.nio.charset.StandardCharsets.US_ASCII);
      writer.append(Digest.of(body), Form.VERBATIM, 0, body, body.length, body.length);
      sealed.put(writer, writer.seal());
    }
    calls.clear();
    segments.publish(sealed);
    assertEquals(List.of("move one", "sync segments", "move two", "sync segments"), calls);
    segments.close();
  }

  @Test
  void whatIsHeldIsNotWrittenAgain() throws IOException {
    try (DiskBlobs blobs = Samples.open(disk)) {
      for (int i = 0; i < 3; i++) {
        try (Transaction put = blobs.begin()) {
          Samples.put(put, 1);
          Samples.put(put, 1);
          put.flush();
          put.flush();
        }
        assertEquals(3, disk.list(Purpose.DIRECTORY).size());
      }
    }
  }

  @Test
  void aReaderOpenedBeforeTheFlushReadsOnAfterIt() throws IOException {
    try (DiskBlobs blobs = Samples.open(disk);
        Transaction put = blobs.begin()) {
      Digest digest = put.put(Samples.text(1, 500_000));
      try (var in = put.open(digest)) {
        int first = in.read();
        put.flush();
        assertEquals('s', first);
        assertEquals(499_999, in.readAllBytes().length);
      }
    }
  }
}
