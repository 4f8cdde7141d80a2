package dev.imgstore.store.disk;

import dev.imgstore.model.Digest;
import java.io.IOException;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Whether all parts of a list are there: a collection may have removed the chunks of a blob that
 * nothing needed, while its list stays on in a segment with others. A list that was found whole
 * stays so as long as the files are there in which its parts were found. Safe for many threads.
 */
final class Wholeness {
  /** Lists that are remembered; a store may have any number. */
  private static final int MOST = 10_000;

  private final Lookup lookup;
  private final Map<List, Known> whole = new ConcurrentHashMap<>();

  Wholeness(Lookup lookup) {
    this.lookup = lookup;
  }

  /** One list of a blob. */
  private record List(Digest blob, Form form, int variant) {
    /** Written out, as is {@link #equals}: a record's own are linked at run time. */
    @Override
    public int hashCode() {
      return blob.hashCode();
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof List list
          && blob.equals(list.blob)
          && form == list.form
          && variant == list.variant;
    }
  }

  /**
   * Where the parts of a list were found.
   *
   * @param doubts when they were
   */
  private record Known(Set<Place> places, long doubts) {
    boolean isThere() throws IOException {
      for (Place each : places) {
        if (!each.isThere()) {
          return false;
        }
      }
      return true;
    }
  }

  /** True if the blob is no list, or all its parts are there. */
  boolean of(Located blob) throws IOException {
    Entry entry = blob.entry();
    if (!entry.form().isList()) {
      return true;
    }
    List list = new List(entry.digest(), entry.form(), entry.variant());
    long doubts = lookup.doubts();
    Known known = whole.get(list);
    if (known != null && known.doubts() == doubts && known.isThere()) {
      return true;
    }
    Set<Place> places = new HashSet<>();
    PartList parts = new PartList(blob);
    while (parts.hasNext()) {
      PartList.Part part = parts.next();
      Optional<Located> found = lookup.find(part.digest(), wanted(entry));
      if (found.isEmpty() || size(entry.form(), found.get().entry()) != part.size()) {
        return false;
      }
      places.add(found.get().place());
    }
    if (whole.size() >= MOST) {
      whole.clear();
    }
    whole.put(list, new Known(places, doubts));
    return true;
  }

  private static Wanted wanted(Entry list) {
    return list.form() == Form.CHUNKED ? Wanted.FRAME : Wanted.frame(list.variant());
  }

  private static long size(Form list, Entry part) {
    return list == Form.CHUNKED ? part.plain() : part.stored();
  }
}
