package dev.imgstore.builder.realise;

import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.TreeId;
import dev.imgstore.store.BlobReader;
import dev.imgstore.store.Trees;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** The files that lay beside a recipe when it was built, as the store has kept them. */
public final class StoredLocals implements LocalFiles {
  private final SortedMap<String, TreeId> trees;
  private final BlobReader blobs;

  /**
   * As a build record has them.
   *
   * @param trees by the path written in the recipe
   */
  public StoredLocals(SortedMap<String, TreeId> trees, BlobReader blobs) {
    this.trees = Collections.unmodifiableSortedMap(new TreeMap<>(trees));
    this.blobs = blobs;
  }

  @Override
  public Entry look(String path) throws IOException {
    Optional<Node> found = node(path);
    if (found.isEmpty()) {
      return new Entry.Absent();
    }
    Node node = found.get();
    if (node instanceof Node.File file) {
      return new Entry.File((file.meta().mode() & 0100) != 0);
    }
    if (node instanceof Node.Symlink link) {
      return new Entry.Link(link.target().text());
    }
    if (node instanceof Node.Directory directory) {
      List<String> names = new ArrayList<>();
      Trees.read(blobs, directory.tree()).entries().keySet().forEach(n -> names.add(n.toString()));
      return new Entry.Directory(names);
    }
    return new Entry.Absent();
  }

  @Override
  public InputStream open(String path) throws IOException {
    if (node(path).orElse(null) instanceof Node.File file) {
      return blobs.open(file.content());
    }
    throw new FileNotFoundException(path + " is no file");
  }

  /** The node below the longest path of the recipe that leads there. */
  private Optional<Node> node(String path) throws IOException {
    String key = path;
    while (!trees.containsKey(key)) {
      int slash = key.lastIndexOf('/');
      if (slash < 0) {
        return Optional.empty();
      }
      key = key.substring(0, slash);
    }
    TreeId tree = Optional.ofNullable(trees.get(key)).orElseThrow();
    Optional<Node> node = Optional.ofNullable(entries(tree).get(LocalTrees.ENTRY));
    String rest = path.substring(key.length());
    for (String name : rest.isEmpty() ? new String[0] : rest.substring(1).split("/", -1)) {
      if (!(node.orElse(null) instanceof Node.Directory directory)) {
        return Optional.empty();
      }
      node = Optional.ofNullable(entries(directory.tree()).get(Name.of(name)));
    }
    return node;
  }

  private Map<Name, Node> entries(TreeId tree) throws IOException {
    return Trees.read(blobs, tree).entries();
  }
}
