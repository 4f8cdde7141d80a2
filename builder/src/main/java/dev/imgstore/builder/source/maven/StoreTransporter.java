package dev.imgstore.builder.source.maven;

import dev.imgstore.builder.source.fetch.Fetcher;
import dev.imgstore.store.FrameStore;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import org.eclipse.aether.spi.connector.transport.AbstractTransporter;
import org.eclipse.aether.spi.connector.transport.GetTask;
import org.eclipse.aether.spi.connector.transport.PeekTask;
import org.eclipse.aether.spi.connector.transport.PutTask;
import org.eclipse.aether.transfer.TransferCancelledException;

/**
 * Gives Maven Resolver the files of one repository through our fetcher, and keeps each that is no
 * checksum and no list of versions in the store. Safe for many threads.
 */
final class StoreTransporter extends AbstractTransporter {
  private static final int LARGEST_NOTE = 16 << 20;
  private static final long LARGEST_FILE = 4L << 30;

  private final URI repository;
  private final Fetcher fetcher;
  private final FrameStore store;
  private final Gathered taken;

  /**
   * For one repository.
   *
   * @param repository ends in a slash
   * @param taken gets what was kept
   */
  StoreTransporter(URI repository, Fetcher fetcher, FrameStore store, Gathered taken) {
    this.repository = repository;
    this.fetcher = fetcher;
    this.store = store;
    this.taken = taken;
  }

  /** A checksum, or which versions there are: asked for to decide, not to be kept. */
  private static boolean isNote(String path) {
    return path.matches(".*\\.(sha1|sha256|sha512|md5|asc)|.*/maven-metadata[^/]*\\.xml");
  }

  @Override
  public int classify(Throwable error) {
    return error instanceof IOException io && Fetcher.isAbsent(io) ? ERROR_NOT_FOUND : ERROR_OTHER;
  }

  @Override
  protected void implPeek(PeekTask task) throws IOException {
    fetcher.small(task.getLocation().toString(), at(task.getLocation()), LARGEST_NOTE);
  }

  @Override
  protected void implGet(GetTask task) throws IOException, TransferCancelledException {
    String path = task.getLocation().getPath();
    if (isNote(path)) {
      byte[] note = fetcher.small(path, at(task.getLocation()), LARGEST_NOTE);
      utilGet(task, new ByteArrayInputStream(note), true, note.length, false);
      return;
    }
    Fetcher.Taken file = take(path, at(task.getLocation()));
    utilGet(task, store.open(file.digest()), true, file.size(), false);
    taken.took(path, repository, file);
  }

  private Fetcher.Taken take(String path, URI address) throws IOException {
    try {
      return fetcher.take(path, List.of(address), List.of(), LARGEST_FILE, store);
    } catch (IOException e) {
      taken.failed(path, e);
      throw e;
    }
  }

  private URI at(URI location) {
    return URI.create(repository + location.getRawPath());
  }

  @Override
  protected void implPut(PutTask task) {
    throw new UnsupportedOperationException("nothing is published");
  }

  @Override
  protected void implClose() {}
}
