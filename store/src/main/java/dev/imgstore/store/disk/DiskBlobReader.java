package dev.imgstore.store.disk;

import dev.imgstore.model.Digest;
import dev.imgstore.store.BlobReader;
import java.io.IOException;
import java.io.InputStream;

/** Reads what a {@link Lookup} finds. */
final class DiskBlobReader implements BlobReader {
  private final Lookup lookup;
  private final Bodies bodies;

  DiskBlobReader(Lookup lookup) {
    this.lookup = lookup;
    this.bodies = new Bodies(lookup);
  }

  @Override
  public boolean has(Digest blob) throws IOException {
    return lookup.find(blob, Wanted.ANY).isPresent();
  }

  @Override
  public long size(Digest blob) throws IOException {
    return lookup.get(blob, Wanted.ANY).entry().plain();
  }

  @Override
  public InputStream open(Digest blob) throws IOException {
    return bodies.open(lookup.get(blob, Wanted.ANY));
  }

  @Override
  public byte[] read(Digest blob, int limit) throws IOException {
    return bodies.read(lookup.get(blob, Wanted.ANY), limit);
  }
}
