package dev.imgstore.store.catalog;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Removes the rows that no generation leads to any more. Marks in memory: a recursive query would
 * be another one on each database.
 */
final class Sweep {
  private static final int DELETED = 500;

  private Sweep() {}

  static void run(Connection connection) throws SQLException {
    execute(
        connection,
        "DELETE FROM part WHERE NOT EXISTS"
            + " (SELECT 1 FROM generation WHERE generation.record = part.record)");
    execute(
        connection,
        "DELETE FROM installed WHERE NOT EXISTS"
            + " (SELECT 1 FROM part WHERE part.packages = installed.packages)");
    execute(
        connection,
        "DELETE FROM package WHERE NOT EXISTS"
            + " (SELECT 1 FROM installed WHERE installed.package = package.id)");
    trees(connection);
  }

  private static void trees(Connection connection) throws SQLException {
    BitSet live = new BitSet();
    Deque<Long> open = new ArrayDeque<>(numbers(connection, "SELECT DISTINCT tree FROM part"));
    Map<Long, List<Long>> children = children(connection);
    while (!open.isEmpty()) {
      long tree = open.pop();
      if (!live.get(Math.toIntExact(tree))) {
        live.set(Math.toIntExact(tree));
        open.addAll(children.getOrDefault(tree, List.of()));
      }
    }
    List<Long> dead = new ArrayList<>(numbers(connection, "SELECT id FROM tree"));
    dead.removeIf(tree -> live.get(Math.toIntExact(tree)));
    for (List<Long> some : Sql.slices(dead, DELETED)) {
      delete(connection, "DELETE FROM tree WHERE id = ANY(?)", some);
    }
    if (!dead.isEmpty()) {
      execute(
          connection,
          "DELETE FROM entry WHERE NOT EXISTS (SELECT 1 FROM tree WHERE tree.id = entry.tree)");
    }
  }

  private static Map<Long, List<Long>> children(Connection connection) throws SQLException {
    Map<Long, List<Long>> children = new HashMap<>();
    try (PreparedStatement select =
            connection.prepareStatement("SELECT tree, child FROM entry WHERE child IS NOT NULL");
        ResultSet rows = select.executeQuery()) {
      while (rows.next()) {
        children.computeIfAbsent(rows.getLong(1), key -> new ArrayList<>(4)).add(rows.getLong(2));
      }
    }
    return children;
  }

  private static Collection<Long> numbers(Connection connection, String sql) throws SQLException {
    List<Long> numbers = new ArrayList<>();
    try (PreparedStatement select = connection.prepareStatement(sql);
        ResultSet rows = select.executeQuery()) {
      while (rows.next()) {
        numbers.add(rows.getLong(1));
      }
    }
    return numbers;
  }

  private static void delete(Connection connection, String sql, List<Long> ids)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setArray(1, connection.createArrayOf("bigint", ids.toArray()));
      statement.executeUpdate();
    }
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.executeUpdate();
    }
  }
}
