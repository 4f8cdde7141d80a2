package dev.imgstore.sync.cache;

import dev.imgstore.model.ActionKey;
import dev.imgstore.store.Store;
import dev.imgstore.store.Transaction;
import dev.imgstore.sync.Registry;
import dev.imgstore.sync.keys.SigningKey;
import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Results of actions in a repository of a registry, for all who trust the same keys. See {@code
 * docs/design/22-shared-cache.md}. Nothing is asked before the first method is called. Safe for
 * many threads.
 */
public final class SharedCache implements Closeable {
  private final Registry registry;
  private final Store store;
  private final CacheSettings settings;

  /**
   * A cache.
   *
   * @param registry opened for reading to fetch and list, for writing to push and collect, with
   *     {@code Patience.brief()} for builds; closed with this
   * @param store whose results are shared, and into whose transactions is fetched
   */
  public SharedCache(Registry registry, Store store, CacheSettings settings) {
    this.registry = registry;
    this.store = store;
    this.settings = settings;
  }

  /** The repository, as people write it. */
  public String name() {
    return registry.name();
  }

  /**
   * True once it has failed: nothing is asked of it any more, and {@link #fetch} finds nothing. It
   * was told to the notices.
   */
  public boolean isDown() {
    return false;
  }

  /**
   * Gets what an action gave somewhere else, with all it reaches, if enough trusted keys state it.
   * Every object is held against its digest. The transaction is flushed now and then; the caller
   * flushes it before anything refers to the result (law 2), and may record it then.
   *
   * <p>What the cache does wrong is told to the notices and is a miss, never a failure; what came
   * whole may stay in the transaction then, where nothing refers to it.
   *
   * @param name for messages, of the profile or the step
   * @param into a transaction of the store
   * @throws IOException if the store cannot be read or written, or this thread is interrupted
   */
  public Optional<Fetched> fetch(ActionKey key, Kind kind, String name, Transaction into)
      throws IOException {
    return notYet(store, settings, key, kind, name, into);
  }

  /**
   * Puts results there, signed, with all they reach, as far as it is not there. What they reach
   * must be durable in the store. A result is visible to others only when all it needs is there.
   *
   * @throws dev.imgstore.sync.RegistryException if the registry does not take them
   */
  public PushReport push(List<Share> results, SigningKey key) throws IOException {
    return notYet(results, key);
  }

  /**
   * What is there; a request for each result.
   *
   * @throws dev.imgstore.sync.RegistryException if the registry does not answer
   */
  public Listing list() throws IOException {
    return notYet();
  }

  /**
   * Removes results that no rule keeps. Packs are freed by the registry when nothing names them:
   * what is kept has all it needs.
   *
   * @throws dev.imgstore.sync.RegistryException if the registry does not answer, or does not
   *     delete, saying what to set there
   */
  public CacheCollection collect(Keep keep) throws IOException {
    return notYet(keep);
  }

  /** What {@link #collect} would do; nothing is changed. */
  public CacheCollection planCollection(Keep keep) throws IOException {
    return notYet(keep);
  }

  @SuppressWarnings({"DoNotCallSuggester", "TypeParameterUnusedInFormals"})
  private static <T> T notYet(Object... with) {
    throw new UnsupportedOperationException(with.length + "");
  }

  @Override
  public void close() throws IOException {
    registry.close();
  }
}
