package dev.imgstore.builder.source.url;

import dev.imgstore.builder.lock.Lock;
import dev.imgstore.builder.recipe.InputSource;
import dev.imgstore.builder.recipe.SourceSection;
import dev.imgstore.builder.source.fetch.Fetcher;
import dev.imgstore.model.Digest;
import dev.imgstore.store.FrameStore;
import java.io.IOException;
import java.net.URI;
import java.util.List;

/** Fetches inputs by {@code url}. Safe for many threads. */
public final class UrlFiles {
  /** No single file is larger. */
  private static final long LARGEST = 32L << 30;

  private final Fetcher fetcher;

  /** Asks through this fetcher. */
  public UrlFiles(Fetcher fetcher) {
    this.fetcher = fetcher;
  }

  /** Fetches the file and says what it is; the recipe's hash, if it gives one, must be right. */
  public List<Lock.Fetched> lock(String input, InputSource.Url source, FrameStore store)
      throws IOException {
    List<Digest> expected =
        source.sha256().isEmpty() ? List.of() : List.of(new Digest(source.sha256()));
    Fetcher.Taken taken =
        fetcher.take("the input " + input, addresses(source), expected, LARGEST, store);
    String file = UrlName.of(source).plain();
    return List.of(
        new Lock.Fetched(
            input,
            SourceSection.mark(source),
            "url",
            file,
            "",
            taken.digest(),
            taken.size(),
            file,
            "requested"));
  }

  /** Puts the locked file into the store. */
  public void fetch(Lock.Fetched file, InputSource.Url source, FrameStore store)
      throws IOException {
    fetcher.fetch(
        "the input " + file.input(), addresses(source), "", file.sha256(), file.size(), store);
  }

  private static List<URI> addresses(InputSource.Url source) {
    return source.urls().stream().map(URI::create).toList();
  }
}
