package dev.imgstore.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.imgstore.builder.results.SharedResults;
import dev.imgstore.model.Digest;
import dev.imgstore.store.Store;
import dev.imgstore.store.Transaction;
import dev.imgstore.sync.cache.CacheSettings;
import dev.imgstore.sync.cache.Fetched;
import dev.imgstore.sync.cache.Kind;
import dev.imgstore.sync.cache.Origin;
import dev.imgstore.sync.cache.SharedCache;
import dev.imgstore.sync.cache.Trust;
import dev.imgstore.sync.client.Patience;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;

/**
 * The shared caches of one command: asked one after the other until one has a result, several
 * results at once. They are opened when something is asked first, so that whoever needs nothing
 * loads nothing. One that failed is left alone from then on. Safe for many threads.
 */
final class SharedCaches implements SharedResults, Closeable {
  private static final int QUESTIONS = 3;
  private static final int PACKS = 3;

  private final Imgstore root;
  private final Store store;
  private final String only;
  private final Supplier<Patience> patience;
  private final CacheSettings.Progress progress;
  private final String goesOn;
  private final ExecutorService asking = Executors.newFixedThreadPool(QUESTIONS);
  private final ExecutorService packs = Executors.newFixedThreadPool(PACKS);
  private final Set<String> said = new HashSet<>();
  private Optional<List<SharedCache>> open = Optional.empty();
  private Report report = new Report(new ArrayList<>(), new ArrayList<>());
  private volatile boolean coming;

  /** A result that came from a cache. */
  record Came(Question question, String from, Fetched fetched) {
    /** For people. */
    String line() {
      return question.name()
          + " came from "
          + from
          + ", "
          + (fetched.origin() == Origin.BUILT ? "built by " : "copied by ")
          + String.join(" and ", fetched.by())
          + " ("
          + Table.bytes(fetched.bytes())
          + ")";
    }
  }

  /**
   * What caches did for a build.
   *
   * @param notices what was refused, and which cache is left alone, each with why
   */
  record Report(List<Came> came, List<String> notices) {
    static final Report NOTHING = new Report(List.of(), List.of());

    /** For programs. */
    void put(ObjectNode json) {
      ArrayNode list = json.putArray("fetched");
      for (Came each : came) {
        ArrayNode by =
            list.addObject()
                .put("key", each.question().key().toString())
                .put("kind", kind(each.question()).word())
                .put("name", each.question().name())
                .put("result", each.fetched().result().toString())
                .put("from", each.from())
                .put("origin", each.fetched().origin().word())
                .put("packs", each.fetched().packs())
                .put("bytes", each.fetched().bytes())
                .putArray("by");
        each.fetched().by().forEach(by::add);
      }
      ArrayNode told = json.putArray("notices");
      notices.forEach(told::add);
    }
  }

  /**
   * Caches.
   *
   * @param only this one; empty for all of the settings
   * @param goesOn is said after what a cache did wrong
   */
  private SharedCaches(
      Imgstore root,
      Store store,
      String only,
      Supplier<Patience> patience,
      String goesOn,
      CacheSettings.Progress progress) {
    this.root = root;
    this.store = store;
    this.only = only;
    this.patience = patience;
    this.goesOn = goesOn;
    this.progress = progress;
  }

  /** All caches of the settings, for a build, which does without one that makes it wait. */
  static SharedCaches ofBuild(Imgstore root, Store store, CacheSettings.Progress progress) {
    return new SharedCaches(
        root, store, "", Patience::brief, "; the build goes on without it", progress);
  }

  /**
   * For whoever wants nothing else.
   *
   * @param only this one; empty for all of the settings
   */
  static SharedCaches of(Imgstore root, Store store, String only, CacheSettings.Progress progress) {
    return new SharedCaches(root, store, only, Patience::usual, "", progress);
  }

  static Kind kind(Question question) {
    return Kind.valueOf(question.kind().name());
  }

  private synchronized List<SharedCache> caches() throws IOException {
    if (open.isEmpty()) {
      open = Optional.of(opened());
    }
    return open.get();
  }

  private List<SharedCache> opened() throws IOException {
    CachePlaces places = CachePlaces.read(root);
    List<String> names = only.isEmpty() ? places.names() : List.of(only);
    List<SharedCache> caches = new ArrayList<>();
    if (names.isEmpty()) {
      return caches;
    }
    Trust trust = places.trust();
    if (trust.keys().isEmpty()) {
      notice(
          "no cache is asked, since no key is trusted: put the line that imgstore key show prints"
              + " where it was built under trust: keys: in the settings");
      return caches;
    }
    CacheSettings how =
        new CacheSettings(
            trust,
            packs,
            told -> notice(told + goesOn),
            (done, total) -> {
              coming |= total > 0;
              progress.at(done, total);
            },
            root.context().clock());
    for (String each : names) {
      caches.add(places.reading(each, store, patience.get(), how));
    }
    return caches;
  }

  @Override
  public Future<Optional<Digest>> ask(Question question, Transaction into) throws IOException {
    List<SharedCache> caches = caches();
    return caches.isEmpty()
        ? CompletableFuture.completedFuture(Optional.empty())
        : asking.submit(() -> first(caches, question, into));
  }

  private Optional<Digest> first(List<SharedCache> caches, Question question, Transaction into)
      throws IOException {
    for (SharedCache each : caches) {
      Optional<Fetched> found =
          each.isDown()
              ? Optional.empty()
              : each.fetch(question.key(), kind(question), question.name(), into);
      coming = false;
      if (found.isPresent()) {
        synchronized (this) {
          report.came().add(new Came(question, each.name(), found.get()));
        }
        return found.map(Fetched::result);
      }
    }
    return Optional.empty();
  }

  @Override
  public boolean isComing() {
    return coming;
  }

  /** True if one of the caches could not be asked. */
  synchronized boolean isAnyDown() {
    return open.orElse(List.of()).stream().anyMatch(SharedCache::isDown);
  }

  @Override
  public void refused(Question question, String why) {
    synchronized (this) {
      report.came().removeIf(each -> each.question().equals(question));
    }
    notice(question.name() + " from a cache is refused: " + why + "; it is built here");
  }

  private synchronized void notice(String text) {
    if (said.add(text)) {
      root.notice(text);
      report.notices().add(text);
    }
  }

  /** What they did since this was asked last. */
  synchronized Report take() {
    Report taken = report;
    report = new Report(new ArrayList<>(), new ArrayList<>());
    return taken;
  }

  @Override
  public void close() throws IOException {
    asking.shutdownNow();
    packs.shutdownNow();
    for (SharedCache each : open.orElse(List.of())) {
      each.close();
    }
  }
}
