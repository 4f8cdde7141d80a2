package dev.imgstore.store.catalog;

import dev.imgstore.model.Digest;
import dev.imgstore.model.Generation;
import dev.imgstore.model.Profile;
import dev.imgstore.store.BuildRecord;
import dev.imgstore.store.ImageManifest;
import dev.imgstore.store.Journal;
import dev.imgstore.store.StoreException;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Brings a catalog up to the journal. What generations there are is asked of the profiles, not
 * worked out from entries, so no kind of entry can be misread; only what is new is read from the
 * store. Doing it twice, or going on after having been stopped in the middle, gives the same rows.
 * Holds one record and one directory of each depth in memory at a time.
 */
final class Feeder {
  private static final int MANY = 50;

  private final Truth truth;
  private final Inventory inventory;
  private final Consumer<String> notices;

  /** Feeds from {@code truth}, and says so to {@code notices} if it will take a while. */
  Feeder(Truth truth, Consumer<String> notices) {
    this.truth = truth;
    this.notices = notices;
    this.inventory = new Inventory(truth);
  }

  /** How a catalog stands to the journal as it is now. */
  Head.State state(Connection connection) throws SQLException, IOException {
    Head head = Head.read(connection);
    return head.against(truth.journal());
  }

  /** A generation by name and number. */
  private record Key(String profile, int number) {}

  /**
   * Adds and removes rows until they are those of the store. The caller commits.
   *
   * @return false if the catalog should be made anew: it is foreign, or most of it would go
   */
  boolean catchUp(Connection connection) throws SQLException, IOException {
    Head before = Head.read(connection);
    List<Journal.Entry> entries = truth.journal();
    if (before.against(entries) == Head.State.FOREIGN) {
      return false;
    }
    Map<Key, String> old = generations(connection);
    Map<String, Profile> profiles = new TreeMap<>();
    Map<Key, String> wanted = new HashMap<>();
    inventory.each(
        (profile, generation) -> {
          profiles.put(profile.name(), profile);
          wanted.put(new Key(profile.name(), generation.number()), generation.record().toString());
        });
    Map<Key, String> gone = new HashMap<>(old);
    gone.entrySet().removeAll(wanted.entrySet());
    if (gone.size() > wanted.size()) {
      return false;
    }
    changes(connection, entries.subList((int) before.sequence(), entries.size()));
    profiles(connection, profiles.values());
    Turns.replace(connection, profiles);
    remove(connection, gone.keySet());
    old.keySet().removeAll(gone.keySet());
    int fresh = wanted.size() - old.size();
    if (fresh >= MANY) {
      notices.accept("taking " + fresh + " generations into the catalog, once");
    }
    int pending = add(connection, old.keySet());
    if (!gone.isEmpty()) {
      Sweep.run(connection);
    }
    Head.of(entries, pending).write(connection);
    return true;
  }

  private static Map<Key, String> generations(Connection connection) throws SQLException {
    Map<Key, String> found = new HashMap<>();
    try (PreparedStatement select =
            connection.prepareStatement("SELECT profile, number, record FROM generation");
        ResultSet rows = select.executeQuery()) {
      while (rows.next()) {
        found.put(new Key(rows.getString(1), rows.getInt(2)), rows.getString(3));
      }
    }
    return found;
  }

  private static void changes(Connection connection, List<Journal.Entry> entries)
      throws SQLException {
    try (Batch insert =
        new Batch(connection, "INSERT INTO change VALUES (?, ?, ?, ?, ?, ?, ?, ?)")) {
      for (Journal.Entry each : entries) {
        insert.add(
            each.sequence(),
            each.hash(),
            each.when().toString(),
            SqlText.plain(each.who()),
            SqlText.plain(each.why()),
            SqlText.plain(each.kind()),
            SqlText.plain(each.subject()),
            SqlText.plain(each.body()));
      }
    }
  }

  private static void profiles(Connection connection, Collection<Profile> profiles)
      throws SQLException {
    try (PreparedStatement delete = connection.prepareStatement("DELETE FROM profile")) {
      delete.executeUpdate();
    }
    try (Batch insert = new Batch(connection, "INSERT INTO profile VALUES (?, ?)")) {
      for (Profile each : profiles) {
        insert.add(each.name(), each.current());
      }
    }
  }

  private static void remove(Connection connection, Set<Key> gone) throws SQLException {
    try (Batch delete =
        new Batch(connection, "DELETE FROM generation WHERE profile = ? AND number = ?")) {
      for (Key each : gone) {
        delete.add(each.profile(), each.number());
      }
    }
  }

  /** Adds what is not there yet; gives how many generations could not be taken in. */
  private int add(Connection connection, Set<Key> there) throws SQLException, IOException {
    int[] pending = {0};
    try (TreeRows trees = new TreeRows(connection, truth.blobs());
        PackageRows packages = new PackageRows(connection);
        Batch generations =
            new Batch(connection, "INSERT INTO generation VALUES (?, ?, ?, ?, ?, ?, ?, ?)")) {
      Records records = new Records(connection, trees, packages);
      inventory.each(
          (profile, generation) -> {
            if (!there.contains(new Key(profile.name(), generation.number()))) {
              boolean whole = add(profile, generation, records, generations);
              boolean lost = !whole && inventory.isThere(profile.name(), generation.number());
              pending[0] += lost ? 1 : 0;
            }
          });
    } catch (SqlAnswers.Failed e) {
      throw e.failure();
    }
    return pending[0];
  }

  private boolean add(Profile profile, Generation generation, Records records, Batch generations)
      throws IOException {
    try {
      if (!records.add(generation)) {
        return false;
      }
      generations.add(
          profile.name(),
          generation.number(),
          generation.image().toString(),
          generation.record().toString(),
          generation.created().toString(),
          SqlText.plain(generation.author()),
          SqlText.plain(generation.message()),
          generation.took().toMillis());
      return true;
    } catch (SQLException e) {
      throw new SqlAnswers.Failed(e);
    }
  }

  /** A part, the number of its tree, and the bytes of its image as sent. */
  private record Row(BuildRecord.Part part, long tree, long bytes) {}

  /** Rows of build records, each once. */
  private final class Records {
    private final Connection connection;
    private final TreeRows trees;
    private final PackageRows packages;
    private final Set<Digest> known = new HashSet<>();

    Records(Connection connection, TreeRows trees, PackageRows packages) throws SQLException {
      this.connection = connection;
      this.trees = trees;
      this.packages = packages;
      try (PreparedStatement select =
              connection.prepareStatement("SELECT DISTINCT record FROM part");
          ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          known.add(Digest.parse(rows.getString(1)));
        }
      }
    }

    /** False if something that is needed cannot be read; then no row of the record is made. */
    boolean add(Generation generation) throws SQLException, IOException {
      if (known.contains(generation.record())) {
        return true;
      }
      Optional<BuildRecord> record = inventory.record(generation);
      if (record.isEmpty()) {
        return false;
      }
      List<Row> rows = new ArrayList<>();
      try {
        for (BuildRecord.Part part : record.get().parts()) {
          rows.add(new Row(part, trees.add(part.tree()), size(part.manifest())));
        }
      } catch (StoreException.MissingBlob | StoreException.Corrupt e) {
        return false;
      }
      try (PreparedStatement insert =
          connection.prepareStatement("INSERT INTO part VALUES (?, ?, ?, ?, ?, ?)")) {
        for (Row row : rows) {
          insert.setString(1, generation.record().toString());
          insert.setString(2, row.part().platform().toString());
          insert.setString(3, row.part().manifest().toString());
          insert.setLong(4, row.bytes());
          insert.setLong(5, row.tree());
          insert.setString(6, packages.add(row.part().packages()));
          insert.executeUpdate();
        }
      }
      known.add(generation.record());
      return true;
    }

    private long size(Digest manifest) throws IOException {
      return ImageManifest.read(truth.blobs(), manifest).references().stream()
          .mapToLong(each -> each.size())
          .sum();
    }
  }
}
