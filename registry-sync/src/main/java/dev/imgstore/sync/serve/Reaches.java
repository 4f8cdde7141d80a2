package dev.imgstore.sync.serve;

import dev.imgstore.model.Digest;
import dev.imgstore.store.BlobReader;
import dev.imgstore.store.StoreException;
import java.io.IOException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/** The {@link Reach} of images asked for lately, within a bound. Safe for many threads. */
final class Reaches {
  private static final long MAX_WEIGHT = 16L << 20;

  private final Map<Digest, Reach> known = new LinkedHashMap<>(64, 0.75f, true);
  private long weight;

  /** What an image shows; nothing if it is damaged or gone, which verify says. */
  Reach of(BlobReader blobs, Digest image) throws IOException {
    synchronized (known) {
      Reach before = known.get(image);
      if (before != null) {
        return before;
      }
    }
    Reach reach;
    try {
      reach = Reach.of(blobs, image);
    } catch (StoreException e) {
      return Reach.NOTHING;
    }
    if (!reach.isWhole() || reach.weight() > MAX_WEIGHT) {
      return reach; // the rest may come later; or none else would be remembered
    }
    synchronized (known) {
      if (known.put(image, reach) == null) {
        weight += reach.weight() + Digest.BYTES;
      }
      for (Iterator<Reach> all = known.values().iterator();
          weight > MAX_WEIGHT && all.hasNext(); ) {
        weight -= all.next().weight() + Digest.BYTES;
        all.remove();
      }
    }
    return reach;
  }
}
