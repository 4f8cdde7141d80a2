package dev.imgstore.store.catalog;

import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.Tree;
import dev.imgstore.model.TreeId;
import dev.imgstore.model.TreePath;
import dev.imgstore.store.BlobReader;
import dev.imgstore.store.BuildRecord;
import dev.imgstore.store.BuildRecord.InstalledPackage;
import dev.imgstore.store.StoreException;
import dev.imgstore.store.Trees;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Answers from the journal and the store alone: reads every build record, and every directory that
 * may matter, once a question. Slow, and right whatever became of the catalog. What is gone or
 * damaged is said to {@code gaps} and left out. Not for several threads.
 */
final class DirectAnswers implements Answers {
  private final Inventory inventory;
  private final BlobReader blobs;
  private final Consumer<String> gaps;

  DirectAnswers(Truth truth, Consumer<String> gaps) {
    this.inventory = new Inventory(truth);
    this.blobs = truth.blobs();
    this.gaps = gaps;
  }

  private interface Shares {
    void share(Part part, BuildRecord.Part share) throws IOException;
  }

  private void each(Predicate<Part> scope, Shares shares) throws IOException {
    inventory.each(
        (profile, generation) -> {
          Optional<BuildRecord> record = inventory.record(generation);
          if (record.isEmpty()) {
            gap(profile.name(), generation.number(), "its build record cannot be read");
            return;
          }
          for (BuildRecord.Part share : record.get().parts()) {
            Part part = Inventory.part(profile, generation, share);
            if (scope.test(part)) {
              shares.share(part, share);
            }
          }
        });
  }

  /** No gap if it was removed while the question was answered. */
  private void gap(String profile, int number, String why) throws IOException {
    if (inventory.isThere(profile, number)) {
      gaps.accept(profile + "@" + number + " is left out: " + why);
    }
  }

  @Override
  public List<PackageHit> packages(String name, Predicate<String> versions, Predicate<Part> scope)
      throws IOException {
    List<PackageHit> hits = new ArrayList<>();
    each(
        scope,
        (part, share) -> {
          for (InstalledPackage each : share.packages()) {
            if (each.name().equals(name) && versions.test(each.version())) {
              hits.add(new PackageHit(part, each));
            }
          }
        });
    Collections.sort(hits);
    return hits;
  }

  @Override
  public List<Part> parts(Predicate<Part> scope) throws IOException {
    List<Part> parts = new ArrayList<>();
    each(scope, (part, share) -> parts.add(part));
    Collections.sort(parts);
    return parts;
  }

  @Override
  public List<String> packageNames() throws IOException {
    Set<String> names = new TreeSet<>();
    each(part -> true, (part, share) -> share.packages().forEach(each -> names.add(each.name())));
    return List.copyOf(names);
  }

  @Override
  public List<FileHit> files(FilePattern pattern, Predicate<Part> scope) throws IOException {
    Map<TreeId, List<Part>> roots = new HashMap<>();
    each(
        scope,
        (part, share) -> roots.computeIfAbsent(share.tree(), key -> new ArrayList<>()).add(part));
    Search search = new Search(pattern);
    List<FileHit> hits = new ArrayList<>();
    for (Map.Entry<TreeId, List<Part>> root : roots.entrySet()) {
      try {
        for (Walk.End end : search.in(root.getKey())) {
          root.getValue().forEach(part -> hits.add(new FileHit(part, end.path(), end.item())));
        }
      } catch (StoreException.MissingBlob | StoreException.Corrupt e) {
        for (Part part : root.getValue()) {
          gap(part.profile(), part.number(), String.valueOf(e.getMessage()));
        }
      }
    }
    Collections.sort(hits);
    return hits;
  }

  /** One pattern in many trees; a directory that several have is searched once. */
  private final class Search {
    private final FilePattern pattern;
    private final Walk<TreeId> walk = new Walk<>(this::named);
    private final Map<TreeId, List<Walk.End>> below = new HashMap<>();

    Search(FilePattern pattern) {
      this.pattern = pattern;
    }

    List<Walk.End> in(TreeId root) throws IOException {
      return pattern.anywhere()
          ? below(root, 0)
          : List.copyOf(walk.find(Set.of(root), pattern.path()).values());
    }

    private Map<TreeId, Walk.Entry<TreeId>> named(Set<TreeId> within, Name name)
        throws IOException {
      Map<TreeId, Walk.Entry<TreeId>> found = new HashMap<>();
      for (TreeId each : within) {
        Node node = Trees.read(blobs, each).entries().get(name);
        if (node != null) {
          found.put(each, new Walk.Entry<>(Item.of(node), child(node)));
        }
      }
      return found;
    }

    private static Optional<TreeId> child(Node node) {
      return node instanceof Node.Directory directory
          ? Optional.of(directory.tree())
          : Optional.empty();
    }

    /** Everything below a directory whose path ends as wanted, by the path from there. */
    private List<Walk.End> below(TreeId id, int depth) throws IOException {
      List<Walk.End> known = below.get(id);
      if (known != null) {
        return known;
      }
      if (depth > Trees.MAX_DEPTH) {
        throw new IOException("a tree is nested deeper than " + Trees.MAX_DEPTH + " directories");
      }
      Tree tree = Trees.read(blobs, id);
      List<Walk.End> found = new ArrayList<>(here(tree));
      for (Map.Entry<Name, Node> entry : tree.entries().entrySet()) {
        if (entry.getValue() instanceof Node.Directory directory) {
          for (Walk.End end : below(directory.tree(), depth + 1)) {
            List<Name> names = new ArrayList<>(List.of(entry.getKey()));
            names.addAll(end.path().names());
            found.add(new Walk.End(new TreePath(names), end.item()));
          }
        }
      }
      below.put(id, List.copyOf(found));
      return found;
    }

    /** The pattern taken from this directory, no link followed. */
    private List<Walk.End> here(Tree tree) throws IOException {
      Tree at = tree;
      List<Name> names = pattern.path().names();
      for (int i = 0; ; i++) {
        Node node = at.entries().get(names.get(i));
        if (node != null && i == names.size() - 1) {
          return List.of(new Walk.End(pattern.path(), Item.of(node)));
        }
        if (!(node instanceof Node.Directory directory)) {
          return List.of();
        }
        at = Trees.read(blobs, directory.tree());
      }
    }
  }
}
