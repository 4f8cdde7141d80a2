package dev.imgstore.sync.serve;

import dev.imgstore.store.BlobReader;
import dev.imgstore.store.Store;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The store, opened anew now and then. A lease ends when the store that took it is closed; a server
 * runs for months, and would keep everything it ever sent. So leases are taken for a term, and a
 * term ends when its time is over and nobody uses it any more. Safe for many threads.
 */
final class Terms implements Closeable {
  /** Opens the store; each time another one, which the caller closes. */
  interface Opener {
    /** See {@link RegistryServer#start}. */
    Store open() throws IOException;
  }

  private final Opener opener;
  private final long length;
  private @Nullable Term current;
  private boolean closed;

  Terms(Opener opener, Duration length) {
    this.opener = opener;
    this.length = length.toNanos();
  }

  /** The store of now, kept open until this is closed as often as it was taken. */
  final class Term implements Closeable {
    private final Store store;
    private final BlobReader blobs;
    private final long end = System.nanoTime() + length;
    private int users = 1;

    private Term(Store store) {
      this.store = store;
      this.blobs = store.blobs();
    }

    Store store() {
      return store;
    }

    BlobReader blobs() {
      return blobs;
    }

    /** Once more; closed once more. */
    Term keep() {
      synchronized (Terms.this) {
        users++;
        return this;
      }
    }

    @Override
    public void close() throws IOException {
      boolean last;
      synchronized (Terms.this) {
        users--;
        last = users == 0;
      }
      if (last) {
        store.close();
      }
    }
  }

  /** The caller closes it. */
  Term take() throws IOException {
    Term old = null;
    Term now;
    synchronized (this) {
      if (closed) {
        throw new IOException("the server is ending");
      }
      now = current;
      if (now == null || System.nanoTime() - now.end > 0) {
        old = now;
        now = new Term(opener.open());
        current = now;
      }
      now.keep();
    }
    if (old != null) {
      old.close();
    }
    return now;
  }

  /** Ends the term that nobody needs; the others end with their users. */
  @Override
  public void close() throws IOException {
    Term last;
    synchronized (this) {
      closed = true;
      last = current;
      current = null;
    }
    if (last != null) {
      last.close();
    }
  }
}
