package dev.imgstore.store.disk;

import dev.imgstore.model.RelPath;
import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Seals segments one after the other on a thread of its own: most of that is waiting for a disk.
 */
final class Sealing implements Closeable {
  private final ExecutorService thread = Executors.newSingleThreadExecutor();
  private final Map<SegmentWriter, Future<RelPath>> running = new LinkedHashMap<>();
  private boolean done;

  /** Nothing more is appended to it. */
  void add(SegmentWriter writer) {
    running.put(writer, thread.submit(writer::seal));
  }

  /** All that were added, with the names they are to have. */
  Map<SegmentWriter, RelPath> await() throws IOException {
    Map<SegmentWriter, RelPath> sealed = new LinkedHashMap<>();
    for (Map.Entry<SegmentWriter, Future<RelPath>> each : running.entrySet()) {
      sealed.put(each.getKey(), result(each.getValue()));
    }
    done = true;
    return sealed;
  }

  private static RelPath result(Future<RelPath> future) throws IOException {
    try {
      return future.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while writing segments");
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      if (cause instanceof Error error) {
        throw error;
      }
      throw cause instanceof IOException io ? io : new IOException(cause);
    }
  }

  /** Removes what was not published, unless all was sealed. */
  @Override
  public void close() throws IOException {
    thread.shutdown();
    if (done) {
      return;
    }
    for (Map.Entry<SegmentWriter, Future<RelPath>> each : running.entrySet()) {
      try {
        result(each.getValue());
      } catch (IOException e) {
        // said by whoever waited for it first; what is left of it goes with the rest
      } finally {
        each.getKey().discard();
      }
    }
  }
}
