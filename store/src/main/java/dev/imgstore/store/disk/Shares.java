package dev.imgstore.store.disk;

import dev.imgstore.model.Descriptor;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Node;
import dev.imgstore.model.TreeId;
import dev.imgstore.model.TreePath;
import dev.imgstore.store.ImageManifest;
import dev.imgstore.store.Insight.Labelled;
import dev.imgstore.store.StoreException;
import dev.imgstore.store.Trees;
import dev.imgstore.store.Usage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Divides what some generations reach among labels: files by the owners of their paths, inputs by
 * name, and what is left in a layer by the layer. An object may have several labels.
 */
final class Shares {
  private static final int SEVERAL = -1;

  private final Graph graph;
  private final Census census;
  private final int[] label;
  private final int[] last;
  private final List<String> labels = new ArrayList<>();
  private final List<Long> reached = new ArrayList<>();
  private final SortedMap<String, Integer> numbers = new TreeMap<>();

  Shares(Graph graph) {
    this.graph = graph;
    this.census = graph.census();
    this.label = new int[census.size()];
    this.last = new int[census.size()];
  }

  /**
   * The shares.
   *
   * @param costs has counted what these generations reach and what all others do
   */
  List<Usage.OfPart> of(List<Labelled> generations, Costs costs) throws IOException {
    SortedMap<String, List<Integer>> claims = new TreeMap<>();
    for (Labelled each : generations) {
      claim(each, claims);
    }
    for (Map.Entry<String, List<Integer>> each : claims.entrySet()) {
      int number = number(each.getKey());
      for (int spot : each.getValue()) {
        mark(spot, number);
      }
    }
    for (Labelled each : generations) {
      layers(each.generation().image());
    }
    return usage(costs);
  }

  private void claim(Labelled each, SortedMap<String, List<Integer>> claims) throws IOException {
    each.inputs().forEach((input, name) -> add(census.first(input), name, claims));
    for (Map.Entry<TreeId, Map<TreePath, String>> tree : each.owners().entrySet()) {
      Trees.walk(
          graph.reader(),
          tree.getKey(),
          (path, node) -> {
            String owner = tree.getValue().get(path);
            if (owner != null && node instanceof Node.File file) {
              add(census.first(file.content()), owner, claims);
            }
          });
    }
  }

  private static void add(int spot, String name, SortedMap<String, List<Integer>> claims) {
    if (spot != Graph.NONE) {
      claims.computeIfAbsent(name, n -> new ArrayList<>()).add(spot);
    }
  }

  private int number(String name) {
    Integer known = numbers.putIfAbsent(name, labels.size() + 1);
    if (known != null) {
      return known;
    }
    labels.add(name);
    reached.add(0L);
    return labels.size();
  }

  private void mark(int first, int number) throws IOException {
    one(first, number);
    for (int part : graph.parts(first)) {
      one(part, number);
    }
  }

  private void one(int spot, int number) {
    if (last[spot] != number) {
      label[spot] = label[spot] == 0 ? number : SEVERAL;
      last[spot] = number;
      reached.set(number - 1, reached.get(number - 1) + graph.stored(spot));
    }
  }

  private void layers(Digest image) throws IOException {
    if (census.first(image) == Graph.NONE) {
      return;
    }
    try {
      ImageManifest manifest = ImageManifest.read(graph.reader(), image);
      if (manifest instanceof ImageManifest.Single single) {
        List<String> names = single.layerNames(graph.reader());
        for (int i = 0; i < names.size(); i++) {
          Descriptor layer = single.layers().get(i);
          layer(census.first(layer.digest()), number("layer " + names.get(i)));
        }
      } else {
        for (Descriptor each : manifest.references()) {
          layers(each.digest());
        }
      }
    } catch (StoreException e) {
      // nobody can follow it: verify says so
    }
  }

  /** The layer itself, and the parts of it that have no label yet. */
  private void layer(int first, int number) throws IOException {
    if (first == Graph.NONE) {
      return;
    }
    one(first, number);
    for (int part : graph.parts(first)) {
      if (label[part] == 0 || last[part] == number) {
        one(part, number);
      }
    }
  }

  private List<Usage.OfPart> usage(Costs costs) {
    long[] alone = new long[labels.size() + 1];
    Usage.Cost rest = new Usage.Cost(0, 0);
    for (int spot = 0; spot < label.length; spot++) {
      if (costs.isReachedByFirst(spot)) {
        boolean only = !costs.isReachedByOthers(spot);
        long bytes = graph.stored(spot);
        if (label[spot] > 0 && only) {
          alone[label[spot]] += bytes;
        } else if (label[spot] == 0) {
          rest =
              new Usage.Cost(rest.alone() + (only ? bytes : 0), rest.shared() + (only ? 0 : bytes));
        }
      }
    }
    List<Usage.OfPart> parts = new ArrayList<>();
    for (int i = 0; i < labels.size(); i++) {
      Usage.Cost cost = new Usage.Cost(alone[i + 1], reached.get(i) - alone[i + 1]);
      parts.add(new Usage.OfPart(labels.get(i), cost));
    }
    parts.add(new Usage.OfPart("", rest));
    return parts;
  }
}
