package dev.imgstore.store.disk;

import dev.imgstore.model.Digest;
import dev.imgstore.model.RelPath;
import dev.imgstore.store.CheckReport;
import dev.imgstore.store.CheckReport.Finding;
import dev.imgstore.store.StoreException;
import dev.imgstore.store.Tasks;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;

/**
 * Re-hashes every blob of every segment and goes on past whatever it finds. First the blobs that
 * are lists, the largest first, and with them the chunks they name; then all frames and verbatim
 * blobs not met by then, in the order in which they lie, so that a frame is decompressed once for
 * each blob it is a part of, and once if it is of none.
 */
final class BlobCheck {
  /** Windows that one task reads. */
  private static final int RUNS = 4;

  /** Segments that are searched one after the other; more are left to the index. */
  private static final int FEW = 32;

  private final Filesystem files;
  private final DiskSegments segments;
  private final Bodies bodies;
  private final ExecutorService pool;
  private final Tasks tasks = new Tasks();
  private final Queue<Finding> findings = new ConcurrentLinkedQueue<>();
  private final Queue<BodyCheck> idle = new ConcurrentLinkedQueue<>();
  private final Map<RelPath, CheckedSegment> checked = new TreeMap<>();

  BlobCheck(Filesystem files, DiskSegments segments, ExecutorService pool) {
    this.files = files;
    this.segments = segments;
    this.bodies = new Bodies(segments, segments);
    this.pool = pool;
  }

  /** One list of parts. */
  private record ListOfParts(CheckedSegment in, int number) {
    long plain() {
      return in.plain(number);
    }
  }

  CheckReport run() throws IOException {
    List<ListOfParts> lists = new ArrayList<>();
    long blobs = 0;
    long bytes = 0;
    for (Segment segment : segments.refresh()) {
      Optional<CheckedSegment> found = new SegmentCheck(segment, findings::add).run();
      if (found.isPresent()) {
        CheckedSegment in = found.get();
        checked.put(segment.file(), in);
        blobs += in.count();
        for (int i = 0; i < in.count(); i++) {
          int number = in.number(i);
          bytes += in.stored(number);
          if (in.form(number).isList()) {
            lists.add(new ListOfParts(in, number));
          }
        }
      }
    }
    lists.sort(Comparator.comparingLong(ListOfParts::plain).reversed());
    for (ListOfParts each : lists) {
      submit(check -> checking(check, each));
    }
    tasks.finish();
    checked.values().forEach(this::submitBodies);
    tasks.finish();
    checkNames();
    return new CheckReport(blobs, bytes, List.copyOf(findings));
  }

  private void checkNames() throws IOException {
    for (RelPath each : files.list(Purpose.DIRECTORY)) {
      if (Purpose.of(each).isEmpty()) {
        findings.add(new Finding(each.value(), "file", "it is not the name of a segment"));
      }
    }
  }

  /** What a thread does with the room it was given. */
  private interface Work {
    void with(BodyCheck check);
  }

  private void submit(Work work) {
    tasks.run(
        pool,
        () -> {
          BodyCheck mine = idle.poll();
          BodyCheck check = mine == null ? new BodyCheck() : mine;
          work.with(check);
          idle.add(check);
        });
  }

  /** Bodies at places {@code from} to {@code to} in order, in one window or one longer body. */
  private record Run(int from, int to) {}

  private void submitBodies(CheckedSegment in) {
    List<Run> some = new ArrayList<>();
    int at = 0;
    while (at < in.count()) {
      int number = in.number(at);
      if (in.form(number).isList() || in.isVerified(number)) {
        at++;
        continue;
      }
      int to = endOfRun(in, at);
      some.add(new Run(at, to));
      at = to;
      if (some.size() == RUNS) {
        submit(in, some);
        some = new ArrayList<>();
      }
    }
    submit(in, some);
  }

  private static int endOfRun(CheckedSegment in, int from) {
    long start = in.offset(in.number(from));
    int at = from + 1;
    while (at < in.count()) {
      int number = in.number(at);
      if (in.form(number).isList()
          || in.isVerified(number)
          || in.offset(number) + in.stored(number) - start > BodyCheck.WINDOW) {
        break;
      }
      at++;
    }
    return at;
  }

  private void submit(CheckedSegment in, List<Run> runs) {
    submit(check -> runs.forEach(run -> checkRun(check, in, run)));
  }

  private void checkRun(BodyCheck check, CheckedSegment in, Run run) {
    int first = in.number(run.from());
    if (in.stored(first) <= BodyCheck.WINDOW) {
      check.check(in, run.from(), run.to(), this::find);
      return;
    }
    try {
      check.checkLong(in, first);
    } catch (IOException e) {
      find(in.located(first), e);
    }
  }

  private void find(Located located, IOException fault) {
    if (fault instanceof NoSuchFileException) {
      return; // collected meanwhile; what was alive lies in a segment that its collector synced
    }
    String digest = located.entry().digest().toString();
    String sentence =
        fault instanceof StoreException
            ? String.valueOf(fault.getMessage())
            : "it cannot be read: " + fault.getMessage();
    located.distrust(); // whoever stores it again after this heals it
    findings.add(new Finding(located.place().toString(), digest, sentence));
  }

  private void checking(BodyCheck check, ListOfParts list) {
    try {
      checkList(check, list);
    } catch (IOException e) {
      find(list.in().located(list.number()), e);
    }
  }

  private void checkList(BodyCheck check, ListOfParts list) throws IOException {
    check.checkListed(list.in(), list.number());
    Located located = list.in().located(list.number());
    if (located.entry().form() == Form.CHUNKED) {
      checkChunked(check, list, located);
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

  /** Found in the footers that are here anyway, unless they are many. */
  private Located chunk(Located list, Digest digest) throws IOException {
    if (checked.size() <= FEW) {
      byte[] raw = digest.raw();
      for (CheckedSegment each : checked.values()) {
        int number = each.frame(raw);
        if (number >= 0) {
          return each.located(number);
        }
      }
    }
    return bodies.part(list, digest, Wanted.FRAME);
  }

  /** As reading it, but a chunk not met before is itself held against its digest. */
  private void checkChunked(BodyCheck check, ListOfParts list, Located located) throws IOException {
    check.begin();
    PartList parts = new PartList(located);
    while (parts.hasNext()) {
      PartList.Part part = parts.next();
      Located chunk = chunk(located, part.digest());
      CheckedSegment in =
          chunk.place() instanceof Segment segment ? checked.get(segment.file()) : null;
      int number = in == null ? -1 : in.find(chunk.entry());
      boolean verified = in == null || number < 0 || in.isVerified(number);
      if (check.add(located, chunk, part.size(), verified) && in != null) {
        in.verify(number);
      }
    }
    check.end(list.in(), list.number());
  }
}
