package dev.imgstore.store.disk;

import dev.imgstore.model.TreeId;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** What became of a directory that was imported. */
public final class ImportedTree {
  private final TreeId tree;
  private final long entries;
  private final long bytes;
  private final long read;
  private final List<String> sockets;
  private final StatCache cache;
  private final Optional<Collection<StatCache.Seen>> seen;

  ImportedTree(
      TreeId tree,
      Counts counts,
      List<String> sockets,
      StatCache cache,
      Optional<Collection<StatCache.Seen>> seen) {
    this.tree = tree;
    this.entries = counts.entries();
    this.bytes = counts.bytes();
    this.read = counts.read();
    this.sockets = List.copyOf(sockets);
    this.cache = cache;
    this.seen = seen;
  }

  /**
   * How much there was.
   *
   * @param entries names below the root
   * @param bytes of all files, each inode once
   * @param read bytes of files that had to be read
   */
  record Counts(long entries, long bytes, long read) {}

  /** The root directory. */
  public TreeId tree() {
    return tree;
  }

  /** Names below the root. */
  public long entries() {
    return entries;
  }

  /** Bytes of all files, those with several names once. */
  public long bytes() {
    return bytes;
  }

  /** Bytes that had to be read; the rest is known from before. */
  public long bytesRead() {
    return read;
  }

  /** Sockets, which were left out. */
  public List<String> sockets() {
    return sockets;
  }

  /**
   * Remembers the state of every file, so that those untouched until the next import are not read
   * again. To be called when the transaction is flushed; forgetting it costs time only.
   */
  public void remember() throws IOException {
    if (seen.isPresent()) {
      cache.replace(seen.get());
    }
  }
}
