package dev.imgstore.store.disk;

import dev.imgstore.model.Digest;
import dev.imgstore.store.BlobReader;
import java.io.IOException;
import java.io.InputStream;

/** Reads what a {@link Lookup} finds. */
final class DiskBlobReader implements BlobReader {
  private final Lookup lookup;
  private final Bodies bodies;

  /** See {@link Bodies}. */
  DiskBlobReader(Lookup lookup, Lookup parts) {
    this.lookup = lookup;
    this.bodies = new Bodies(lookup, parts);
  }

  @Override
  public boolean has(Digest blob) throws IOException {
    return bodies.isWhole(blob);
  }

  /** True if this form can be read. */
  boolean isWhole(Located form) throws IOException {
    return bodies.isWhole(form);
  }

  @Override
  public long size(Digest blob) throws IOException {
    return lookup.get(blob, Wanted.ANY).entry().plain();
  }

  @Override
  public InputStream open(Digest blob) throws IOException {
    return bodies.open(blob);
  }

  @Override
  public InputStream open(Digest blob, long from, long length) throws IOException {
    return bodies.range(blob, from, length);
  }

  @Override
  public byte[] read(Digest blob, int limit) throws IOException {
    return bodies.read(blob, limit);
  }

  @Override
  public boolean readInto(Digest blob, byte[] target, int offset, int length) throws IOException {
    return bodies.readInto(blob, target, offset, length);
  }
}
