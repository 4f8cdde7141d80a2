package dev.imgstore.store.disk;

import dev.imgstore.model.Descriptor;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.TreeId;
import dev.imgstore.store.BuildRecord;
import dev.imgstore.store.ImageManifest;
import dev.imgstore.store.Root;
import dev.imgstore.store.StoreException;
import dev.imgstore.store.Trees;
import dev.imgstore.store.Why;
import dev.imgstore.store.Why.Link;
import dev.imgstore.store.Why.Step;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds every chain from a root to one object. What reaches the object is found once for each
 * object on the way, however many name it; and as many ways as were asked for are written out.
 */
final class Chains {
  private static final Found NOT = new Found(List.of(), 0);

  /** Links that are written out: of many long chains, some. */
  private static final int MOST_LINKS = 1_000_000;

  private final Graph graph;
  private final Census census;
  private final int target;
  private final int most;
  private final Map<Integer, Found> trees = new HashMap<>();
  private final Map<Integer, Found> blobs = new HashMap<>();
  private final Map<Integer, Found> images = new HashMap<>();
  private final Map<Integer, Found> records = new HashMap<>();

  /** To the object whose first spot this is. */
  Chains(Graph graph, int target, int most) {
    this.graph = graph;
    this.census = graph.census();
    this.target = target;
    this.most = most;
  }

  /** Ways from an object to the target: some of them, and how many there are. */
  private record Found(List<Way> ways, long count) {}

  /** A first link and the rest, which many ways have in common; empty at the target. */
  private record Way(@Nullable Link link, @Nullable Way rest) {
    static final Way HERE = new Way(null, null);

    List<Link> links() {
      List<Link> links = new ArrayList<>();
      for (Way at = this; at != null && at.link() != null; at = at.rest()) {
        links.add(at.link());
      }
      return links;
    }
  }

  private static long add(long one, long other) {
    return one + other < 0 ? Long.MAX_VALUE : one + other;
  }

  /** Collects ways through what an object names. */
  private final class Ways {
    private final List<Way> ways = new ArrayList<>();
    private long count;

    void add(Step step, Digest digest, String name, Found found) {
      count = Chains.add(count, found.count());
      for (Way way : found.ways()) {
        if (ways.size() >= most) {
          return;
        }
        ways.add(new Way(new Link(step, digest, name), way));
      }
    }

    void here() {
      ways.add(Way.HERE);
      count++;
    }

    Found found() {
      return count == 0 ? NOT : new Found(List.copyOf(ways), count);
    }
  }

  /** The answer, over these roots. */
  Why from(List<Root> roots) throws IOException {
    List<Why.Chain> chains = new ArrayList<>();
    int links = 0;
    long count = 0;
    for (Root root : roots) {
      Ways ways = new Ways();
      ways.add(Step.IMAGE, root.image(), "", image(root.image()));
      if (root instanceof Root.OfGeneration of) {
        ways.add(Step.RECORD, of.record(), "", record(of.record()));
      }
      Found found = ways.found();
      count = add(count, found.count());
      for (Way way : found.ways()) {
        if (links < MOST_LINKS) {
          chains.add(new Why.Chain(root, way.links()));
          links += chains.get(chains.size() - 1).links().size();
        }
      }
    }
    Located one = census.located(target);
    return new Why(one.entry().digest(), one.entry().plain(), graph.stored(target), chains, count);
  }

  /** Adds what leads from an object to the target. */
  private interface Onward {
    void from(Ways ways) throws IOException;
  }

  /** Each object is followed once. */
  private Found found(Map<Integer, Found> known, int spot, Onward onward) throws IOException {
    if (spot == Graph.NONE) {
      return NOT;
    }
    Found found = known.get(spot);
    if (found == null) {
      Ways ways = new Ways();
      if (spot == target) {
        ways.here();
      }
      onward.from(ways);
      found = ways.found();
      known.put(spot, found);
    }
    return found;
  }

  /** What it names comes first, so that nothing is followed far at once. */
  private Found image(Digest digest) throws IOException {
    int first = census.first(digest);
    Deque<Integer> due = new ArrayDeque<>(List.of(first));
    Set<Integer> opened = new HashSet<>();
    while (first != Graph.NONE && !due.isEmpty()) {
      int spot = due.peek();
      if (!images.containsKey(spot) && opened.add(spot)) {
        graph.image(spot).manifests().forEach(due::push);
        graph.image(spot).loose().forEach(due::push);
      } else {
        due.pop();
        one(graph.digest(spot));
      }
    }
    return one(digest);
  }

  private Found one(Digest digest) throws IOException {
    return found(images, census.first(digest), ways -> image(digest, ways));
  }

  private void image(Digest digest, Ways ways) throws IOException {
    if (census.plain(census.first(digest)) > ImageManifest.MAX_SIZE) {
      return; // it is none
    }
    ImageManifest manifest;
    try {
      manifest = ImageManifest.read(graph.reader(), digest);
    } catch (StoreException e) {
      return; // nobody can follow it: verify says so
    }
    if (manifest instanceof ImageManifest.Index index) {
      for (ImageManifest.Index.Entry each : index.manifests()) {
        Digest platform = each.manifest().digest();
        ways.add(Step.MANIFEST, platform, each.platform(), one(platform));
      }
    } else if (manifest instanceof ImageManifest.Single single) {
      Digest config = single.config().digest();
      ways.add(Step.CONFIGURATION, config, "", blob(config));
      for (int i = 0; i < single.layers().size(); i++) {
        layer(single, i, ways);
      }
    }
    for (Descriptor each : manifest.loose()) {
      boolean isLayer =
          manifest instanceof ImageManifest.Single single && single.layers().contains(each);
      if (!isLayer && census.first(each.digest()) != Graph.NONE) {
        ways.add(Step.MANIFEST, each.digest(), "subject", one(each.digest()));
      }
    }
  }

  private void layer(ImageManifest.Single image, int number, Ways ways) throws IOException {
    Descriptor layer = image.layers().get(number);
    boolean isTree = layer.mediaType().equals(ImageManifest.TREE);
    Found found = isTree ? tree(layer.digest()) : blob(layer.digest());
    if (found.count() > 0) {
      List<String> names = image.layerNames(graph.reader());
      ways.add(Step.LAYER, layer.digest(), names.get(number), found);
    }
  }

  private Found record(Digest digest) throws IOException {
    return found(records, census.first(digest), ways -> record(digest, ways));
  }

  private void record(Digest digest, Ways ways) throws IOException {
    BuildRecord record;
    try {
      record = BuildRecord.decode(digest, graph.reader().read(digest, Graph.MAX));
    } catch (StoreException e) {
      return; // as above
    }
    ways.add(Step.RECIPE, record.recipe(), "", blob(record.recipe()));
    ways.add(Step.LOCK, record.lock(), "", blob(record.lock()));
    for (Digest source : record.sources()) {
      ways.add(Step.INPUT, source, "", blob(source));
    }
    for (Map.Entry<String, TreeId> local : record.locals().entrySet()) {
      Digest tree = local.getValue().digest();
      ways.add(Step.LOCAL, tree, local.getKey(), tree(tree));
    }
    for (BuildRecord.Part part : record.parts()) {
      Digest tree = part.tree().digest();
      ways.add(Step.TREE, tree, part.platform().toString(), tree(tree));
    }
  }

  private Found blob(Digest digest) throws IOException {
    return blob(census.first(digest));
  }

  private Found blob(int spot) throws IOException {
    if (spot == Graph.NONE || (spot != target && !graph.isList(spot))) {
      return NOT;
    }
    return found(blobs, spot, ways -> parts(spot, ways));
  }

  private void parts(int list, Ways ways) throws IOException {
    for (int part : graph.parts(list)) {
      if (part == target && list != target) {
        Step step = isLayer(list) ? Step.FRAME : Step.CHUNK;
        ways.add(step, graph.digest(target), "", new Found(List.of(Way.HERE), 1));
        return; // several times in one list is one chain
      }
    }
  }

  private boolean isLayer(int first) {
    for (int spot = first; spot != Graph.NONE; spot = census.next(spot)) {
      if (census.form(spot) == Form.STITCHED.number()) {
        return true;
      }
    }
    return false;
  }

  private Found tree(Digest digest) throws IOException {
    return tree(census.first(digest), 0);
  }

  /** Not through {@link #found}: trees are nested deep, and each call more takes of the stack. */
  private Found tree(int spot, int depth) throws IOException {
    if (spot == Graph.NONE) {
      return NOT;
    }
    Found known = trees.get(spot);
    if (known == null) {
      known = readTree(spot, depth);
      trees.put(spot, known);
    }
    return known;
  }

  private Found readTree(int spot, int depth) throws IOException {
    if (depth > Trees.MAX_DEPTH) {
      throw new StoreException.Corrupt(
          "tree " + graph.digest(spot), "it is nested deeper than any may be");
    }
    Graph.Entries entries = graph.tree(spot);
    boolean leads = false;
    for (int file : entries.files()) {
      leads |= blob(file).count() > 0;
    }
    for (int directory : entries.directories()) {
      leads |= tree(directory, depth + 1).count() > 0;
    }
    if (!leads && spot != target) {
      return NOT;
    }
    Ways ways = new Ways();
    if (spot == target) {
      ways.here();
    }
    if (leads) {
      TreeId id = new TreeId(graph.digest(spot));
      for (Map.Entry<Name, Node> entry : Trees.read(graph.reader(), id).entries().entrySet()) {
        entry(entry.getKey().toString(), entry.getValue(), depth, ways);
      }
    }
    return ways.found();
  }

  private void entry(String name, Node node, int depth, Ways ways) throws IOException {
    if (node instanceof Node.File file) {
      ways.add(Step.FILE, file.content(), name, blob(file.content()));
    } else if (node instanceof Node.Directory directory) {
      Digest tree = directory.tree().digest();
      ways.add(Step.DIRECTORY, tree, name, tree(census.first(tree), depth + 1));
    }
  }
}
