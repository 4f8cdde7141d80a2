package dev.imgstore.builder.realise;

import dev.imgstore.builder.lock.Lock;
import dev.imgstore.builder.recipe.InputSource;
import dev.imgstore.builder.results.Results;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Platform;
import dev.imgstore.store.FrameStore;
import dev.imgstore.store.Tasks;
import dev.imgstore.store.Transaction;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;

/**
 * Fetches what is locked, each file once, whether that was begun early or is asked for: a failure
 * is told to whoever asks. All goes into one transaction. Safe for many threads; closing it waits
 * for what was begun.
 */
final class EarlyFetcher implements InputFetcher, Closeable {
  private final InputFetcher fetcher;
  private final ExecutorService downloads;
  private final ConcurrentMap<Digest, FutureTask<Void>> once = new ConcurrentHashMap<>();
  private final Tasks tasks = new Tasks();
  private final List<Future<Void>> begun = new ArrayList<>();
  private boolean early;
  private volatile boolean stopped;

  EarlyFetcher(InputFetcher fetcher, ExecutorService downloads) {
    this.fetcher = fetcher;
    this.downloads = downloads;
  }

  /** Begins with all that a build needs and the store has not; the second time it does nothing. */
  void begin(ImageBuilder.Request request, Transaction store) {
    if (early || stopped) {
      return;
    }
    early = true;
    List<Callable<Void>> all = new ArrayList<>();
    for (Lock.Fetched file : request.lock().fetched()) {
      InputSource source = request.recipe().inputs().get(file.input());
      if (source != null) {
        all.add(once(file.sha256(), store, () -> fetch(file, source, store)));
      }
    }
    for (Platform platform : request.recipe().platforms()) {
      List<Lock.Input> packages = new ArrayList<>(request.lock().of(platform));
      for (String root : request.recipe().packageRoots().keySet()) {
        packages.addAll(request.lock().of(platform, root));
      }
      packages.forEach(each -> all.add(once(each.sha256(), store, () -> fetch(each, store))));
    }
    all.forEach(each -> begun.add(tasks.submit(downloads, each)));
  }

  private interface Fetch {
    void run() throws IOException;
  }

  private Callable<Void> once(Digest file, Transaction store, Fetch fetch) {
    return () -> {
      try {
        if (!stopped && !store.has(file)) {
          fetch.run();
        }
      } catch (IOException e) {
        // whoever needs the file is told
      }
      return null;
    };
  }

  /** Begins with nothing any more. */
  void stop() {
    stopped = true;
  }

  @Override
  public void fetch(Lock.Input input, FrameStore store) throws IOException {
    run(
        input.sha256(),
        new FutureTask<>(
            () -> {
              fetcher.fetch(input, store);
              return null;
            }));
  }

  @Override
  public void fetch(Lock.Fetched file, InputSource source, FrameStore store) throws IOException {
    run(
        file.sha256(),
        new FutureTask<>(
            () -> {
              fetcher.fetch(file, source, store);
              return null;
            }));
  }

  private void run(Digest file, FutureTask<Void> task) throws IOException {
    FutureTask<Void> first = once.putIfAbsent(file, task);
    FutureTask<Void> only = first == null ? task : first;
    only.run(); // does nothing if it runs, or ran
    try {
      only.get();
    } catch (InterruptedException e) {
      throw Results.interrupted(e);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      if (cause instanceof RuntimeException unchecked) {
        throw unchecked;
      }
      if (cause instanceof Error error) {
        throw error;
      }
      throw cause instanceof IOException io ? io : new IOException(cause);
    }
  }

  @Override
  public void close() throws IOException {
    stop();
    tasks.results(begun);
  }
}
