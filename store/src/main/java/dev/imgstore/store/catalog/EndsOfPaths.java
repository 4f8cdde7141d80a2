package dev.imgstore.store.catalog;

import dev.imgstore.model.Name;
import dev.imgstore.model.TreePath;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds names at any depth: where they are, and then the ways up to the roots. In few roots all
 * directories below them are read first, so that a long history costs nothing; in many, only those
 * above what was found.
 */
final class EndsOfPaths {
  private static final int FEW = 16;
  private static final int ASKED = 1000;

  private final Connection connection;
  private final Set<Long> roots;
  private final Map<Long, List<Above>> above = new HashMap<>();
  private final Map<Long, Map<Long, List<TreePath>>> paths = new HashMap<>();

  /** A directory that has another under this name. */
  private record Above(long directory, Name name) {}

  /** A directory below which the pattern is, whole. */
  private record Start(long directory, Item item) {}

  EndsOfPaths(Connection connection, Set<Long> roots) {
    this.connection = connection;
    this.roots = roots;
  }

  /** Where the path ends longer ones, by root. */
  Map<Long, List<Walk.End>> find(TreePath pattern) throws SQLException {
    List<Start> starts;
    if (roots.size() <= FEW) {
      descend();
      starts = starts(pattern);
    } else {
      starts = starts(pattern);
      climb(directories(starts));
    }
    Map<Long, List<Walk.End>> ends = new HashMap<>();
    for (Start start : starts) {
      for (Map.Entry<Long, List<TreePath>> root : paths(start.directory()).entrySet()) {
        for (TreePath prefix : root.getValue()) {
          List<Name> names = new ArrayList<>(prefix.names());
          names.addAll(pattern.names());
          ends.computeIfAbsent(root.getKey(), key -> new ArrayList<>())
              .add(new Walk.End(new TreePath(names), start.item()));
        }
      }
    }
    return ends;
  }

  private static List<Long> directories(List<Start> starts) {
    return starts.stream().map(Start::directory).distinct().toList();
  }

  /** Directories that have the whole pattern below them: from its last name to its first. */
  private List<Start> starts(TreePath pattern) throws SQLException {
    List<Name> names = pattern.names();
    List<Start> starts = new ArrayList<>();
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT tree, " + EntryRows.ITEM + " FROM entry WHERE name = ?")) {
      select.setString(1, SqlText.of(names.get(names.size() - 1).bytes()));
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          if (above.isEmpty() || above.containsKey(rows.getLong(1))) {
            starts.add(new Start(rows.getLong(1), EntryRows.item(rows, 2)));
          }
        }
      }
    }
    for (int i = names.size() - 2; i >= 0; i--) {
      Map<Long, List<Above>> upper = above.isEmpty() ? edges("child", directories(starts)) : above;
      Name name = names.get(i);
      List<Start> next = new ArrayList<>();
      for (Start start : starts) {
        for (Above each : upper.getOrDefault(start.directory(), List.of())) {
          if (each.name().equals(name)) {
            next.add(new Start(each.directory(), start.item()));
          }
        }
      }
      starts = next;
    }
    return starts;
  }

  /** Learns of all directories below the roots. */
  private void descend() throws SQLException {
    Collection<Long> now = List.copyOf(roots);
    while (!now.isEmpty()) {
      now.forEach(each -> above.putIfAbsent(each, new ArrayList<>()));
      List<Long> next = new ArrayList<>();
      for (Map.Entry<Long, List<Above>> found : edges("tree", now).entrySet()) {
        if (above.putIfAbsent(found.getKey(), new ArrayList<>()) == null) {
          next.add(found.getKey());
        }
        above.getOrDefault(found.getKey(), new ArrayList<>()).addAll(found.getValue());
      }
      now = next;
    }
  }

  /** Learns of all directories above these. */
  private void climb(Collection<Long> from) throws SQLException {
    Collection<Long> now = from;
    while (!now.isEmpty()) {
      now.forEach(each -> above.put(each, new ArrayList<>()));
      Map<Long, List<Above>> found = edges("child", now);
      above.putAll(found);
      now =
          found.values().stream()
              .flatMap(List::stream)
              .map(Above::directory)
              .distinct()
              .filter(each -> !above.containsKey(each))
              .toList();
    }
  }

  /** Which directories have which others, by the lower one, where a column is one of these. */
  private Map<Long, List<Above>> edges(String column, Collection<Long> these) throws SQLException {
    Map<Long, List<Above>> found = new HashMap<>();
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT child, tree, name FROM entry WHERE child IS NOT NULL AND "
                + column
                + " = ANY(?)")) {
      for (List<Long> some : Sql.slices(these, ASKED)) {
        select.setArray(1, connection.createArrayOf("bigint", some.toArray()));
        try (ResultSet rows = select.executeQuery()) {
          while (rows.next()) {
            found
                .computeIfAbsent(rows.getLong(1), key -> new ArrayList<>())
                .add(new Above(rows.getLong(2), new Name(SqlText.bytes(rows.getString(3)))));
          }
        }
      }
    }
    return found;
  }

  /** The ways from roots to a directory, by root. A tree has no circles: digests forbid them. */
  private Map<Long, List<TreePath>> paths(long directory) {
    Map<Long, List<TreePath>> known = paths.get(directory);
    if (known != null) {
      return known;
    }
    Map<Long, List<TreePath>> found = new HashMap<>();
    if (roots.contains(directory)) {
      found.computeIfAbsent(directory, key -> new ArrayList<>()).add(TreePath.ROOT);
    }
    for (Above each : above.getOrDefault(directory, List.of())) {
      paths(each.directory())
          .forEach(
              (root, prefixes) ->
                  prefixes.forEach(
                      prefix ->
                          found
                              .computeIfAbsent(root, key -> new ArrayList<>())
                              .add(prefix.child(each.name()))));
    }
    paths.put(directory, found);
    return found;
  }
}
