package dev.imgstore.store.disk;

import dev.imgstore.model.Digest;
import dev.imgstore.model.TreeCodec;
import dev.imgstore.store.BlobReader;
import dev.imgstore.store.BuildRecord;
import dev.imgstore.store.ImageManifest;
import dev.imgstore.store.StoreException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The order in which blobs that name others are put into a store, so that each is visible only
 * after what it names (law 2): trees after their subtrees, then what is no document, then
 * manifests, indexes, and build records last. What it is is told by content, whatever the form in
 * which it is stored: a file that was taken in may have the bytes of a tree. For one thread.
 */
final class CopyOrder {
  /** Largest that is read; the largest that any reader takes. */
  static final int MAX = 256 << 20;

  private final BlobReader reader;
  private final Set<Digest> left;
  private final List<Digest> trees = new ArrayList<>();
  private final Map<Rank, List<Digest>> others = new LinkedHashMap<>();

  private CopyOrder(BlobReader reader, Collection<Digest> blobs) {
    this.reader = reader;
    this.left = new HashSet<>(blobs);
  }

  private enum Rank {
    OTHER,
    MANIFEST,
    INDEX,
    RECORD
  }

  /** A tree whose subtrees were put on the stack. */
  private record Step(Digest blob, boolean isOpen) {}

  /**
   * Reads these.
   *
   * @throws StoreException.Corrupt if one of them is damaged
   */
  static CopyOrder of(BlobReader reader, Collection<Digest> blobs) throws IOException {
    CopyOrder order = new CopyOrder(reader, blobs);
    for (Digest each : new TreeSet<>(blobs)) {
      order.add(each);
    }
    return order;
  }

  /** Those that only look as if they named others. */
  List<Digest> plain() {
    return others.getOrDefault(Rank.OTHER, List.of());
  }

  /** Those that name others, each after what it names. */
  List<Digest> naming() {
    List<Digest> all = new ArrayList<>(trees);
    for (Rank rank : List.of(Rank.MANIFEST, Rank.INDEX, Rank.RECORD)) {
      all.addAll(others.getOrDefault(rank, List.of()));
    }
    return all;
  }

  private void add(Digest first) throws IOException {
    Deque<Step> stack = new ArrayDeque<>();
    stack.push(new Step(first, false));
    while (!stack.isEmpty()) {
      Step step = stack.pop();
      if (step.isOpen()) {
        trees.add(step.blob());
      } else if (left.remove(step.blob())) {
        byte[] bytes = reader.read(step.blob(), MAX);
        Optional<List<Digest>> subtrees = subtrees(bytes);
        if (subtrees.isPresent()) {
          stack.push(new Step(step.blob(), true));
          subtrees.get().forEach(each -> stack.push(new Step(each, false)));
        } else {
          others.computeIfAbsent(rank(step.blob(), bytes), r -> new ArrayList<>()).add(step.blob());
        }
      }
    }
  }

  /** Empty if it is no tree; a file that was fetched may begin like one. */
  private Optional<List<Digest>> subtrees(byte[] bytes) {
    if (!TreeCodec.isTree(bytes)) {
      return Optional.empty();
    }
    List<Digest> named = new ArrayList<>();
    ByteBuffer raw = ByteBuffer.wrap(bytes);
    try {
      TreeCodec.links(
          bytes,
          new TreeCodec.Links() {
            @Override
            public void file(int at) {
              // content is there before any tree
            }

            @Override
            public void directory(int at) {
              byte[] digest = new byte[Digest.BYTES];
              raw.get(at, digest);
              Digest subtree = Digest.fromRaw(digest);
              if (left.contains(subtree)) {
                named.add(subtree);
              }
            }
          });
      return Optional.of(named);
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private Rank rank(Digest blob, byte[] bytes) throws IOException {
    if (bytes.length == 0 || bytes[0] != '{') {
      return Rank.OTHER;
    }
    try {
      BuildRecord.decode(blob, bytes);
      return Rank.RECORD;
    } catch (StoreException.UnknownFormat e) {
      return Rank.RECORD;
    } catch (StoreException e) {
      // something else
    }
    try {
      boolean isIndex =
          bytes.length <= ImageManifest.MAX_SIZE
              && ImageManifest.read(reader, blob) instanceof ImageManifest.Index;
      return isIndex ? Rank.INDEX : Rank.MANIFEST;
    } catch (StoreException e) {
      return Rank.OTHER;
    }
  }
}
