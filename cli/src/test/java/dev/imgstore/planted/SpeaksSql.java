package dev.imgstore.planted;

import java.sql.Connection;
import java.sql.SQLException;

final class SpeaksSql {
  private SpeaksSql() {}

  static boolean isOpen(Connection connection) throws SQLException {
    return !connection.isClosed();
  }
}
