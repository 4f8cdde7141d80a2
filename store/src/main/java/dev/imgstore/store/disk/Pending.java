package dev.imgstore.store.disk;

import dev.imgstore.model.Digest;
import dev.imgstore.model.RelPath;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a transaction has written and not yet published: open segments, one of each purpose for
 * small bodies and one for each verbatim body that is streaming, and where each blob lies in them.
 * Bodies are compressed and hashed by the callers' threads; only looking up and appending happens
 * under the lock. Safe for many threads.
 */
final class Pending {
  private final Filesystem files;
  private final Scratch scratch;
  private final Map<Form, Map<Digest, Located>> blobs = new EnumMap<>(Form.class);
  private final Map<Purpose, SegmentWriter> open = new EnumMap<>(Purpose.class);
  private final Deque<SegmentWriter> idleStreams = new ArrayDeque<>();
  private final List<SegmentWriter> full = new ArrayList<>();
  private final List<SegmentWriter> all = new ArrayList<>();

  Pending(Filesystem files, Scratch scratch) {
    this.files = files;
    this.scratch = scratch;
    for (Form each : Form.values()) {
      blobs.put(each, new HashMap<>());
    }
  }

  private Map<Digest, Located> of(Form form) {
    Map<Digest, Located> map = blobs.get(form);
    if (map == null) {
      throw new AssertionError(form);
    }
    return map;
  }

  synchronized Optional<Located> find(Digest blob, Wanted wanted) {
    for (Form form : Form.values()) {
      Located found = of(form).get(blob);
      if (found != null && wanted.accepts(form, found.entry().variant())) {
        return Optional.of(found);
      }
    }
    return Optional.empty();
  }

  /** Appends a body unless this form of the blob was appended meanwhile. */
  synchronized Located append(
      Purpose purpose, Digest digest, Form form, int variant, byte[] body, int length, long plain)
      throws IOException {
    Located there = of(form).get(digest);
    if (there != null && there.entry().variant() == variant) {
      return there;
    }
    SegmentWriter writer = writer(purpose);
    Entry entry = writer.append(digest, form, variant, body, length, plain);
    if (writer.isFull()) {
      full.add(writer);
      open.remove(purpose);
    }
    return enter(writer, entry);
  }

  private Located enter(SegmentWriter writer, Entry entry) {
    Located located = new Located(writer, entry);
    of(entry.form()).put(entry.digest(), located);
    return located;
  }

  private SegmentWriter writer(Purpose purpose) throws IOException {
    SegmentWriter writer = open.get(purpose);
    if (writer == null) {
      writer = create(purpose);
      open.put(purpose, writer);
    }
    return writer;
  }

  private SegmentWriter create(Purpose purpose) throws IOException {
    SegmentWriter writer = new SegmentWriter(files, scratch.newFile(), purpose);
    all.add(writer);
    return writer;
  }

  /** A segment for one verbatim body, which nobody else appends to until it is given back. */
  synchronized SegmentWriter takeStream() throws IOException {
    SegmentWriter idle = idleStreams.poll();
    return idle != null ? idle : create(Purpose.VERBATIM);
  }

  /** Takes a stream's segment back, and its body if it has one that is new. */
  synchronized void giveBack(SegmentWriter writer, @Nullable Entry added) {
    if (added != null) {
      enter(writer, added);
    }
    if (writer.isFull()) {
      full.add(writer);
    } else {
      idleStreams.add(writer);
    }
  }

  /**
   * What is written at this moment, to be published; later bodies go elsewhere. Of each purpose the
   * oldest first: what names a blob was put after it.
   */
  synchronized List<SegmentWriter> takeAll() {
    List<SegmentWriter> taken = new ArrayList<>(full);
    taken.addAll(open.values());
    taken.addAll(idleStreams);
    open.clear();
    idleStreams.clear();
    full.clear();
    return taken;
  }

  /** Ends segments and makes their bytes durable; those without a blob are dropped. */
  Map<SegmentWriter, RelPath> seal(List<SegmentWriter> taken) throws IOException {
    Map<SegmentWriter, RelPath> sealed = new LinkedHashMap<>();
    for (SegmentWriter each : taken) {
      if (each.entries().isEmpty()) {
        each.discard();
        forget(List.of(each));
      } else {
        sealed.put(each, each.seal());
      }
    }
    return sealed;
  }

  /** Forgets segments that were published: their blobs are found in the store now. */
  synchronized void forget(Iterable<SegmentWriter> published) {
    for (SegmentWriter each : published) {
      all.remove(each);
      for (Entry entry : each.entries()) {
        Map<Digest, Located> map = of(entry.form());
        Located located = map.get(entry.digest());
        if (located != null && located.place() == each) {
          map.remove(entry.digest());
        }
      }
    }
  }

  /** Removes all that was not published. */
  synchronized void discard() throws IOException {
    IOException first = null;
    for (SegmentWriter each : all) {
      try {
        each.discard();
      } catch (IOException e) {
        first = first == null ? e : first;
      }
    }
    all.clear();
    if (first != null) {
      throw first;
    }
  }
}
