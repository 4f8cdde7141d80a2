package dev.imgstore.store;

import dev.imgstore.model.Descriptor;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.TreeId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Who needs what is lost or damaged, and as what. Follows roots as {@link Reachable} does, but
 * names every root and every path, and goes on where something cannot be read. A directory is read
 * once, however many generations have it. Not for several threads.
 */
public final class Needs {
  private static final int MAX_RECORD = 64 << 20;

  private final BlobReader blobs;
  private final Set<Digest> suspects;
  private final SortedMap<Digest, Need> needs = new TreeMap<>();
  private final Map<TreeId, List<Hit>> trees = new HashMap<>();
  private final List<Root.OfGeneration> generations = new ArrayList<>();
  private boolean hit;

  /**
   * Looks for these blobs, and for all that are not there.
   *
   * @param suspects damaged, whether or not there is another copy
   */
  public Needs(BlobReader blobs, Set<Digest> suspects) {
    this.blobs = blobs;
    this.suspects = Set.copyOf(suspects);
  }

  /**
   * Who needs a blob.
   *
   * @param uses what it is, each once
   * @param by labels of roots, in the order they were followed
   * @param lost true if no one can read it
   */
  public record Need(Set<String> uses, Set<String> by, boolean lost) {}

  /** One blob below a directory. */
  private record Hit(String path, Digest blob) {}

  /** What was met so far of all that is damaged or not there. */
  public SortedMap<Digest, Need> all() {
    return Collections.unmodifiableSortedMap(needs);
  }

  /** What nobody can read any more, and the generations that need it. */
  public Mender.Losses losses() {
    TreeSet<Digest> lost = new TreeSet<>();
    needs.forEach(
        (blob, need) -> {
          if (need.lost()) {
            lost.add(blob);
          }
        });
    return new Mender.Losses(lost, generations);
  }

  /** Follows one root to its end. */
  public void follow(Root root) throws IOException {
    hit = false;
    image(root.image(), root.label());
    if (root instanceof Root.OfGeneration of) {
      record(of.record(), of.label());
      if (hit) {
        generations.add(of);
      }
    }
  }

  private void record(Digest digest, String root) throws IOException {
    if (isLost(digest, "build record", root)) {
      return;
    }
    BuildRecord record;
    try {
      record = BuildRecord.decode(digest, blobs.read(digest, MAX_RECORD));
    } catch (StoreException e) {
      lose(digest, "build record", root);
      return;
    }
    isLost(record.recipe(), "recipe", root);
    isLost(record.lock(), "lock", root);
    for (Digest source : record.sources()) {
      isLost(source, "locked input", root);
    }
    for (Map.Entry<String, TreeId> local : record.locals().entrySet()) {
      tree(local.getValue(), local.getKey(), "beside the recipe", root);
    }
    for (BuildRecord.Part part : record.parts()) {
      tree(part.tree(), "", part.platform().toString(), root);
    }
  }

  private void image(Digest image, String root) throws IOException {
    if (isLost(image, "manifest", root)) {
      return;
    }
    ImageManifest manifest;
    try {
      manifest = ImageManifest.read(blobs, image);
    } catch (StoreException e) {
      lose(image, "manifest", root);
      return;
    }
    if (manifest instanceof ImageManifest.Single single) {
      isLost(single.config().digest(), "image configuration", root);
      for (Descriptor layer : single.layers()) {
        if (!single.loose().contains(layer) || blobs.has(layer.digest())) {
          layer(layer, root); // others need not be here
        }
      }
      return;
    }
    for (Descriptor each : manifest.references()) {
      image(each.digest(), root);
    }
  }

  private void layer(Descriptor layer, String root) throws IOException {
    if (layer.mediaType().equals(ImageManifest.TREE)) {
      tree(new TreeId(layer.digest()), "", "imported", root);
    } else {
      isLost(layer.digest(), "layer", root);
    }
  }

  private void tree(TreeId id, String above, String where, String root) throws IOException {
    for (Hit each : below(id, 0)) {
      String path = above + each.path();
      String use = (path.isEmpty() ? "/" : path) + " (" + where + ")";
      isLost(each.blob(), use, root);
    }
  }

  /** Everything of interest in a directory, by path from there; the empty path is itself. */
  private List<Hit> below(TreeId id, int depth) throws IOException {
    List<Hit> known = trees.get(id);
    if (known != null) {
      return known;
    }
    List<Hit> hits = new ArrayList<>();
    trees.put(id, hits);
    boolean there = blobs.has(id.digest());
    if (!there || suspects.contains(id.digest())) {
      hits.add(new Hit("", id.digest()));
    }
    if (!there || depth > Trees.MAX_DEPTH) {
      return hits;
    }
    SortedMap<Name, Node> entries;
    try {
      entries = Trees.read(blobs, id).entries();
    } catch (StoreException e) {
      hits.add(new Hit("", id.digest()));
      return hits;
    }
    for (Map.Entry<Name, Node> entry : entries.entrySet()) {
      String name = "/" + entry.getKey();
      if (entry.getValue() instanceof Node.File file) {
        if (suspects.contains(file.content()) || !blobs.has(file.content())) {
          hits.add(new Hit(name, file.content()));
        }
      } else if (entry.getValue() instanceof Node.Directory directory) {
        for (Hit each : below(directory.tree(), depth + 1)) {
          hits.add(new Hit(name + each.path(), each.blob()));
        }
      }
    }
    return hits;
  }

  /** True if the blob cannot be read; notes it if it is of interest. */
  private boolean isLost(Digest blob, String use, String root) throws IOException {
    boolean lost = !blobs.has(blob);
    if (lost || suspects.contains(blob)) {
      note(blob, use, root, lost);
    }
    return lost;
  }

  /** There, it was said, but what is there is not the blob. */
  private void lose(Digest blob, String use, String root) {
    note(blob, use, root, true);
  }

  private void note(Digest blob, String use, String root, boolean lost) {
    hit = true;
    Need before =
        needs.getOrDefault(blob, new Need(new LinkedHashSet<>(), new LinkedHashSet<>(), false));
    before.uses().add(use);
    before.by().add(root);
    needs.put(blob, new Need(before.uses(), before.by(), before.lost() || lost));
  }
}
