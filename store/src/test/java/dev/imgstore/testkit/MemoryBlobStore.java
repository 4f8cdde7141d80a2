package dev.imgstore.testkit;

import dev.imgstore.model.Digest;
import dev.imgstore.store.Frames;
import dev.imgstore.store.StoreException;
import dev.imgstore.store.Transaction;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Blobs in a map. Cuts at a fixed small size, so that every test meets blobs of several chunks. */
public final class MemoryBlobStore implements Transaction {
  private static final int CHUNK = 64 * 1024;
  private final Map<Digest, byte[]> blobs = new TreeMap<>();

  @Override
  public synchronized boolean has(Digest blob) {
    return blobs.containsKey(blob);
  }

  @Override
  public synchronized long size(Digest blob) throws IOException {
    return bytes(blob).length;
  }

  @Override
  public synchronized InputStream open(Digest blob) throws IOException {
    return new ByteArrayInputStream(bytes(blob));
  }

  @Override
  public Digest put(InputStream bytes) throws IOException {
    return keep(bytes.readAllBytes());
  }

  @Override
  public Digest putVerbatim(InputStream bytes) throws IOException {
    return keep(bytes.readAllBytes());
  }

  @Override
  public Digest putVerbatim(InputStream bytes, Digest wanted) throws IOException {
    byte[] all = bytes.readAllBytes();
    Digest digest = Digest.of(all);
    return digest.equals(wanted) ? keep(all) : digest;
  }

  @Override
  public List<Chunk> chunks(Digest blob) throws IOException {
    byte[] all = bytes(blob);
    if (all.length <= CHUNK) {
      return List.of(new Chunk(blob, all.length));
    }
    List<Chunk> chunks = new ArrayList<>();
    for (int at = 0; at < all.length; at += CHUNK) {
      byte[] part = Arrays.copyOfRange(all, at, Math.min(all.length, at + CHUNK));
      chunks.add(new Chunk(keep(part), part.length));
    }
    return chunks;
  }

  @Override
  public byte[] frame(Digest chunk) throws IOException {
    byte[] bytes = bytes(chunk);
    return Frames.encode(bytes, 0, bytes.length);
  }

  @Override
  public void putStitched(Digest blob, long size, List<Digest> chunks) throws IOException {
    ByteArrayOutputStream stitched = new ByteArrayOutputStream();
    for (Digest chunk : chunks) {
      stitched.writeBytes(frame(chunk));
    }
    byte[] bytes = stitched.toByteArray();
    if (bytes.length != size || !Digest.of(bytes).equals(blob)) {
      throw new IllegalArgumentException("these frames are not " + blob);
    }
    keep(bytes);
  }

  @Override
  public void flush() {}

  @Override
  public void close() {}

  private synchronized Digest keep(byte[] bytes) {
    Digest digest = Digest.of(bytes);
    blobs.put(digest, bytes);
    return digest;
  }

  private synchronized byte[] bytes(Digest blob) throws IOException {
    byte[] bytes = blobs.get(blob);
    if (bytes == null) {
      throw new StoreException.MissingBlob(blob);
    }
    return bytes;
  }
}
