package dev.imgstore.store.catalog;

import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.Tree;
import dev.imgstore.model.TreeId;
import dev.imgstore.store.BlobReader;
import dev.imgstore.store.Trees;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Directories as rows, each once however many trees have it. A directory gets its rows after all
 * that is below it has, so what has a row is whole.
 */
final class TreeRows implements AutoCloseable {
  private static final int ASKED = 500;
  private static final int REMEMBERED = 20_000;

  private final BlobReader blobs;
  private final Connection connection;
  private final PreparedStatement known;
  private final Batch trees;
  private final Batch entries;

  /** The latest of this run: their rows may still be waiting in a batch. */
  private final Map<TreeId, Long> fresh = new HashMap<>();

  private long next;

  TreeRows(Connection connection, BlobReader blobs) throws SQLException {
    this.blobs = blobs;
    this.connection = connection;
    this.known = connection.prepareStatement("SELECT digest, id FROM tree WHERE digest = ANY(?)");
    this.trees = new Batch(connection, "INSERT INTO tree VALUES (?, ?)");
    this.entries = new Batch(connection, "INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    this.next = Sql.highest(connection, "tree") + 1;
  }

  /** The number of a tree, which has all its rows on return. */
  long add(TreeId root) throws SQLException, IOException {
    Map<TreeId, Long> found = ask(Set.of(root));
    Long number = found.get(root);
    return number != null ? number : add(root, 0);
  }

  private long add(TreeId id, int depth) throws SQLException, IOException {
    if (depth > Trees.MAX_DEPTH) {
      throw new IOException("a tree is nested deeper than " + Trees.MAX_DEPTH + " directories");
    }
    Tree tree = Trees.read(blobs, id);
    Set<TreeId> children = new LinkedHashSet<>();
    for (Node node : tree.entries().values()) {
      if (node instanceof Node.Directory directory) {
        children.add(directory.tree());
      }
    }
    Map<TreeId, Long> numbers = ask(children);
    for (TreeId child : children) {
      if (!numbers.containsKey(child)) {
        Long meanwhile = fresh.get(child);
        numbers.put(child, meanwhile != null ? meanwhile : add(child, depth + 1));
      }
    }
    return insert(id, tree, numbers);
  }

  private long insert(TreeId id, Tree tree, Map<TreeId, Long> numbers) throws SQLException {
    long number = next++;
    trees.add(number, id.toString());
    if (fresh.size() == REMEMBERED) {
      trees.send();
      fresh.clear();
    }
    fresh.put(id, number);
    for (Map.Entry<Name, Node> entry : tree.entries().entrySet()) {
      Item item = Item.of(entry.getValue());
      entries.add(
          number,
          SqlText.of(entry.getKey().bytes()),
          item.kind().name(),
          item.mode(),
          item.uid(),
          item.gid(),
          item.size(),
          item.content(),
          SqlText.of(item.target()),
          entry.getValue() instanceof Node.Directory directory
              ? numbers.get(directory.tree())
              : null);
    }
    return number;
  }

  /** The numbers of those that have rows. */
  private Map<TreeId, Long> ask(Set<TreeId> wanted) throws SQLException {
    Map<TreeId, Long> found = new HashMap<>();
    Set<TreeId> unknown = new LinkedHashSet<>();
    for (TreeId each : wanted) {
      Long number = fresh.get(each);
      if (number != null) {
        found.put(each, number);
      } else {
        unknown.add(each);
      }
    }
    for (List<TreeId> some : Sql.slices(unknown, ASKED)) {
      Object[] digests = some.stream().map(TreeId::toString).toArray();
      known.setArray(1, connection.createArrayOf("varchar", digests));
      try (ResultSet rows = known.executeQuery()) {
        while (rows.next()) {
          found.put(Sql.treeId(rows.getString(1)), rows.getLong(2));
        }
      }
    }
    return found;
  }

  @Override
  public void close() throws SQLException {
    try (known;
        trees;
        entries) {
      fresh.clear();
    }
  }
}
