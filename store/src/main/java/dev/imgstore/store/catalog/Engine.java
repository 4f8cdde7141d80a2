package dev.imgstore.store.catalog;

import java.io.IOException;
import java.sql.SQLException;
import java.util.Optional;

/** A database with a catalog in it. */
interface Engine {
  /** A question. */
  interface Question<T> {
    T ask(Answers answers) throws IOException;
  }

  /**
   * Brings the catalog up to the journal, making it anew if need be, and asks it.
   *
   * @return empty if others kept it busy for too long, or it could not be made whole
   * @throws SQLException if the database failed; what is there may be damaged
   * @throws IOException if journal or store failed, or there is no way to the database
   */
  <T> Optional<T> ask(Feeder feeder, Question<T> question)
      throws SQLException, IOException, InterruptedException;

  /** Removes all of the catalog; the next question makes it anew. */
  void discard() throws SQLException, IOException, InterruptedException;
}
