package dev.imgstore.store.catalog;

import dev.imgstore.store.Store;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Questions about all generations of a store, answered from a database that is brought up to the
 * journal first, or, where that is busy, damaged or out of reach, from journal and store. Which of
 * the two never changes an answer. Nothing is open between questions, and nobody else waits for
 * them. Safe for many threads and processes.
 */
public final class Catalog implements Answers {
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private final Truth truth;
  private final Engine engine;
  private final Reports reports;

  /** Who is told what. */
  public interface Reports {
    /** The catalog was made anew, or not asked, and why. No answer is other for it. */
    void notice(String sentence);

    /** A generation is left out of an answer, because something of it is gone or damaged. */
    void gap(String sentence);
  }

  Catalog(Truth truth, Engine engine, Reports reports) {
    this.truth = truth;
    this.engine = engine;
    this.reports = reports;
  }

  /** A catalog in a file of the store. */
  public static Catalog inStore(Store store, CatalogFiles files, Reports reports) {
    return new Catalog(Truth.of(store), new H2Engine(files, PATIENCE, reports::notice), reports);
  }

  /**
   * A catalog in a schema of its own of a PostgreSQL database.
   *
   * @param url {@code jdbc:postgresql:…}; may name user, password and {@code currentSchema}
   * @throws IllegalArgumentException if it is no such URL
   */
  public static Catalog inDatabase(Store store, String url, Reports reports) {
    return new Catalog(Truth.of(store), new PostgresEngine(url, PATIENCE), reports);
  }

  @Override
  public List<PackageHit> packages(String name, Predicate<String> versions, Predicate<Part> scope)
      throws IOException {
    return ask(answers -> answers.packages(name, versions, scope));
  }

  @Override
  public List<FileHit> files(FilePattern pattern, Predicate<Part> scope) throws IOException {
    return ask(answers -> answers.files(pattern, scope));
  }

  @Override
  public List<Part> parts(Predicate<Part> scope) throws IOException {
    return ask(answers -> answers.parts(scope));
  }

  @Override
  public List<String> packageNames() throws IOException {
    return ask(Answers::packageNames);
  }

  /** Removes the catalog; the next question makes it anew from journal and store. */
  public void discard() throws IOException {
    try {
      engine.discard();
    } catch (SQLException e) {
      throw new IOException("the catalog could not be removed: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private <T> T ask(Engine.Question<T> question) throws IOException {
    try {
      Optional<T> answer = twice(question);
      if (answer.isPresent()) {
        return answer.get();
      }
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
    return question.ask(new DirectAnswers(truth, reports::gap));
  }

  /** A database that fails is made anew once. */
  private <T> Optional<T> twice(Engine.Question<T> question) throws InterruptedException {
    Feeder feeder = new Feeder(truth, reports::notice);
    try {
      String fault;
      try {
        return asked(question, feeder);
      } catch (SQLException e) {
        fault = String.valueOf(e.getMessage());
      }
      engine.discard();
      reports.notice("the catalog failed (" + fault + "); making it anew from the store");
      return asked(question, feeder);
    } catch (SQLException | IOException e) {
      // what is wrong with the store itself, the direct answer meets as well
      reports.notice("the catalog cannot be used (" + e.getMessage() + "); asked the store itself");
      return Optional.empty();
    }
  }

  private <T> Optional<T> asked(Engine.Question<T> question, Feeder feeder)
      throws SQLException, IOException, InterruptedException {
    try {
      Optional<T> answer = engine.ask(feeder, question);
      if (answer.isEmpty()) {
        reports.notice("the catalog is busy or cannot be made whole; asked the store itself");
      }
      return answer;
    } catch (SqlAnswers.Failed e) {
      throw e.failure();
    } catch (RuntimeException e) {
      throw new SQLException(e.toString(), e); // H2 says so of files it cannot make sense of
    }
  }

  private static IOException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new IOException("interrupted while waiting for the catalog", e);
  }
}
