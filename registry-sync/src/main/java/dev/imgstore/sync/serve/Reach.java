package dev.imgstore.sync.serve;

import dev.imgstore.model.Digest;
import dev.imgstore.store.BlobReader;
import dev.imgstore.store.ImageManifest;
import dev.imgstore.store.StoreException;
import java.io.IOException;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * What an image lets a client see: its manifests, and the configurations and layers they name.
 * Nothing else of the store: no recipe, no source, no log, no file of a tree. It never changes,
 * since digests name it all.
 *
 * @param manifests by digest, the image's own first
 * @param blobs configurations and layers
 * @param isWhole false if a manifest that is named was not held
 * @param depth how many levels of manifests there are
 * @param weight bytes that it takes to remember it
 */
record Reach(
    Map<Digest, Manifest> manifests, Set<Digest> blobs, boolean isWhole, int depth, long weight) {
  /** Indexes of indexes, at most; real ones have two levels. */
  static final int MAX_DEPTH = 8;

  /** Of what is no image for a registry. */
  static final Reach NOTHING = new Reach(Map.of(), Set.of(), true, 0, 0);

  /** A manifest or index, and how many bytes it has. */
  record Manifest(Document document, long size) {}

  /** False for what no client could pull. */
  boolean isServed() {
    return !manifests.isEmpty();
  }

  /**
   * Follows an image. Manifests of an index that are not held are left out.
   *
   * @throws StoreException if the image is missing, damaged, or nested too deeply
   */
  static Reach of(BlobReader blobs, Digest image) throws IOException {
    Walk walk = new Walk(blobs);
    walk.go(image, 1);
    return walk.isTree ? NOTHING : walk.result();
  }

  private static final class Walk {
    private final BlobReader blobs;
    private final Map<Digest, Manifest> manifests = new LinkedHashMap<>();
    private final Set<Digest> seen = new HashSet<>();
    private int depth;
    private long weight;
    private boolean isTree;
    private boolean isWhole = true;

    Walk(BlobReader blobs) {
      this.blobs = blobs;
    }

    Reach result() {
      return new Reach(
          Collections.unmodifiableMap(manifests),
          Collections.unmodifiableSet(seen),
          isWhole,
          depth,
          weight);
    }

    void go(Digest manifest, int level) throws IOException {
      if (manifests.containsKey(manifest)) {
        return;
      }
      if (level > MAX_DEPTH) {
        throw new StoreException.Corrupt("image " + manifest, "it is nested too deeply");
      }
      byte[] bytes = blobs.read(manifest, ImageManifest.MAX_SIZE);
      Document document;
      try {
        document = Document.parse(bytes);
      } catch (IllegalArgumentException e) {
        throw new StoreException.Corrupt("manifest " + manifest, String.valueOf(e.getMessage()));
      }
      depth = Math.max(depth, level);
      weight += document.weight();
      isTree |= document.isTree();
      manifests.put(manifest, new Manifest(document, bytes.length));
      for (var part : document.parts()) {
        if (!document.isIndex()) {
          seen.add(part.digest());
        } else if (blobs.has(part.digest())) {
          go(part.digest(), level + 1);
        } else {
          isWhole = false;
        }
      }
    }
  }
}
