package dev.imgstore.builder.pack;

import dev.imgstore.builder.recipe.RunConfig.Compression;
import dev.imgstore.model.ActionKey;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Layer;
import dev.imgstore.store.Actions;
import dev.imgstore.store.FrameStore;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;

/**
 * Packs the layers of an image, several at a time, and looks up those that were packed before. The
 * result does not depend on the number of threads. Safe for many threads.
 */
public final class LayerPacker {
  private final Actions actions;
  private final ExecutorService pool;

  /**
   * What packing gave.
   *
   * @param layers in the order asked for
   * @param fresh what was packed anew: for the caller to hand to {@link Actions#record} once the
   *     store is flushed (law 2)
   */
  public record Packed(List<LayerRecord> layers, SortedMap<ActionKey, Digest> fresh) {
    /** Copies in. */
    public Packed {
      layers = List.copyOf(layers);
      fresh = Collections.unmodifiableSortedMap(new TreeMap<>(fresh));
    }
  }

  private record One(ActionKey key, Digest record, LayerRecord layer, boolean reused) {}

  /**
   * Packs with these.
   *
   * @param actions where earlier results are looked up; nothing is recorded here
   * @param pool runs the packing; stays the caller's, whose thread must not be one of it
   */
  public LayerPacker(Actions actions, ExecutorService pool) {
    this.actions = actions;
    this.pool = pool;
  }

  /**
   * Packs {@code layers} into {@code store}. Waits for all of them; the first failure keeps those
   * from starting that have not, and is thrown.
   *
   * @throws PackException if a layer cannot hold one of its entries
   */
  public Packed pack(List<LayerContent> layers, Compression compression, FrameStore store)
      throws IOException {
    List<Future<One>> running = new ArrayList<>();
    for (LayerContent layer : layers) {
      running.add(pool.submit(() -> one(layer, compression, store)));
    }
    List<LayerRecord> packed = new ArrayList<>();
    SortedMap<ActionKey, Digest> fresh = new TreeMap<>();
    for (One one : all(running)) {
      packed.add(one.layer());
      if (!one.reused()) {
        fresh.put(one.key(), one.record());
      }
    }
    return new Packed(packed, fresh);
  }

  private One one(LayerContent content, Compression compression, FrameStore store)
      throws IOException {
    ActionKey key = PackKey.of(content, compression);
    Optional<Digest> known = actions.find(key);
    if (known.isPresent()) {
      Optional<LayerRecord> record = reusable(known.get(), store);
      if (record.isPresent()) {
        return new One(key, known.get(), record.get(), true);
      }
    }
    Layer layer =
        switch (compression) {
          case ZSTD -> ZstdLayer.pack(content, store);
          case GZIP -> GzipLayer.pack(content, store, pool);
        };
    LayerRecord record = new LayerRecord(content.name(), layer);
    return new One(key, store.putMetadata(record.encode()), record, false);
  }

  /** The record, if it can be read and its layer is still there: losing one loses time only. */
  private static Optional<LayerRecord> reusable(Digest digest, FrameStore store)
      throws IOException {
    if (!store.has(digest)) {
      return Optional.empty();
    }
    LayerRecord record;
    try {
      record = LayerRecord.decode(store.read(digest, LayerRecord.MAX_BYTES));
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // a hint that cannot be read is a miss
    }
    return store.has(record.layer().blob().digest()) ? Optional.of(record) : Optional.empty();
  }

  /** Never interrupts a running one: that would close the store's files under its other readers. */
  private static List<One> all(List<Future<One>> running) throws IOException {
    List<One> done = new ArrayList<>();
    Throwable failure = null;
    boolean interrupted = false;
    for (Future<One> future : running) {
      boolean waiting = true;
      while (waiting) {
        try {
          done.add(future.get());
          waiting = false;
        } catch (InterruptedException e) {
          interrupted = true;
          running.forEach(other -> other.cancel(false));
        } catch (CancellationException e) {
          waiting = false;
        } catch (ExecutionException e) {
          failure = failure == null ? e.getCause() : failure;
          running.forEach(other -> other.cancel(false));
          waiting = false;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("packing layers was interrupted");
    }
    if (failure != null) {
      throw rethrown(failure);
    }
    return done;
  }

  private static IOException rethrown(Throwable failure) {
    if (failure instanceof RuntimeException unchecked) {
      throw unchecked;
    }
    if (failure instanceof Error error) {
      throw error;
    }
    return failure instanceof IOException io ? io : new IOException(failure);
  }
}
