package dev.imgstore.store.disk;

import dev.imgstore.model.Digest;
import dev.imgstore.model.RelPath;
import dev.imgstore.store.CheckReport;
import dev.imgstore.store.CheckReport.Finding;
import dev.imgstore.store.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32C;

/**
 * Re-hashes every blob of every segment and goes on past whatever it finds. First the blobs that
 * are lists, and with them the chunks they name; then all frames and verbatim blobs not met by
 * then, so that a frame is decompressed once for each blob it is a part of, and once if it is of
 * none.
 */
final class BlobCheck {
  /** Stored bytes that one task reads. */
  private static final long TASK = 4L << 20;

  private static final int SLICE = 64 << 10;

  private final Filesystem files;
  private final DiskSegments segments;
  private final Bodies bodies;
  private final Tasks tasks;
  private final Queue<Finding> findings = new ConcurrentLinkedQueue<>();
  private final Set<Spot> verified = ConcurrentHashMap.newKeySet();
  private final AtomicLong blobs = new AtomicLong();
  private final AtomicLong bytes = new AtomicLong();

  BlobCheck(Filesystem files, DiskSegments segments, ExecutorService pool) {
    this.files = files;
    this.segments = segments;
    this.bodies = new Bodies(segments, segments);
    this.tasks = new Tasks(pool);
  }

  /** A body of some segment. */
  private record Spot(String file, long offset) {
    static Spot of(Located located) {
      return new Spot(located.place().toString(), located.entry().offset());
    }
  }

  CheckReport run() throws IOException {
    List<List<Located>> rest = new ArrayList<>();
    for (Segment segment : segments.refresh()) {
      List<Located> others = new ArrayList<>();
      for (Entry entry : new SegmentCheck(segment, findings::add).run()) {
        Located located = new Located(segment, entry);
        blobs.incrementAndGet();
        bytes.addAndGet(entry.stored());
        if (entry.form().isList()) {
          tasks.submit(() -> checking(located, this::checkList));
        } else {
          others.add(located);
        }
      }
      rest.add(others);
    }
    tasks.await();
    rest.forEach(this::submitBodies);
    tasks.await();
    checkNames();
    return new CheckReport(blobs.get(), bytes.get(), List.copyOf(findings));
  }

  private void checkNames() throws IOException {
    for (RelPath each : files.list(Purpose.DIRECTORY)) {
      if (Purpose.of(each).isEmpty()) {
        findings.add(new Finding(each.value(), "file", "it is not the name of a segment"));
      }
    }
  }

  private void submitBodies(List<Located> all) {
    List<Located> some = new ArrayList<>();
    long size = 0;
    for (Located each : all) {
      if (verified.contains(Spot.of(each))) {
        continue;
      }
      some.add(each);
      size += each.entry().stored();
      if (size >= TASK) {
        submit(some);
        some = new ArrayList<>();
        size = 0;
      }
    }
    submit(some);
  }

  private void submit(List<Located> some) {
    tasks.submit(() -> some.forEach(each -> checking(each, this::checkBody)));
  }

  private interface Check {
    void of(Located located) throws IOException;
  }

  private void checking(Located located, Check check) {
    try {
      check.of(located);
    } catch (StoreException e) {
      find(located, String.valueOf(e.getMessage()));
    } catch (IOException e) {
      find(located, "it cannot be read: " + e.getMessage());
    }
  }

  private void find(Located located, String fault) {
    String digest = located.entry().digest().toString();
    located.distrust(); // whoever stores it again after this heals it
    findings.add(new Finding(located.place().toString(), digest, fault));
  }

  private void checkBody(Located located) throws IOException {
    if (located.entry().form() == Form.FRAME) {
      verifyFrame(located);
    } else {
      checkSlices(located, true);
    }
  }

  private byte[] verifyFrame(Located located) throws IOException {
    byte[] plain = located.decode(located.frame());
    located.requireDigest(plain);
    return plain;
  }

  /** The checksum of a body as it is stored, and its hash where it is the blob. */
  private static void checkSlices(Located located, boolean isBlob) throws IOException {
    CRC32C crc = new CRC32C();
    MessageDigest hash = Digest.sha256();
    long stored = located.entry().stored();
    for (long at = 0; at < stored; at += SLICE) {
      byte[] slice = located.stored(at, (int) Math.min(SLICE, stored - at));
      crc.update(slice);
      hash.update(slice);
    }
    if ((int) crc.getValue() != located.entry().crc()) {
      throw located.corrupt("its stored bytes have another checksum");
    }
    if (isBlob && !Digest.fromRaw(hash.digest()).equals(located.entry().digest())) {
      throw located.corrupt("its bytes hash to another digest");
    }
  }

  private void checkList(Located located) throws IOException {
    checkSlices(located, false);
    if (located.entry().form() == Form.CHUNKED) {
      checkChunked(located);
    } else {
      try (InputStream in = bodies.open(located)) {
        in.transferTo(OutputStream.nullOutputStream());
      }
    }
    PartList parts = new PartList(located);
    long total = 0;
    while (parts.hasNext()) {
      total += parts.next().size();
    }
    if (total != located.entry().plain()) {
      throw located.corrupt("its parts are not as long as the whole");
    }
  }

  /** As reading it, but a chunk not met before is itself held against its digest. */
  private void checkChunked(Located located) throws IOException {
    MessageDigest whole = Digest.sha256();
    PartList parts = new PartList(located);
    while (parts.hasNext()) {
      PartList.Part part = parts.next();
      Located chunk = bodies.part(located, part.digest(), Wanted.FRAME);
      byte[] plain = chunk.decode(chunk.frame());
      if (plain.length != part.size()) {
        throw located.corrupt("its part " + part.digest() + " has another size");
      }
      whole.update(plain);
      if (!verified.contains(Spot.of(chunk)) && Digest.of(plain).equals(part.digest())) {
        verified.add(Spot.of(chunk));
      }
    }
    if (!Digest.fromRaw(whole.digest()).equals(located.entry().digest())) {
      throw located.corrupt("its bytes hash to another digest");
    }
  }
}
