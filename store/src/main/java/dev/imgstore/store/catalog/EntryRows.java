package dev.imgstore.store.catalog;

import java.sql.ResultSet;
import java.sql.SQLException;

/** Reading rows of {@code entry}. */
final class EntryRows {
  /** The columns of an item. */
  static final String ITEM = "kind, mode, uid, gid, size, content, target";

  private EntryRows() {}

  /** The item whose columns begin at {@code first}. */
  static Item item(ResultSet rows, int first) throws SQLException {
    return new Item(
        Item.Kind.valueOf(rows.getString(first)),
        rows.getInt(first + 1),
        rows.getInt(first + 2),
        rows.getInt(first + 3),
        rows.getLong(first + 4),
        rows.getString(first + 5),
        SqlText.bytes(rows.getString(first + 6)));
  }
}
