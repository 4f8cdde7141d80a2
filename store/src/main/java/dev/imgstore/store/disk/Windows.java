package dev.imgstore.store.disk;

import dev.imgstore.model.RelPath;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Open files of sealed segments, a bounded number at a time: a store may have thousands. One that
 * is open stays readable though its name is gone.
 */
final class Windows implements Closeable {
  private static final int MOST = 128;
  private final Filesystem files;
  private final Map<RelPath, Shared> open = new LinkedHashMap<>(16, 0.75f, true);
  private boolean closed;

  Windows(Filesystem files) {
    this.files = files;
  }

  private static final class Shared {
    final Filesystem.Window window;
    int users;

    Shared(Filesystem.Window window) {
      this.window = window;
    }
  }

  /** Bytes of the file. */
  long size(RelPath file) throws IOException {
    Shared shared = take(file);
    try {
      return shared.window.size();
    } finally {
      release(shared);
    }
  }

  void read(RelPath file, long position, ByteBuffer target) throws IOException {
    Shared shared = take(file);
    try {
      shared.window.read(position, target);
    } finally {
      release(shared);
    }
  }

  private synchronized Shared take(RelPath file) throws IOException {
    if (closed) {
      throw new IOException("the store is closed");
    }
    Shared shared = open.get(file);
    if (shared == null) {
      shared = new Shared(files.open(file));
      open.put(file, shared);
    }
    shared.users++;
    closeUnused(MOST);
    return shared;
  }

  private synchronized void release(Shared shared) throws IOException {
    shared.users--;
    if (closed) {
      closeUnused(0);
    }
  }

  private void closeUnused(int most) throws IOException {
    Iterator<Shared> oldest = open.values().iterator();
    while (open.size() > most && oldest.hasNext()) {
      Shared each = oldest.next();
      if (each.users == 0) {
        oldest.remove();
        each.window.close();
      }
    }
  }

  @Override
  public synchronized void close() throws IOException {
    closed = true;
    closeUnused(0);
  }
}
