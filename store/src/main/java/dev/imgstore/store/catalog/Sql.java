package dev.imgstore.store.catalog;

import dev.imgstore.model.Digest;
import dev.imgstore.model.TreeId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** What all that speak SQL here have in common. */
final class Sql {
  private Sql() {}

  /** The highest number given in a table; 0 if there is none. */
  static long highest(Connection connection, String table) throws SQLException {
    try (PreparedStatement select =
            connection.prepareStatement("SELECT COALESCE(MAX(id), 0) FROM " + table);
        ResultSet rows = select.executeQuery()) {
      rows.next();
      return rows.getLong(1);
    }
  }

  /** How many rows there are in the tables that grow. */
  static long rows(Connection connection) throws SQLException {
    long rows = 0;
    for (String table : List.of("change", "installed", "tree", "entry")) {
      try (PreparedStatement select = connection.prepareStatement("SELECT COUNT(*) FROM " + table);
          ResultSet found = select.executeQuery()) {
        found.next();
        rows += found.getLong(1);
      }
    }
    return rows;
  }

  /** A tree id as it is stored. */
  static TreeId treeId(String text) {
    return new TreeId(Digest.parse(text));
  }

  /** The elements, so many at a time. */
  static <E> List<List<E>> slices(Collection<E> all, int most) {
    List<E> list = List.copyOf(all);
    List<List<E>> slices = new ArrayList<>();
    for (int at = 0; at < list.size(); at += most) {
      slices.add(list.subList(at, Math.min(list.size(), at + most)));
    }
    return slices;
  }
}
