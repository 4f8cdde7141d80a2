package dev.imgstore.sync.serve;

import dev.imgstore.store.Profiles.Because;
import dev.imgstore.store.Store;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.ServerSocketChannel;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;

/**
 * A registry over a store, running. Nothing is remembered between requests that the store would not
 * say otherwise: a change of a profile by any process is seen by the next request. Safe for many
 * threads.
 */
public final class RegistryServer implements Closeable {
  private static final int BACKLOG = 256;

  private final ServerSocket socket;
  private final Connections connections;
  private final Front front;
  private final Metrics metrics;
  private final Terms terms;
  private final Fresh fresh;
  private final Uploads uploads;
  private final Limits limits;

  private RegistryServer(Opening opening, Wiring wiring, ServerSocket socket) {
    this.socket = socket;
    this.limits = opening.limits();
    this.metrics = new Metrics();
    this.terms = new Terms(wiring.store()::open, limits.term());
    this.fresh = new Fresh(limits.fresh());
    this.uploads = new Uploads(terms, fresh, limits, wiring.random());
    Object naming = new Object();
    Endpoints endpoints =
        new Endpoints(
            terms,
            fresh,
            uploads,
            new Intake(wiring, naming),
            new Deletion(wiring, opening.access(), fresh, naming),
            metrics);
    this.front = new Front(endpoints, opening.access(), metrics, wiring.clock(), wiring.log());
    this.connections = new Connections(socket, limits, opening.encryption(), front);
  }

  /**
   * What is to be served, and to whom.
   *
   * @param listen port 0 for any that is free
   */
  public record Opening(Listen listen, Encryption encryption, Access access, Limits limits) {}

  /** Opens the store of a server; each time another one, which the server closes. */
  @FunctionalInterface
  public interface StoreOpener {
    /** As {@code DiskStore.open}. */
    Store open() throws IOException;
  }

  /**
   * What a server takes from outside.
   *
   * @param log gets a JSON object without a line break for each request, from any thread
   * @param random names uploads, which nobody is to guess
   * @param who as the journal has whoever asked, of the name of a token; of an empty one if nobody
   *     said a name
   */
  public record Wiring(
      StoreOpener store,
      Clock clock,
      RandomGenerator random,
      Consumer<String> log,
      UnaryOperator<String> who) {
    /** Who asked, now, and why something changes. */
    Because because(Call call, String why) {
      return new Because(
          clock.instant().truncatedTo(ChronoUnit.SECONDS), who.apply(call.caller().name()), why);
    }
  }

  /**
   * Listens, and returns when it does.
   *
   * @throws IOException if the address cannot be had, or the store not be opened
   */
  public static RegistryServer start(Opening opening, Wiring wiring) throws IOException {
    ServerSocket socket = bind(opening);
    RegistryServer server = new RegistryServer(opening, wiring, socket);
    try {
      server.terms.take().close();
      server.connections.start(server::keepHouse);
      return server;
    } catch (IOException | RuntimeException e) {
      server.close();
      throw e;
    }
  }

  private static ServerSocket bind(Opening opening) throws IOException {
    ServerSocket socket = ServerSocketChannel.open().socket();
    try {
      socket.setReuseAddress(true);
      socket.bind(opening.listen().address(), BACKLOG);
      return socket;
    } catch (IOException e) {
      socket.close();
      throw new IOException(
          "cannot listen on "
              + opening.listen()
              + ": "
              + e.getMessage()
              + "; --listen chooses another, port 0 any that is free",
          e);
    }
  }

  /** Where it listens. */
  public Listen address() {
    return Listen.of((InetSocketAddress) socket.getLocalSocketAddress());
  }

  private void keepHouse() {
    try {
      fresh.sweep();
      uploads.sweep();
    } catch (IOException | RuntimeException e) {
      return; // of the end of a lease; the store says more when it is used
    }
  }

  /**
   * Ends: new requests are refused at once, running ones have the time of {@link Limits#stop}.
   *
   * @throws InterruptedException if the caller is interrupted meanwhile; then it has ended all the
   *     same
   */
  public void stop() throws IOException, InterruptedException {
    front.end();
    connections.refuse();
    long latest = System.nanoTime() + limits.stop().toNanos();
    try {
      while (metrics.running() > 0 && System.nanoTime() - latest < 0) {
        Thread.sleep(20);
      }
    } finally {
      close();
    }
  }

  /** Ends at once. */
  @Override
  public void close() throws IOException {
    front.end();
    try (terms;
        fresh;
        uploads) {
      connections.close();
    }
  }
}
