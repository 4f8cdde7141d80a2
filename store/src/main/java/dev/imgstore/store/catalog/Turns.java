package dev.imgstore.store.catalog;

import dev.imgstore.model.Profile;
import dev.imgstore.model.Switch;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Which generation was current from when to when, as rows. A history only grows. */
final class Turns {
  private Turns() {}

  /** Makes the rows those of these profiles; one whose history is as long as before has them. */
  static void replace(Connection connection, Map<String, Profile> profiles) throws SQLException {
    Map<String, Integer> known = new HashMap<>();
    try (PreparedStatement select =
            connection.prepareStatement("SELECT profile, COUNT(*) FROM turn GROUP BY profile");
        ResultSet rows = select.executeQuery()) {
      while (rows.next()) {
        known.put(rows.getString(1), rows.getInt(2));
      }
    }
    try (Batch delete = new Batch(connection, "DELETE FROM turn WHERE profile = ?")) {
      for (Map.Entry<String, Integer> each : known.entrySet()) {
        Profile profile = profiles.get(each.getKey());
        if (profile == null || profile.history().size() != each.getValue()) {
          delete.add(each.getKey());
        }
      }
    }
    try (Batch insert = new Batch(connection, "INSERT INTO turn VALUES (?, ?, ?, ?, ?, ?, ?, ?)")) {
      for (Profile each : profiles.values()) {
        if (known.getOrDefault(each.name(), 0) != each.history().size()) {
          insert(each, insert);
        }
      }
    }
  }

  private static void insert(Profile profile, Batch insert) throws SQLException {
    List<Switch> history = profile.history();
    for (int place = 0; place < history.size(); place++) {
      Switch turn = history.get(place);
      boolean last = place + 1 == history.size();
      insert.add(
          profile.name(),
          place,
          turn.to(),
          turn.kind().name(),
          turn.when().toString(),
          last ? null : history.get(place + 1).when().toString(),
          SqlText.plain(turn.who()),
          SqlText.plain(turn.why()));
    }
  }
}
