package dev.imgstore.store.catalog;

import dev.imgstore.model.Digest;
import dev.imgstore.store.BuildRecord.InstalledPackage;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Packages as rows, each once; what is installed together is named by its digest, and once too. */
final class PackageRows implements AutoCloseable {
  private final Map<InstalledPackage, Long> numbers = new HashMap<>();
  private final Set<String> sets = new HashSet<>();
  private final Batch packages;
  private final Batch installed;
  private long next;

  PackageRows(Connection connection) throws SQLException {
    try (PreparedStatement select =
            connection.prepareStatement("SELECT id, name, version, architecture FROM package");
        ResultSet rows = select.executeQuery()) {
      while (rows.next()) {
        numbers.put(
            new InstalledPackage(rows.getString(2), rows.getString(3), rows.getString(4)),
            rows.getLong(1));
      }
    }
    try (PreparedStatement select =
            connection.prepareStatement("SELECT DISTINCT packages FROM installed");
        ResultSet rows = select.executeQuery()) {
      while (rows.next()) {
        sets.add(rows.getString(1));
      }
    }
    this.packages = new Batch(connection, "INSERT INTO package VALUES (?, ?, ?, ?)");
    this.installed = new Batch(connection, "INSERT INTO installed VALUES (?, ?)");
    this.next = Sql.highest(connection, "package") + 1;
  }

  /** The name of this set of packages, which has all its rows on return or when this is closed. */
  String add(List<InstalledPackage> together) throws SQLException {
    StringBuilder text = new StringBuilder();
    for (InstalledPackage each : together) {
      for (String field : List.of(each.name(), each.version(), each.architecture())) {
        text.append(field.length()).append(' ').append(field).append('\n');
      }
    }
    String set = Digest.of(text.toString().getBytes(StandardCharsets.UTF_8)).toString();
    if (sets.add(set)) {
      for (InstalledPackage each : together) {
        installed.add(set, number(each));
      }
    }
    return set;
  }

  private long number(InstalledPackage one) throws SQLException {
    InstalledPackage kept =
        new InstalledPackage(
            SqlText.plain(one.name()),
            SqlText.plain(one.version()),
            SqlText.plain(one.architecture()));
    Long known = numbers.get(kept);
    if (known != null) {
      return known;
    }
    long number = next++;
    numbers.put(kept, number);
    packages.add(number, kept.name(), kept.version(), kept.architecture());
    return number;
  }

  @Override
  public void close() throws SQLException {
    try (packages;
        installed) {
      numbers.clear();
    }
  }
}
