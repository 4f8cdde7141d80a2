package dev.imgstore.store.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.Digest;
import dev.imgstore.model.RelPath;
import dev.imgstore.store.CheckReport;
import dev.imgstore.store.StoreException;
import dev.imgstore.store.Transaction;
import dev.imgstore.testkit.MemoryFilesystem;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class BlobCheckTest {
  private final Filesystem files = new MemoryFilesystem();

  private List<Digest> fill() throws IOException {
    try (DiskBlobs blobs = Samples.open(files);
        Transaction put = blobs.begin()) {
      List<Digest> digests = Samples.put(put, 1);
      put.flush();
      return digests;
    }
  }

  private CheckReport check() throws IOException {
    try (DiskBlobs blobs = Samples.open(files)) {
      return Samples.check(blobs);
    }
  }

  private RelPath segment(String purpose) throws IOException {
    return files.list(Purpose.DIRECTORY).stream()
        .filter(file -> file.name().startsWith(purpose))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aHealthyStoreHasNoFindings() throws IOException {
    fill();
    CheckReport report = check();
    assertEquals(List.of(), report.findings());
    assertTrue(report.blobs() >= 7, report.toString());
    assertTrue(report.bytes() > 1000, report.toString());
  }

  @Test
  void everyFlippedByteOfAnySegmentIsFound() throws IOException {
    fill();
    int flips = 0;
    for (RelPath file : files.list(Purpose.DIRECTORY)) {
      byte[] good = Samples.read(files, file);
      for (int at = 0; at < good.length; at++) {
        byte[] bad = good.clone();
        bad[at] ^= (byte) (1 << (at % 8));
        Samples.replace(files, file, bad);
        int here = at;
        assertTrue(check().findings().size() > 0, () -> file + " byte " + here);
        flips++;
      }
      Samples.replace(files, file, good);
    }
    assertTrue(flips > 1000);
    assertEquals(List.of(), check().findings());
  }

  @Test
  void anyCutOffEndIsFoundAndNamed() throws IOException {
    fill();
    RelPath file = segment("content");
    byte[] good = Samples.read(files, file);
    for (int length : new int[] {0, 7, 8, 71, good.length / 2, good.length - 1}) {
      Samples.replace(files, file, Arrays.copyOf(good, length));
      assertEquals(
          file.value(),
          check().findings().stream()
              .filter(finding -> finding.what().equals("segment"))
              .findFirst()
              .orElseThrow()
              .file());
    }
  }

  @Test
  void aMissingSegmentIsFoundThroughTheListsThatNameItsChunks() throws IOException {
    fill();
    files.delete(segment("content"));
    String all = check().findings().toString();
    assertTrue(all.contains("is missing"), all);
  }

  @Test
  void strangeFilesAreNamed() throws IOException {
    fill();
    files.create(Purpose.DIRECTORY.child("notes.txt")).close();
    assertEquals("segments/notes.txt", check().findings().get(0).file());
  }

  @Test
  void aDamagedBodyIsNeverHandedOut() throws IOException {
    List<Digest> digests = fill();
    RelPath file = segment("content");
    byte[] bad = Samples.read(files, file);
    bad[SegmentFormat.HEADER + 20] ^= 1;
    Samples.replace(files, file, bad);
    try (DiskBlobs blobs = Samples.open(files)) {
      int corrupt = 0;
      for (Digest each : digests) {
        try (InputStream in = blobs.reader().open(each)) {
          assertEquals(each, Digest.of(in.readAllBytes()));
        } catch (StoreException.Corrupt e) {
          corrupt++;
        }
      }
      assertTrue(corrupt > 0);
    }
  }

  @Test
  void aDamagedFooterMakesItsBlobsDoubtfulNotMissing() throws IOException {
    Digest content = fill().get(0);
    RelPath file = segment("content");
    byte[] bad = Samples.read(files, file);
    bad[bad.length - 1] ^= 1;
    Samples.replace(files, file, bad);
    try (DiskBlobs blobs = Samples.open(files)) {
      StoreException.Corrupt damage =
          assertThrows(StoreException.Corrupt.class, () -> blobs.reader().open(content));
      assertTrue(
          String.valueOf(damage.getMessage()).contains(file.value()),
          String.valueOf(damage.getMessage()));
    }
  }

  @Test
  void storingAgainWhatIsDamagedHeals() throws IOException {
    Digest content = fill().get(0);
    RelPath file = segment("content");
    byte[] bad = Samples.read(files, file);
    bad[bad.length - 1] ^= 1;
    Samples.replace(files, file, bad);
    fill();
    try (DiskBlobs blobs = Samples.open(files)) {
      assertEquals(300, blobs.reader().read(content, 1000).length);
    }
  }

  @Test
  void lengthsThatCannotBeAreRefusedBeforeAnythingIsAllocated() throws IOException {
    Digest content = fill().get(0);
    RelPath file = segment("content");
    byte[] good = Samples.read(files, file);
    int count = good[good.length - SegmentFormat.TRAILER + 15];
    int footer = good.length - SegmentFormat.TRAILER - count * Entry.BYTES;
    for (int field : new int[] {33, 40, 48, 56}) {
      byte[] bad = good.clone();
      for (int entry = 0; entry < count; entry++) {
        bad[footer + entry * Entry.BYTES + field] = 0x7f;
      }
      Samples.replace(files, file, bad);
      try (DiskBlobs blobs = Samples.open(files)) {
        assertThrows(StoreException.Corrupt.class, () -> blobs.reader().size(content));
      }
      assertTrue(check().findings().size() >= count);
    }
  }

  private void flip(String purpose, int at) throws IOException {
    RelPath file = segment(purpose);
    Samples.replace(files, file, Rot.flipped(Samples.read(files, file), at));
  }

  /** What is wrong with one must not be added to the next. */
  @Test
  void afterALongDamagedBodyNothingElseIsAccused() throws IOException {
    try (DiskBlobs blobs = Samples.open(files);
        Transaction put = blobs.begin()) {
      put.putVerbatim(new ByteArrayInputStream(Samples.text(1, 2 << 20)));
      for (int seed = 2; seed < 20; seed++) {
        put.putVerbatim(new ByteArrayInputStream(Samples.text(seed, 500)));
      }
      put.flush();
    }
    flip("verbatim", 1000);
    assertEquals(1, check().findings().size(), check().findings().toString());
  }

  @Test
  void afterADamagedListNothingElseIsAccused() throws IOException {
    try (DiskBlobs blobs = Samples.open(files);
        Transaction put = blobs.begin()) {
      put.put(new ByteArrayInputStream(Samples.text(1, 2 << 20)));
      for (int seed = 2; seed < 20; seed++) {
        put.put(Samples.text(seed, 500));
      }
      put.flush();
    }
    flip("metadata", 30);
    assertEquals(1, check().findings().size(), check().findings().toString());
  }
}
