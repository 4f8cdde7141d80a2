package dev.imgstore.builder.results;

import dev.imgstore.model.ActionKey;
import dev.imgstore.model.Digest;
import dev.imgstore.store.Transaction;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;

/** What actions gave elsewhere, by the word of those who are trusted. Safe for many threads. */
public interface SharedResults {
  /** Nobody shares anything. */
  SharedResults NONE = (question, into) -> CompletableFuture.completedFuture(Optional.empty());

  /**
   * What is asked.
   *
   * @param name for people: of the recipe, and what of it
   */
  record Question(ActionKey key, Kind kind, String name) {}

  /**
   * Begins to ask, and returns at once. What comes is a result that somebody trusted states, with
   * all that it reaches in {@code into}, not durable before its next flush. Whatever goes wrong
   * elsewhere is told to the person, and nothing comes; the future fails only if this store cannot
   * be written.
   *
   * @throws IOException if it cannot be known whom to ask
   */
  Future<Optional<Digest>> ask(Question question, Transaction into) throws IOException;

  /** True while bytes of a result are on their way. */
  default boolean isComing() {
    return false;
  }

  /** A result that came is not what the key asks for: the person is told, and it is not used. */
  default void refused(Question question, String why) {}
}
