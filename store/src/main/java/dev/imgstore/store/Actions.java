package dev.imgstore.store;

import dev.imgstore.model.ActionKey;
import dev.imgstore.model.Digest;
import java.io.IOException;
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
}
