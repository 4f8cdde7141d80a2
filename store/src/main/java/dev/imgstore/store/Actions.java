package dev.imgstore.store;

import dev.imgstore.model.ActionKey;
import dev.imgstore.model.Digest;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** What actions gave: hints that save work. Losing one loses time only (law 5). */
public interface Actions {
  /**
   * The first recorded result of {@code key} that is still present; a record whose results are all
   * gone, or that cannot be read, is a miss.
   */
  Optional<Digest> find(ActionKey key) throws IOException;

  /**
   * Adds a result, which must be durable already. The same result twice is recorded once; a
   * different one is kept beside the first, which goes on winning.
   */
  void record(ActionKey key, Digest result) throws IOException;

  /** All recorded results of {@code key} that are still present, in the order they came. */
  List<Digest> results(ActionKey key) throws IOException;

  /**
   * Puts a value, which must be durable already, before the earlier ones of {@code key}, of which a
   * few stay: for what is asked for by its newest, a log for instance.
   */
  void remember(ActionKey key, Digest newest) throws IOException;

  /** The keys that begin with these hexadecimal digits, at least two, sorted. */
  List<ActionKey> startingWith(String hex) throws IOException;
}
