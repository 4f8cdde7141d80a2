package dev.imgstore.sync.serve;

import dev.imgstore.model.Digest;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Blobs that were uploaded or mounted and that no manifest names yet: each is seen in its
 * repository, and leased, for a time. Safe for many threads.
 */
final class Fresh implements Closeable {
  private static final int MAX = 20_000;

  private record Key(String repository, Digest blob) {}

  private record Kept(Terms.Term term, long end) {}

  private final long length;
  private final Map<Key, Kept> all = new LinkedHashMap<>();

  Fresh(Duration length) {
    this.length = length.toNanos();
  }

  synchronized boolean has(String repository, Digest blob) {
    Kept kept = all.get(new Key(repository, blob));
    return kept != null && System.nanoTime() - kept.end() < 0;
  }

  /** True if any repository has it. */
  synchronized boolean hasAnywhere(Digest blob) {
    long now = System.nanoTime();
    return all.entrySet().stream()
        .anyMatch(each -> each.getKey().blob().equals(blob) && now - each.getValue().end() < 0);
  }

  /** Keeps a blob that was leased in this term. */
  void add(String repository, Digest blob, Terms.Term term) throws IOException, Refusal {
    Kept before;
    synchronized (this) {
      if (all.size() >= MAX) {
        throw new Refusal(
                Refusal.Code.TOOMANYREQUESTS,
                "too many blobs wait for a manifest that names them; try again later")
            .with("Retry-After", "60");
      }
      Key key = new Key(repository, blob);
      before = all.remove(key);
      all.put(key, new Kept(term.keep(), System.nanoTime() + length));
    }
    if (before != null) {
      before.term().close();
    }
  }

  /** False if it was not there. */
  boolean remove(String repository, Digest blob) throws IOException {
    Kept kept;
    synchronized (this) {
      kept = all.remove(new Key(repository, blob));
    }
    if (kept != null) {
      kept.term().close();
    }
    return kept != null;
  }

  /** Gives up what has waited too long. */
  void sweep() throws IOException {
    end(System.nanoTime());
  }

  private void end(long now) throws IOException {
    List<Terms.Term> over = new ArrayList<>();
    synchronized (this) {
      for (Iterator<Kept> each = all.values().iterator(); each.hasNext(); ) {
        Kept kept = each.next();
        if (now - kept.end() >= 0) {
          over.add(kept.term());
          each.remove();
        }
      }
    }
    for (Terms.Term each : over) {
      each.close();
    }
  }

  @Override
  public void close() throws IOException {
    end(System.nanoTime() + length);
  }
}
