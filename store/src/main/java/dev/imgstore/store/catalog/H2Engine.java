package dev.imgstore.store.catalog;

import java.io.Closeable;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.h2.Driver;
import org.h2.api.ErrorCode;

/**
 * A catalog in a file of the store, which nobody keeps open: under {@code catalog.lock} it is
 * compared with its sum, brought up to the journal, closed, and opened again to read only; then the
 * lock is given back and the question asked. H2 itself lets many read or one write.
 *
 * <p>H2 answers from a damaged file without noticing, so the sum decides whether a file is
 * believed; it is absent while the file changes. A process that dies then costs the next one a new
 * catalog.
 */
final class H2Engine implements Engine {
  /**
   * {@code WRITE_DELAY=0}: else commits are lost when the process is killed, and once a file was
   * damaged. No background writer, no file for traces, no shutdown hook.
   */
  private static final String SETTINGS =
      ";WRITE_DELAY=0;DB_CLOSE_ON_EXIT=FALSE;TRACE_LEVEL_FILE=0;CACHE_SIZE=32768";

  /**
   * One question at a time in a process: closing any channel on a file drops this process's locks
   * of it (POSIX), H2's too, and the sum is computed through a channel of its own.
   */
  private static final ReentrantLock ONE = new ReentrantLock(true);

  /** A compacted file has some 50 bytes a row; one of more than this is compacted. */
  private static final long BYTES_PER_ROW = 250;

  private static final long SLACK = 2 << 20;

  private final CatalogFiles files;
  private final Duration patience;
  private final Consumer<String> notices;

  H2Engine(CatalogFiles files, Duration patience, Consumer<String> notices) {
    this.files = files;
    this.patience = patience;
    this.notices = notices;
  }

  @Override
  public <T> Optional<T> ask(Feeder feeder, Question<T> question)
      throws SQLException, IOException, InterruptedException {
    if (files.base().indexOf(';') >= 0 || files.base().indexOf('\\') >= 0) {
      throw new IOException("H2 cannot open a file below " + files.base());
    }
    if (!ONE.tryLock(patience.toNanos(), TimeUnit.NANOSECONDS)) {
      return Optional.empty();
    }
    try {
      Optional<Connection> open = reader(feeder, new Patience(patience));
      if (open.isEmpty()) {
        return Optional.empty();
      }
      try (Connection connection = open.get()) {
        return Optional.of(question.ask(new SqlAnswers(connection)));
      }
    } finally {
      ONE.unlock();
    }
  }

  /** A connection to a catalog that is as new as the journal. */
  private Optional<Connection> reader(Feeder feeder, Patience left)
      throws SQLException, IOException, InterruptedException {
    Optional<Closeable> lock = files.tryLock();
    while (lock.isEmpty() && left.goesOn()) {
      lock = files.tryLock();
    }
    if (lock.isEmpty()) {
      return Optional.empty();
    }
    try (Closeable held = lock.get()) {
      if (files.isThere() && !files.isSound()) {
        notices.accept("the catalog was damaged or half fed; making it anew from the store");
        files.discard();
      }
      if (files.isThere()) {
        Connection connection = connect(";ACCESS_MODE_DATA=r;IFEXISTS=TRUE");
        boolean current = false;
        try {
          current = feeder.state(connection) == Head.State.CURRENT;
        } finally {
          if (!current) {
            connection.close();
          }
        }
        if (current) {
          return Optional.of(connection);
        }
      }
      return feed(feeder, left)
          ? Optional.of(connect(";ACCESS_MODE_DATA=r;IFEXISTS=TRUE"))
          : Optional.empty();
    }
  }

  /** False if readers kept it busy, or not all could be taken in. */
  private boolean feed(Feeder feeder, Patience left)
      throws SQLException, IOException, InterruptedException {
    for (int attempt = 1; attempt <= 2; attempt++) {
      boolean made = !files.isThere();
      Optional<Connection> open = writer(left);
      if (open.isEmpty()) {
        return false;
      }
      boolean fits;
      boolean whole = false;
      try (Connection connection = open.get()) {
        files.begin();
        connection.setAutoCommit(false);
        if (made) {
          Schema.make(connection);
        }
        fits = feeder.catchUp(connection);
        if (fits) {
          if (made) {
            Schema.index(connection);
          }
          connection.commit();
          whole = Head.read(connection).pending() == 0;
          compact(connection);
        } else {
          connection.rollback();
        }
      }
      if (fits) {
        files.end();
        return whole;
      }
      files.discard();
    }
    throw new SQLException("the catalog does not fit the journal even when it is new");
  }

  /**
   * Much of a file that was just filled is of no use any more: H2 leaves ten times what it needs.
   */
  private void compact(Connection connection) throws SQLException, IOException {
    if (files.size() > SLACK + BYTES_PER_ROW * Sql.rows(connection)) {
      try (Statement statement = connection.createStatement()) {
        statement.execute("SHUTDOWN COMPACT");
      }
    }
  }

  /** Waits while others read. */
  private Optional<Connection> writer(Patience left) throws SQLException, InterruptedException {
    while (true) {
      try {
        return Optional.of(connect(""));
      } catch (SQLException e) {
        if (e.getErrorCode() != ErrorCode.DATABASE_ALREADY_OPEN_1 || !left.goesOn()) {
          if (e.getErrorCode() == ErrorCode.DATABASE_ALREADY_OPEN_1) {
            return Optional.empty();
          }
          throw e;
        }
      }
    }
  }

  private Connection connect(String more) throws SQLException {
    Properties user = new Properties();
    user.setProperty("user", "imgstore");
    user.setProperty("password", "");
    return new Driver().connect("jdbc:h2:file:" + files.base() + SETTINGS + more, user);
  }

  @Override
  public void discard() throws IOException, InterruptedException {
    Patience left = new Patience(patience);
    ONE.lockInterruptibly();
    try {
      Optional<Closeable> lock = files.tryLock();
      while (lock.isEmpty() && left.goesOn()) {
        lock = files.tryLock();
      }
      if (lock.isEmpty()) {
        throw new IOException("others keep the catalog busy; try again");
      }
      try (Closeable held = lock.get()) {
        files.discard();
      }
    } finally {
      ONE.unlock();
    }
  }
}
