package dev.imgstore.store.catalog;

import dev.imgstore.store.Journal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;

/**
 * The entry of the journal up to which a catalog was fed.
 *
 * @param sequence 0 before the first
 * @param hash of that entry, which says of which journal it is; empty before the first
 * @param pending how many generations could not be taken in whole, because something of them is
 *     gone or damaged: such a catalog is not asked
 */
record Head(int format, long sequence, String hash, int pending) {
  /** How a catalog stands to a journal. */
  enum State {
    /** Fed up to the last entry, and whole. */
    CURRENT,
    /** Entries or generations are missing. */
    BEHIND,
    /** Of another format, of another store, or ahead of the journal. */
    FOREIGN
  }

  /** The head of a whole catalog after these entries. */
  static Head of(List<Journal.Entry> entries, int pending) {
    int size = entries.size();
    return new Head(Schema.FORMAT, size, size == 0 ? "" : entries.get(size - 1).hash(), pending);
  }

  static Head read(Connection connection) throws SQLException {
    try (PreparedStatement select =
            connection.prepareStatement("SELECT format, sequence, hash, pending FROM head");
        ResultSet rows = select.executeQuery()) {
      if (!rows.next()) {
        throw new SQLException("the table head has no row");
      }
      return new Head(rows.getInt(1), rows.getLong(2), rows.getString(3), rows.getInt(4));
    }
  }

  void write(Connection connection) throws SQLException {
    try (PreparedStatement update =
        connection.prepareStatement("UPDATE head SET sequence = ?, hash = ?, pending = ?")) {
      update.setLong(1, sequence);
      update.setString(2, hash);
      update.setInt(3, pending);
      update.executeUpdate();
    }
  }

  State against(List<Journal.Entry> entries) {
    boolean ours =
        format == Schema.FORMAT
            && sequence >= 0
            && sequence <= entries.size()
            && hash.equals(sequence == 0 ? "" : entries.get((int) sequence - 1).hash());
    if (!ours) {
      return State.FOREIGN;
    }
    return sequence == entries.size() && pending == 0 ? State.CURRENT : State.BEHIND;
  }
}
