package dev.imgstore.store.catalog;

import dev.imgstore.model.Digest;
import dev.imgstore.model.Name;
import dev.imgstore.model.Platform;
import dev.imgstore.store.BuildRecord.InstalledPackage;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/** Answers from a catalog that is as new as the journal. Not for several threads. */
final class SqlAnswers implements Answers {
  private static final int ASKED = 1000;

  private final Connection connection;

  SqlAnswers(Connection connection) {
    this.connection = connection;
  }

  /** What a database says when it fails, through an interface that knows of none. */
  static final class Failed extends IOException {
    private static final long serialVersionUID = 1L;

    private final SQLException failure;

    Failed(SQLException failure) {
      super(failure.getMessage(), failure);
      this.failure = failure;
    }

    SQLException failure() {
      return failure;
    }
  }

  @Override
  public List<PackageHit> packages(String name, Predicate<String> versions, Predicate<Part> scope)
      throws IOException {
    List<PackageHit> hits = new ArrayList<>();
    try {
      Map<String, List<Part>> sets = parts("packages", scope);
      try (PreparedStatement select =
          connection.prepareStatement(
              "SELECT package.version, package.architecture, installed.packages FROM package"
                  + " JOIN installed ON installed.package = package.id WHERE package.name = ?")) {
        select.setString(1, SqlText.plain(name));
        try (ResultSet rows = select.executeQuery()) {
          while (rows.next()) {
            InstalledPackage found =
                new InstalledPackage(name, rows.getString(1), rows.getString(2));
            List<Part> within = sets.getOrDefault(rows.getString(3), List.of());
            if (!within.isEmpty() && versions.test(found.version())) {
              within.forEach(part -> hits.add(new PackageHit(part, found)));
            }
          }
        }
      }
    } catch (SQLException e) {
      throw new Failed(e);
    }
    Collections.sort(hits);
    return hits;
  }

  @Override
  public List<Part> parts(Predicate<Part> scope) throws IOException {
    List<Part> parts = new ArrayList<>();
    try {
      parts("tree", scope).values().forEach(parts::addAll);
    } catch (SQLException e) {
      throw new Failed(e);
    }
    Collections.sort(parts);
    return parts;
  }

  @Override
  public List<String> packageNames() throws IOException {
    List<String> names = new ArrayList<>();
    try (PreparedStatement select =
            connection.prepareStatement("SELECT DISTINCT name FROM package");
        ResultSet rows = select.executeQuery()) {
      while (rows.next()) {
        names.add(rows.getString(1));
      }
    } catch (SQLException e) {
      throw new Failed(e);
    }
    Collections.sort(names);
    return names;
  }

  /** The parts in scope, by what one column of theirs says. */
  private Map<String, List<Part>> parts(String column, Predicate<Part> scope) throws SQLException {
    Map<String, List<Part>> parts = new HashMap<>();
    try (PreparedStatement select =
            connection.prepareStatement(
                "SELECT generation.profile, generation.number, profile.present,"
                    + " generation.created, generation.image, part.platform, part.manifest, part."
                    + column
                    + " FROM generation JOIN profile ON profile.name = generation.profile"
                    + " JOIN part ON part.record = generation.record");
        ResultSet rows = select.executeQuery()) {
      while (rows.next()) {
        Part part =
            new Part(
                rows.getString(1),
                rows.getInt(2),
                rows.getInt(2) == rows.getInt(3),
                Instant.parse(rows.getString(4)),
                Digest.parse(rows.getString(5)),
                Platform.parse(rows.getString(6)),
                Digest.parse(rows.getString(7)));
        if (scope.test(part)) {
          parts.computeIfAbsent(rows.getString(8), key -> new ArrayList<>()).add(part);
        }
      }
    }
    return parts;
  }

  @Override
  public List<FileHit> files(FilePattern pattern, Predicate<Part> scope) throws IOException {
    List<FileHit> hits = new ArrayList<>();
    try {
      Map<Long, List<Part>> roots = new HashMap<>();
      parts("tree", scope).forEach((tree, parts) -> roots.put(Long.valueOf(tree), parts));
      if (pattern.anywhere()) {
        new EndsOfPaths(connection, roots.keySet())
            .find(pattern.path())
            .forEach((root, ends) -> ends.forEach(end -> add(hits, roots, root, end)));
      } else {
        new Walk<>(this::named)
            .find(roots.keySet(), pattern.path())
            .forEach((root, end) -> add(hits, roots, root, end));
      }
    } catch (SQLException e) {
      throw new Failed(e);
    }
    Collections.sort(hits);
    return hits;
  }

  private static void add(
      List<FileHit> hits, Map<Long, List<Part>> roots, Long root, Walk.End end) {
    for (Part part : roots.getOrDefault(root, List.of())) {
      hits.add(new FileHit(part, end.path(), end.item()));
    }
  }

  private Map<Long, Walk.Entry<Long>> named(Set<Long> within, Name name) throws IOException {
    Map<Long, Walk.Entry<Long>> found = new HashMap<>();
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT tree, child, "
                + EntryRows.ITEM
                + " FROM entry WHERE name = ? AND tree = ANY(?)")) {
      select.setString(1, SqlText.of(name.bytes()));
      for (List<Long> some : Sql.slices(within, ASKED)) {
        select.setArray(2, connection.createArrayOf("bigint", some.toArray()));
        try (ResultSet rows = select.executeQuery()) {
          while (rows.next()) {
            long child = rows.getLong(2);
            Optional<Long> directory = rows.wasNull() ? Optional.empty() : Optional.of(child);
            found.put(rows.getLong(1), new Walk.Entry<>(EntryRows.item(rows, 3), directory));
          }
        }
      }
    } catch (SQLException e) {
      throw new Failed(e);
    }
    return found;
  }
}
