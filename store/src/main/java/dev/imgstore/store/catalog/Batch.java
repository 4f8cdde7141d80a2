package dev.imgstore.store.catalog;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** One statement for many rows, sent a thousand at a time; the rest when it is closed. */
final class Batch implements AutoCloseable {
  private static final int ROWS = 1000;

  private final PreparedStatement statement;
  private int waiting;

  Batch(Connection connection, String sql) throws SQLException {
    statement = connection.prepareStatement(sql);
  }

  /** Adds a row of strings and whole numbers. */
  void add(@Nullable Object... values) throws SQLException {
    for (int i = 0; i < values.length; i++) {
      if (values[i] == null) {
        statement.setNull(i + 1, java.sql.Types.NULL);
      } else {
        statement.setObject(i + 1, values[i]);
      }
    }
    statement.addBatch();
    if (++waiting == ROWS) {
      send();
    }
  }

  /** Sends what is waiting. */
  void send() throws SQLException {
    if (waiting > 0) {
      statement.executeBatch();
      waiting = 0;
    }
  }

  @Override
  public void close() throws SQLException {
    try (PreparedStatement closing = statement) {
      send();
    }
  }
}
