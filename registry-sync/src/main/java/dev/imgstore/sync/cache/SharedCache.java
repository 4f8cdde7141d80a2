package dev.imgstore.sync.cache;

import dev.imgstore.model.ActionKey;
import dev.imgstore.store.Store;
import dev.imgstore.store.Transaction;
import dev.imgstore.sync.Registry;
import dev.imgstore.sync.keys.SigningKey;
import java.io.Closeable;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Results of actions in a repository of a registry, for all who trust the same keys. See {@code
 * docs/design/22-shared-cache.md}. Nothing is asked before the first method is called. Safe for
 * many threads.
 */
public final class SharedCache implements Closeable {
  /** After so many results that were none, it is left alone. */
  private static final int PATIENCE = 5;

  private final Registry registry;
  private final Store store;
  private final CacheSettings settings;
  private final Source source;
  private final Pace pace;
  private final AtomicBoolean down = new AtomicBoolean();
  private final AtomicInteger refused = new AtomicInteger();
  private final AtomicLong expected = new AtomicLong();
  private final AtomicLong came = new AtomicLong();

  /** What is there, once that was asked. */
  private @Nullable Set<String> tags;

  /** True once the registry gave no list that could be used. */
  private boolean unlisted;

  /**
   * A cache.
   *
   * @param registry opened for reading to fetch and list, for writing to push and collect, with
   *     {@code Patience.brief()} for builds; closed with this
   * @param store whose results are shared, and into whose transactions is fetched
   */
  public SharedCache(Registry registry, Store store, CacheSettings settings) {
    this(registry, store, settings, Pace.usual());
  }

  SharedCache(Registry registry, Store store, CacheSettings settings, Pace pace) {
    this.registry = registry;
    this.store = store;
    this.settings = settings;
    this.source = new Source(registry);
    this.pace = pace;
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
    return down.get();
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
    if (isDown() || settings.trust().keys().isEmpty()) {
      return Optional.empty();
    }
    String what = "the shared cache " + name() + ": the result of " + kind.word() + " " + name;
    try {
      return fetched(key, kind, what, into);
    } catch (Unavailable e) {
      leaveAlone(String.valueOf(e.getMessage()));
    } catch (Refused e) {
      refuse(what + " was refused: " + e.why());
    }
    return Optional.empty();
  }

  private Optional<Fetched> fetched(ActionKey key, Kind kind, String what, Transaction into)
      throws IOException {
    Consensus consensus =
        new Consensus(
            source, settings.trust(), key, kind, sentence -> refuse(what + " " + sentence));
    List<Consensus.Word> agreed = consensus.ask(this::mayHave);
    for (Consensus.Word each : agreed) {
      try {
        Fetch.Came got =
            new Fetch(source, store.packs(), settings.pool(), pace, new Progress())
                .run(each.manifest(), into);
        return Optional.of(
            new Fetched(
                each.manifest().statement().result(),
                got.roots(),
                Consensus.names(agreed),
                origin(agreed),
                got.packs(),
                got.bytes()));
      } catch (Refused e) {
        refuse(what + " by " + each.by() + " was refused: " + e.why());
      }
    }
    if (agreed.isEmpty() && consensus.hasMissed()) {
      tellOfOthers(key, what);
    }
    return Optional.empty();
  }

  private static Origin origin(List<Consensus.Word> agreed) {
    return agreed.stream()
        .map(each -> each.manifest().statement().origin())
        .min(Origin::compareTo)
        .orElseThrow();
  }

  private void refuse(String sentence) {
    settings.notices().accept(sentence);
    if (refused.incrementAndGet() == PATIENCE) {
      leaveAlone("too much of what it gives is refused");
    }
  }

  private void leaveAlone(String why) {
    if (!down.getAndSet(true)) {
      settings
          .notices()
          .accept("the shared cache " + name() + " is left alone from here on: " + why);
    }
  }

  private synchronized boolean mayHave(String tag) {
    Set<String> known = tags;
    return known == null || known.contains(tag);
  }

  /** All results there, once; what is pushed meanwhile is found by the next build. */
  private synchronized Set<String> tags() throws IOException {
    Set<String> known = tags;
    if (known != null || unlisted) {
      return known == null ? Set.of() : known;
    }
    unlisted = true; // unless it works
    known = new HashSet<>();
    for (String each : source.tags()) {
      if (CacheManifest.isTag(each)) {
        known.add(each);
      }
    }
    tags = known;
    return known;
  }

  private void tellOfOthers(ActionKey key, String what) throws IOException {
    String prefix = key.digest().hex() + "-";
    Set<String> trusted = new HashSet<>();
    settings.trust().keys().values().forEach(each -> trusted.add(each.id()));
    for (String each : tags()) {
      if (each.startsWith(prefix) && !trusted.contains(each.substring(prefix.length()))) {
        settings
            .notices()
            .accept(
                what
                    + " was refused: its key "
                    + each.substring(prefix.length())
                    + " is not among the trusted ones");
      }
    }
  }

  /** Tells the settings' progress. */
  private final class Progress implements Fetch.Told {
    @Override
    public void expected(long bytes) {
      settings.progress().at(came.get(), expected.addAndGet(bytes));
    }

    @Override
    public void came(int bytes) {
      settings.progress().at(came.addAndGet(bytes), expected.get());
    }
  }

  /**
   * Puts results there, signed, with all they reach, as far as it is not there. What they reach
   * must be durable in the store. A result is visible to others only when all it needs is there.
   *
   * @throws dev.imgstore.sync.RegistryException if the registry does not take them
   */
  public PushReport push(List<Share> results, SigningKey key) throws IOException {
    return new Sending(registry, store, settings, key).run(results);
  }

  /**
   * What is there; a request for each result.
   *
   * @throws dev.imgstore.sync.RegistryException if the registry does not answer
   */
  public Listing list() throws IOException {
    return Catalogue.read(registry, settings.pool()).listing();
  }

  /**
   * Removes results that no rule keeps. Packs are freed by the registry when nothing names them:
   * what is kept has all it needs.
   *
   * @throws dev.imgstore.sync.RegistryException if the registry does not answer, or does not
   *     delete, saying what to set there
   */
  public CacheCollection collect(Keep keep) throws IOException {
    return Catalogue.read(registry, settings.pool()).collect(keep, settings.clock().instant());
  }

  /** What {@link #collect} would do; nothing is changed. */
  public CacheCollection planCollection(Keep keep) throws IOException {
    return Catalogue.read(registry, settings.pool()).plan(keep, settings.clock().instant());
  }

  @Override
  public void close() throws IOException {
    registry.close();
  }
}
