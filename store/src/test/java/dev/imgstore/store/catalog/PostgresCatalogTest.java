package dev.imgstore.store.catalog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.postgresql.Driver;

/** The catalog in a real PostgreSQL server. */
final class PostgresCatalogTest extends CatalogContract {
  private static Optional<PostgresServer> server = Optional.empty();
  private static int schemas;

  private final String schema = "catalog_" + ++schemas;

  @BeforeAll
  static void start() throws IOException, InterruptedException {
    Optional<Path> programs = PostgresServer.programs();
    Assumptions.assumeTrue(programs.isPresent(), "PostgreSQL is not installed");
    server = Optional.of(PostgresServer.start(programs.orElseThrow()));
  }

  @AfterAll
  static void stop() throws IOException {
    if (server.isPresent()) {
      server.get().close();
    }
  }

  private String url() {
    return server.orElseThrow().url(schema);
  }

  @Override
  Engine engine() {
    return new PostgresEngine(url(), Duration.ofSeconds(20));
  }

  private Connection connect() throws SQLException {
    return new Driver().connect(url(), new Properties());
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @Override
  void damage() throws SQLException {
    execute("DROP TABLE entry");
  }

  @Test
  void tablesOfOthersAreNeverTouched() throws Exception {
    execute("CREATE SCHEMA " + schema);
    execute("CREATE TABLE part (id INTEGER)");
    execute("CREATE TABLE customers (id INTEGER)");
    execute("INSERT INTO part VALUES (7)");
    store.commit("web", List.of("a 1"), Map.of("f", store.file("1")));
    compare("f");
    assertTrue(notices.get(0).contains("holds other tables (customers)"), notices::toString);
    assertEquals(7, rows("SELECT id FROM part"));
  }

  @Test
  void aServerThatIsNotThereIsDoneWithout() throws Exception {
    store.commit("web", List.of("a 1"), Map.of("f", store.file("1")));
    Engine nowhere =
        new PostgresEngine("jdbc:postgresql://127.0.0.1:1/x?password=secret", Duration.ZERO);
    Catalog catalog = new Catalog(store, nowhere, reports);
    assertEquals(direct().files(at("f"), all()), catalog.files(at("f"), all()));
    assertEquals(1, notices.size(), notices::toString);
    assertTrue(notices.get(0).contains("no connection"), notices::toString);
    assertTrue(!notices.get(0).contains("secret"), notices::toString);
  }

  @Test
  void aCatalogThatOthersKeepLockedIsDoneWithout() throws Exception {
    store.commit("web", List.of("a 1"), Map.of("f", store.file("1")));
    agrees("f");
    store.commit("web", List.of("a 2"), Map.of("f", store.file("2")));
    Catalog hasty = new Catalog(store, new PostgresEngine(url(), Duration.ZERO), reports);
    try (Connection other = connect()) {
      other.setAutoCommit(false);
      try (Statement statement = other.createStatement()) {
        statement.execute(
            "SELECT pg_advisory_xact_lock(1768777587, hashtext(current_setting('search_path')))");
      }
      assertEquals(direct().files(at("f"), all()), hasty.files(at("f"), all()));
      assertEquals(1, notices.size(), notices::toString);
    }
    agrees("f");
  }

  @Override
  long rows(String sql) throws SQLException {
    try (Connection connection = connect();
        ResultSet rows = connection.createStatement().executeQuery(sql)) {
      rows.next();
      return rows.getLong(1);
    }
  }
}
