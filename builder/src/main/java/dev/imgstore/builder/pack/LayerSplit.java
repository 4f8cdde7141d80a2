package dev.imgstore.builder.pack;

import dev.imgstore.model.Digest;
import dev.imgstore.model.Node;
import dev.imgstore.model.TreeId;
import dev.imgstore.model.TreePath;
import dev.imgstore.store.BlobReader;
import dev.imgstore.store.Trees;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.ObjLongConsumer;

/**
 * Splits a finished tree into layers by package, so that from build to build, and from image to
 * image, most layers stay the same.
 *
 * <p>A file goes where its package goes, if it still is what the package brought; all else goes
 * into the last, the state layer. Large packages have a layer each, the others share a fixed number
 * of layers, chosen by a hash of the package's name: a package that comes, goes or changes leaves
 * the others where they are. The names of one inode are never parted. Parents are in every layer
 * that needs them, as they finally are, so that applying the layers in order gives the tree.
 */
public final class LayerSplit {
  /** A package of this many bytes of files has a layer of its own while the budget lasts. */
  static final long LARGE = 8L << 20;

  /** Packages of fewer bytes together share one layer. */
  static final long SMALL_IMAGE = 4L << 20;

  static final String WHOLE = "image";
  static final String PACKAGES = "packages";
  static final String STATE = "state";

  private final SortedMap<TreePath, Node> tree;
  private final SortedMap<TreePath, Long> times;
  private final Map<TreePath, String> owners = new HashMap<>();
  private final SortedMap<String, List<TreePath>> directories = new TreeMap<>();

  /**
   * What one package brought.
   *
   * @param name of the package, one of a kind in an image
   * @param nodes its entries, by their paths in the finished tree; directories' tree ids and the
   *     numbers of hard-link groups do not matter
   */
  public record Piece(String name, SortedMap<TreePath, Node> nodes) {
    /** Copies in. */
    public Piece {
      nodes = Collections.unmodifiableSortedMap(new TreeMap<>(nodes));
    }
  }

  private LayerSplit(SortedMap<TreePath, Node> tree, SortedMap<TreePath, Long> times) {
    this.tree = tree;
    this.times = times;
  }

  /** Every entry below a root, by path. */
  public static SortedMap<TreePath, Node> entries(BlobReader blobs, TreeId root)
      throws IOException {
    SortedMap<TreePath, Node> entries = new TreeMap<>();
    Trees.walk(blobs, root, (path, node) -> entries.put(path, node));
    return entries;
  }

  /**
   * The pieces of a tree whose entries' packages are known.
   *
   * @param merged entries as the packages brought them
   * @param owners package by path; entries without one belong to none
   */
  public static List<Piece> pieces(
      SortedMap<TreePath, Node> merged, SortedMap<TreePath, String> owners) {
    SortedMap<String, SortedMap<TreePath, Node>> byName = new TreeMap<>();
    for (Map.Entry<TreePath, String> owner : owners.entrySet()) {
      Node node = merged.get(owner.getKey());
      if (node != null) {
        byName.computeIfAbsent(owner.getValue(), name -> new TreeMap<>()).put(owner.getKey(), node);
      }
    }
    return byName.entrySet().stream().map(e -> new Piece(e.getKey(), e.getValue())).toList();
  }

  /**
   * Splits {@code tree}.
   *
   * @param tree the finished tree, every parent explicit
   * @param packages in any order
   * @param times of the entries that have one of their own
   * @param budget most layers, at least 1
   * @return at least one layer, in the order they are applied
   */
  public static List<LayerContent> split(
      SortedMap<TreePath, Node> tree,
      List<Piece> packages,
      SortedMap<TreePath, Long> times,
      int budget) {
    if (budget < 1) {
      throw new IllegalArgumentException("an image has at least one layer, not " + budget);
    }
    if (budget == 1) {
      return List.of(new LayerContent(WHOLE, tree, times));
    }
    LayerSplit split = new LayerSplit(tree, times);
    packages.stream().sorted(Comparator.comparing(Piece::name)).forEach(split::claim);
    split.keepInodesTogether();
    return split.layers(split.assign(budget - 1));
  }

  /** Gives a package what still is as it brought it; a file of several goes to the first. */
  private void claim(Piece piece) {
    for (Map.Entry<TreePath, Node> entry : piece.nodes().entrySet()) {
      TreePath path = entry.getKey();
      Node held = tree.get(path);
      if (held == null || !same(held, entry.getValue())) {
        continue;
      }
      if (held instanceof Node.Directory) {
        directories.computeIfAbsent(piece.name(), name -> new ArrayList<>()).add(path);
      }
      owners.putIfAbsent(path, piece.name());
    }
  }

  private static boolean same(Node held, Node brought) {
    if (held instanceof Node.File a && brought instanceof Node.File b) {
      return a.content().equals(b.content()) && a.meta().equals(b.meta());
    }
    if (held instanceof Node.Directory && brought instanceof Node.Directory) {
      return held.meta().equals(brought.meta());
    }
    return held.equals(brought);
  }

  /** An inode whose names do not all belong to one package belongs to none. */
  private void keepInodesTogether() {
    Map<Long, Set<String>> ownersOf = new HashMap<>();
    forEachLinked(
        (path, group) ->
            ownersOf
                .computeIfAbsent(group, g -> new HashSet<>())
                .add(owners.getOrDefault(path, "")));
    forEachLinked(
        (path, group) -> {
          if (ownersOf.getOrDefault(group, Set.of()).size() > 1) {
            owners.remove(path);
          }
        });
  }

  private void forEachLinked(ObjLongConsumer<TreePath> seen) {
    tree.forEach(
        (path, node) -> {
          if (node instanceof Node.File file && file.linkGroup() != 0) {
            seen.accept(path, file.linkGroup());
          }
        });
  }

  /** The place of each package, of at most {@code slots}; places are in order of their numbers. */
  private SortedMap<String, Place> assign(int slots) {
    SortedMap<String, Long> weights = weights();
    long total = weights.values().stream().mapToLong(Long::longValue).sum();
    SortedMap<String, Place> places = new TreeMap<>();
    int buckets = total < SMALL_IMAGE ? 1 : Math.max(1, slots / 2);
    if (total >= SMALL_IMAGE) {
      weights.entrySet().stream()
          .filter(entry -> entry.getValue() >= LARGE)
          .sorted(
              Map.Entry.<String, Long>comparingByValue()
                  .reversed()
                  .thenComparing(Map.Entry.comparingByKey()))
          .limit(slots - buckets)
          .forEach(entry -> places.put(entry.getKey(), new Place(0, entry.getKey())));
    }
    for (String name : weights.keySet()) {
      places.computeIfAbsent(name, one -> bucket(one, buckets));
    }
    return places;
  }

  private static Place bucket(String name, int buckets) {
    long hash = ByteBuffer.wrap(Digest.of(name.getBytes(StandardCharsets.UTF_8)).raw()).getLong();
    int number = 1 + (int) Long.remainderUnsigned(hash, buckets);
    return new Place(number, buckets == 1 ? PACKAGES : PACKAGES + " " + number + "/" + buckets);
  }

  /** Bytes of the files of each package, an inode counted once. */
  private SortedMap<String, Long> weights() {
    SortedMap<String, Long> weights = new TreeMap<>();
    Set<Long> counted = new HashSet<>();
    owners.forEach(
        (path, owner) -> {
          long weight = 0;
          if (tree.get(path) instanceof Node.File file
              && (file.linkGroup() == 0 || counted.add(file.linkGroup()))) {
            weight = file.size();
          }
          weights.merge(owner, weight, Long::sum);
        });
    directories.keySet().forEach(owner -> weights.putIfAbsent(owner, 0L));
    return weights;
  }

  /** A layer to be: number 0 and a name for a large package's, else a shared one's number. */
  private record Place(int number, String name) implements Comparable<Place> {
    @Override
    public int compareTo(Place other) {
      int order = Integer.compare(number, other.number);
      return order != 0 ? order : name.compareTo(other.name);
    }
  }

  private List<LayerContent> layers(SortedMap<String, Place> places) {
    SortedMap<Place, SortedMap<TreePath, Node>> parts = new TreeMap<>();
    SortedMap<TreePath, Node> state = new TreeMap<>();
    tree.forEach(
        (path, node) -> {
          String owner = owners.get(path);
          Place place = owner == null ? null : places.get(owner);
          add(place == null ? state : part(parts, place), path, node);
        });
    places.forEach(
        (owner, place) ->
            directories
                .getOrDefault(owner, List.of())
                .forEach(path -> add(part(parts, place), path, node(path))));
    List<LayerContent> layers = new ArrayList<>();
    parts.forEach((place, entries) -> layers.add(content(place.name(), entries)));
    if (!state.isEmpty() || layers.isEmpty()) {
      layers.add(content(STATE, state));
    }
    return layers;
  }

  private static SortedMap<TreePath, Node> part(
      SortedMap<Place, SortedMap<TreePath, Node>> parts, Place place) {
    return parts.computeIfAbsent(place, absent -> new TreeMap<>());
  }

  private void add(SortedMap<TreePath, Node> part, TreePath path, Node node) {
    part.put(path, node);
    for (TreePath above = path.parent(); !above.isRoot(); above = above.parent()) {
      if (part.putIfAbsent(above, node(above)) != null) {
        return;
      }
    }
  }

  private Node node(TreePath path) {
    Node node = tree.get(path);
    if (node == null) {
      throw new IllegalArgumentException("the tree has no entry for the parent " + path);
    }
    return node;
  }

  private LayerContent content(String name, SortedMap<TreePath, Node> entries) {
    SortedMap<TreePath, Long> own = new TreeMap<>(times);
    own.keySet().retainAll(entries.keySet());
    return new LayerContent(name, entries, own);
  }
}
