package dev.imgstore.cli;

import dev.imgstore.builder.lock.Lock;
import dev.imgstore.builder.realise.InputUniverse;
import dev.imgstore.builder.recipe.InputSource;
import dev.imgstore.builder.source.debian.archive.Fetcher;
import dev.imgstore.builder.source.url.UrlFiles;
import dev.imgstore.store.FrameStore;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Every kind of input that is fetched, as this machine is set up. Each is set up when needed. */
final class Universes implements InputUniverse {
  private final Machine machine;
  private Optional<Fetcher> web = Optional.empty();

  Universes(Machine machine) {
    this.machine = machine;
  }

  @Override
  public List<Lock.Fetched> lock(String input, InputSource source, FrameStore store)
      throws IOException {
    if (source instanceof InputSource.Url url) {
      return new UrlFiles(web()).lock(input, url, store);
    }
    throw new AssertionError(source);
  }

  @Override
  public void fetch(Lock.Fetched file, InputSource source, FrameStore store) throws IOException {
    if (source instanceof InputSource.Url url) {
      new UrlFiles(web()).fetch(file, url, store);
    } else {
      throw new AssertionError(source);
    }
  }

  private synchronized Fetcher web() {
    if (web.isEmpty()) {
      web = Optional.of(machine.web());
    }
    return web.get();
  }
}
