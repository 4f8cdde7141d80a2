package dev.imgstore.builder.pack;

import dev.imgstore.model.Digest;
import dev.imgstore.store.FrameStore;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/** A store that gives other bytes for one chunk's frame. */
final class DamagedFrames implements FrameStore {
  private final FrameStore store;
  private final Digest damaged;
  private final byte[] frame;

  DamagedFrames(FrameStore store, Digest damaged, byte[] frame) {
    this.store = store;
    this.damaged = damaged;
    this.frame = frame.clone();
  }

  @Override
  public byte[] frame(Digest chunk) throws IOException {
    return chunk.equals(damaged) ? frame.clone() : store.frame(chunk);
  }

  @Override
  public List<Chunk> chunks(Digest blob) throws IOException {
    return store.chunks(blob);
  }

  @Override
  public Digest putVerbatim(InputStream bytes) throws IOException {
    return store.putVerbatim(bytes);
  }

  @Override
  public Digest putVerbatim(InputStream bytes, Digest wanted) throws IOException {
    return store.putVerbatim(bytes, wanted);
  }

  @Override
  public void putStitched(Digest blob, long size, List<Digest> chunks) throws IOException {
    store.putStitched(blob, size, chunks);
  }

  @Override
  public Digest put(InputStream bytes) throws IOException {
    return store.put(bytes);
  }

  @Override
  public boolean has(Digest blob) throws IOException {
    return store.has(blob);
  }

  @Override
  public long size(Digest blob) throws IOException {
    return store.size(blob);
  }

  @Override
  public InputStream open(Digest blob) throws IOException {
    return store.open(blob);
  }
}
