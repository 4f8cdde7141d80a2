package dev.imgstore.builder.source.oci;

import dev.imgstore.builder.tar.HeldNames;
import dev.imgstore.builder.tar.TarEntry;
import dev.imgstore.model.Digest;
import dev.imgstore.model.TreeId;
import dev.imgstore.store.BlobStore;
import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.FutureTask;

/**
 * Trees of images whose layers come one by one: a layer is read as soon as it is there, two at
 * once, each with a thread that decompresses and one that stores its files. What is read ahead and
 * not yet put on top of the others takes a part of the memory, no more: a layer for which there is
 * no room is read when it is due. For one thread, but {@link #begin} for any.
 */
public final class Unpacking implements Closeable {
  private static final int AT_ONCE = 2;

  /** The part of all memory that entries may take which were read ahead. */
  private static final int PART = 4;

  private final String image;
  private final BlobStore blobs;
  private final ExecutorService pool;
  private final LayerReader reader;
  private final Map<Digest, Ahead> ahead = new HashMap<>();
  private final Deque<Ahead> waiting = new ArrayDeque<>();
  private long room;
  private int workers;
  private boolean closed;

  /**
   * Nothing is read yet.
   *
   * @param image what it is, for people
   * @param blobs has the layers, and takes their files
   * @param pool starts what it is given at once, and interrupts none of it; up to five tasks
   */
  public Unpacking(String image, BlobStore blobs, ExecutorService pool) {
    this(image, blobs, pool, Runtime.getRuntime().maxMemory() / PART);
  }

  /** With room for entries of so many bytes. */
  Unpacking(String image, BlobStore blobs, ExecutorService pool, long room) {
    this.room = room;
    this.image = image;
    this.blobs = blobs;
    this.pool = pool;
    this.reader = new LayerReader(blobs);
  }

  /** There is not enough memory to read it now. */
  private static final class TooMuch extends IOException {
    private static final long serialVersionUID = 1;

    TooMuch() {
      super("it is read when it is due");
    }
  }

  /** One layer that is, or will be, read before it is asked for. */
  private final class Ahead implements LayerReader.Room {
    private final FutureTask<LayerReader.Contents> task;
    private long held;

    Ahead(Digest layer) {
      task = new FutureTask<>(() -> read(layer));
    }

    private LayerReader.Contents read(Digest layer) throws IOException {
      return reader.read(image + ", layer " + layer, layer, pool, this);
    }

    @Override
    public void goOn() throws IOException {
      synchronized (Unpacking.this) {
        if (closed) {
          throw new TooMuch();
        }
      }
    }

    @Override
    public void take(TarEntry entry) throws IOException {
      long bytes = HeldNames.bytes(entry);
      synchronized (Unpacking.this) {
        if (closed || bytes > room) {
          throw new TooMuch();
        }
        room -= bytes;
        held += bytes;
      }
    }

    void release() {
      synchronized (Unpacking.this) {
        room += held;
        held = 0;
      }
    }

    /** Empty if there was no room. */
    Optional<LayerReader.Contents> result() throws IOException {
      task.run(); // nothing happens if another thread has begun it
      try {
        return Optional.of(task.get());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted while unpacking");
      } catch (ExecutionException e) {
        if (e.getCause() instanceof TooMuch) {
          return Optional.empty();
        } else if (e.getCause() instanceof RuntimeException unchecked) {
          throw unchecked;
        } else if (e.getCause() instanceof Error error) {
          throw error;
        }
        throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
      }
    }
  }

  /** Begins to read a layer, which is in the store now; again is once. */
  public synchronized void begin(Digest layer) {
    if (closed || ahead.containsKey(layer)) {
      return;
    }
    Ahead one = new Ahead(layer);
    ahead.put(layer, one);
    waiting.add(one);
    if (workers < AT_ONCE) {
      workers++;
      pool.execute(this::work);
    }
  }

  private void work() {
    for (Optional<Ahead> next = next(); next.isPresent(); next = next()) {
      next.get().task.run(); // it keeps what fails for who asks for it
    }
  }

  private synchronized Optional<Ahead> next() {
    Ahead first = waiting.poll();
    if (first == null) {
      workers--;
      notifyAll();
    }
    return Optional.ofNullable(first);
  }

  /**
   * The tree of one platform's image, whose blobs are in the store.
   *
   * @param of what it is, for people
   * @param manifest not that of an index
   */
  public TreeId unpack(String of, Digest manifest) throws IOException {
    List<BaseImage.Stacked> stacked = BaseImage.parts(of, manifest, blobs);
    stacked.forEach(each -> begin(each.blob()));
    Deque<Ahead> used = new ArrayDeque<>();
    try {
      return BaseImage.unpack(of, stacked, blobs, (name, layer) -> take(name, layer, used));
    } finally {
      used.forEach(Ahead::release);
    }
  }

  /**
   * What was read ahead, or is read now.
   *
   * @param used the one before, of which nothing is needed any more
   */
  private LayerReader.Contents take(String name, Digest layer, Deque<Ahead> used)
      throws IOException {
    used.forEach(Ahead::release);
    used.clear();
    Ahead mine;
    synchronized (this) {
      mine = ahead.remove(layer);
      if (mine != null) {
        waiting.remove(mine);
      }
    }
    if (mine != null) {
      used.add(mine);
      Optional<LayerReader.Contents> contents = mine.result();
      if (contents.isPresent()) {
        return contents.get();
      }
      mine.release();
    }
    return reader.read(name, layer);
  }

  /** Returns when nothing of it runs any more; what was read and not asked for is forgotten. */
  @Override
  public void close() {
    boolean interrupted = false;
    synchronized (this) {
      closed = true;
      waiting.clear();
      while (workers > 0) {
        try {
          wait();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
