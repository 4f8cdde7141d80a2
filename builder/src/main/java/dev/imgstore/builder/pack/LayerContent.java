package dev.imgstore.builder.pack;

import dev.imgstore.model.Node;
import dev.imgstore.model.Tree;
import dev.imgstore.model.TreeCodec;
import dev.imgstore.model.TreeId;
import dev.imgstore.model.TreePath;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What one layer holds: every entry with all its parents, and the few times that are not {@link
 * CanonicalTar#TIME}. What a directory contains is said by the paths alone, so the tree ids of
 * directory nodes are dropped: a layer does not change because another layer's part of a directory
 * did.
 *
 * @param name for people and the image's history; not part of the bytes
 * @param times seconds since 1970; only of paths that are entries
 */
public record LayerContent(
    String name, SortedMap<TreePath, Node> entries, SortedMap<TreePath, Long> times) {
  private static final TreeId NOTHING = TreeCodec.id(Tree.EMPTY);

  /** Copies in; refuses the root as an entry, missing parents, and times of absent paths. */
  public LayerContent {
    Objects.requireNonNull(name);
    TreeMap<TreePath, Node> copy = new TreeMap<>(entries);
    for (Map.Entry<TreePath, Node> entry : copy.entrySet()) {
      TreePath path = entry.getKey();
      if (path.isRoot()) {
        throw new IllegalArgumentException("the root is no entry of a layer");
      }
      if (!path.parent().isRoot() && !(copy.get(path.parent()) instanceof Node.Directory)) {
        throw new IllegalArgumentException("the parent directory of " + path + " is missing");
      }
      if (entry.getValue() instanceof Node.Directory directory) {
        entry.setValue(new Node.Directory(NOTHING, directory.meta()));
      }
    }
    if (!copy.keySet().containsAll(times.keySet())) {
      throw new IllegalArgumentException("a time is given for a path that is no entry");
    }
    entries = Collections.unmodifiableSortedMap(copy);
    times = Collections.unmodifiableSortedMap(new TreeMap<>(times));
  }

  /** Without times of its own. */
  public static LayerContent of(String name, SortedMap<TreePath, Node> entries) {
    return new LayerContent(name, entries, Collections.emptySortedMap());
  }

  /** Bytes of all files, each hard-linked one counted at every name. */
  public long fileBytes() {
    return entries.values().stream()
        .mapToLong(node -> node instanceof Node.File file ? file.size() : 0)
        .sum();
  }
}
