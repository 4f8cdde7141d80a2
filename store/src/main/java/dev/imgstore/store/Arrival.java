package dev.imgstore.store;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.Collection;
import java.util.concurrent.ExecutorService;

/**
 * Packs on their way into a transaction. Nothing that comes is believed: every body is held against
 * its digest (law 1), what names others is put after all that it names, and only if that is there
 * (laws 2 and 3). A pack is in the store's {@code tmp/} while it is looked at. Safe for many
 * threads, but for {@link #finish}.
 */
public interface Arrival extends Closeable {
  /** True if this body has to come; what is here already is leased. */
  boolean lacks(Body body) throws IOException;

  /**
   * Takes what is wanted out of a pack.
   *
   * @param name of the pack, for messages
   * @param bytes read up to {@code size}, and one more to see that they end; stays the caller's
   * @param wanted that the pack must have
   * @throws BadPack if it is none, or what it has is not what was wanted
   * @throws IOException what the stream throws, or if the store cannot be written
   */
  void take(String name, InputStream bytes, long size, Collection<Body> wanted) throws IOException;

  /**
   * Puts what names others, once all packs were taken.
   *
   * @param pool stays the caller's, whose thread must not be one of it
   * @throws BadPack if something names what did not come and is not here
   */
  void finish(ExecutorService pool, int threads) throws IOException;

  /** Removes what is left of the packs. */
  @Override
  void close() throws IOException;
}
