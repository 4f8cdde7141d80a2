package dev.imgstore.builder.disk.machine;

import dev.imgstore.model.Digest;
import dev.imgstore.store.BlobReader;
import dev.imgstore.store.BlobStore;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A store under a few directories that are in memory only: those that differ between a tree and the
 * partitions made of it. Safe for several threads.
 */
final class Overlay implements BlobStore {
  private final BlobReader under;
  private final Map<Digest, byte[]> made = new ConcurrentHashMap<>();

  Overlay(BlobReader under) {
    this.under = under;
  }

  @Override
  public boolean has(Digest blob) throws IOException {
    return made.containsKey(blob) || under.has(blob);
  }

  @Override
  public long size(Digest blob) throws IOException {
    byte[] bytes = made.get(blob);
    return bytes != null ? bytes.length : under.size(blob);
  }

  @Override
  public InputStream open(Digest blob) throws IOException {
    byte[] bytes = made.get(blob);
    return bytes != null ? new ByteArrayInputStream(bytes) : under.open(blob);
  }

  @Override
  public byte[] read(Digest blob, int limit) throws IOException {
    byte[] bytes = made.get(blob);
    return bytes != null ? bytes.clone() : under.read(blob, limit);
  }

  @Override
  public boolean readInto(Digest blob, byte[] target, int offset, int length) throws IOException {
    return made.containsKey(blob)
        ? BlobStore.super.readInto(blob, target, offset, length)
        : under.readInto(blob, target, offset, length);
  }

  @Override
  public Digest put(InputStream bytes) throws IOException {
    byte[] all = bytes.readAllBytes();
    Digest digest = Digest.of(all);
    made.put(digest, all);
    return digest;
  }
}
