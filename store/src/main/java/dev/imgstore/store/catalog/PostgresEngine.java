package dev.imgstore.store.catalog;

import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import java.util.Properties;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.postgresql.Driver;

/**
 * A catalog in a schema of a PostgreSQL database: {@code imgstore}, or what the URL names as {@code
 * currentSchema}. One schema is of one store; it holds nothing else, since it is emptied and made
 * anew at will. A catalog that is current is read in one snapshot, without a lock; one that is not
 * is brought up under an advisory lock, in one transaction, in which the question is asked as well.
 */
final class PostgresEngine implements Engine {
  /** What a URL begins with. */
  static final String SCHEME = "jdbc:postgresql:";

  private static final String SCHEMA = "imgstore";

  private static final Pattern NAME = Pattern.compile("[a-z_][a-z0-9_]{0,62}");

  /** Of the advisory lock; the other half is the schema's number. */
  private static final int LOCK = 0x696d6773;

  private final String url;
  private final Duration patience;

  PostgresEngine(String url, Duration patience) {
    if (!url.startsWith(SCHEME)) {
      throw new IllegalArgumentException("a catalog's URL begins with " + SCHEME);
    }
    this.url = url;
    this.patience = patience;
  }

  @Override
  public <T> Optional<T> ask(Feeder feeder, Question<T> question)
      throws SQLException, IOException, InterruptedException {
    try (Connection connection = connect()) {
      if (isThere(connection)) {
        connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
        if (feeder.state(connection) == Head.State.CURRENT) {
          return Optional.of(question.ask(new SqlAnswers(connection)));
        }
        connection.rollback();
        connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
      }
      if (!lock(connection) || !feed(connection, feeder)) {
        return Optional.empty();
      }
      T answer = question.ask(new SqlAnswers(connection));
      connection.commit();
      return Optional.of(answer);
    }
  }

  /** False if not all could be taken in; then what could is kept, for the next try. */
  private static boolean feed(Connection connection, Feeder feeder)
      throws SQLException, IOException {
    if (!isThere(connection) || !feeder.catchUp(connection)) {
      makeAnew(connection);
      if (!feeder.catchUp(connection)) {
        throw new SQLException("the catalog does not fit the journal even when it is new");
      }
      Schema.index(connection);
    }
    boolean whole = Head.read(connection).pending() == 0;
    if (!whole) {
      connection.commit();
    }
    return whole;
  }

  private Connection connect() throws SQLException, IOException {
    Properties defaults = new Properties();
    defaults.setProperty("currentSchema", SCHEMA);
    defaults.setProperty("ApplicationName", "imgstore");
    defaults.setProperty("connectTimeout", String.valueOf(Math.max(1, patience.toSeconds())));
    defaults.setProperty("loginTimeout", String.valueOf(Math.max(1, patience.toSeconds())));
    Connection connection;
    try {
      connection = new Driver().connect(url, defaults);
    } catch (SQLException e) {
      throw new IOException("no connection: " + e.getMessage(), e);
    }
    if (connection == null) {
      throw new IOException("it is no URL of PostgreSQL");
    }
    connection.setAutoCommit(false);
    return connection;
  }

  private static boolean isThere(Connection connection) throws SQLException {
    boolean there = one(connection, "SELECT to_regclass('head') IS NOT NULL").equals("t");
    connection.rollback();
    return there;
  }

  /** Until the transaction ends; false if others have it for too long. */
  private boolean lock(Connection connection) throws SQLException, InterruptedException {
    Patience left = new Patience(patience);
    String sql =
        "SELECT pg_try_advisory_xact_lock(" + LOCK + ", hashtext(current_setting('search_path')))";
    boolean locked = one(connection, sql).equals("t");
    while (!locked && left.goesOn()) {
      locked = one(connection, sql).equals("t");
    }
    return locked;
  }

  private static String one(Connection connection, String sql) throws SQLException {
    try (PreparedStatement select = connection.prepareStatement(sql);
        ResultSet rows = select.executeQuery()) {
      return rows.next() ? String.valueOf(rows.getString(1)) : "";
    }
  }

  /** Makes the schema, if need be, and the tables in it, empty. */
  private static void makeAnew(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("CREATE SCHEMA IF NOT EXISTS " + schema(connection));
    }
    refuseForeign(connection);
    Schema.drop(connection);
    Schema.make(connection);
  }

  /** The one schema in which names without one are looked for. */
  private static String schema(Connection connection) throws SQLException {
    String path = one(connection, "SELECT current_setting('search_path')");
    if (!NAME.matcher(path).matches()) {
      throw new SQLException(
          "currentSchema= in its URL is to be one name of letters a-z, digits and _, not " + path);
    }
    return path;
  }

  /** What would be lost by making it anew must all be ours. */
  private static void refuseForeign(Connection connection) throws SQLException {
    SortedSet<String> foreign = new TreeSet<>();
    try (PreparedStatement select =
            connection.prepareStatement(
                "SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace"
                    + " AND relkind IN ('r', 'p', 'm', 'f')");
        ResultSet rows = select.executeQuery()) {
      while (rows.next()) {
        foreign.add(rows.getString(1));
      }
    }
    foreign.removeAll(Schema.TABLES);
    if (!foreign.isEmpty()) {
      throw new SQLException(
          "the schema "
              + schema(connection)
              + " holds other tables ("
              + foreign.first()
              + "); name one for the catalog alone with currentSchema= in its URL");
    }
  }

  @Override
  public void discard() throws SQLException, IOException, InterruptedException {
    try (Connection connection = connect()) {
      if (!lock(connection)) {
        throw new IOException("others keep the catalog busy; try again");
      }
      makeAnew(connection);
      connection.commit();
    }
  }
}
