package dev.imgstore.store;

import dev.imgstore.model.Digest;
import java.io.IOException;
import java.util.Collection;
import java.util.List;

/**
 * What is stored, as it travels: packs are segments, so that nothing is compressed or cut again to
 * be sent. See {@code docs/design/22-shared-cache.md}. Safe for many threads.
 */
public interface Packs {
  /**
   * A body that is here.
   *
   * @param purpose of the segment it lies in, or would: a pack has bodies of one purpose
   * @param size stored bytes
   */
  record Stored(Body body, int purpose, long size) {}

  /**
   * What these blobs are made of: one stored form of each, and of lists the parts. Each body once,
   * in order.
   *
   * @throws StoreException.MissingBlob if one is not held
   */
  List<Stored> bodies(Collection<Digest> blobs) throws IOException;

  /**
   * A pack of these bodies, read once for its digest and held against their checksums. The same
   * bodies give the same pack.
   *
   * @param bodies at least one, all of one purpose
   * @throws StoreException.Corrupt if one is damaged
   */
  Pack pack(List<Stored> bodies) throws IOException;

  /**
   * Takes packs from elsewhere; the caller closes it.
   *
   * @param into of this store; flushed now and then, and by the caller at the end
   */
  Arrival arrive(Transaction into);
}
