package dev.imgstore.sync.serve;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Takes connections, each with a thread of its own, up to a bound; where it is reached, one that
 * waits for its next request is closed for the new one. Whoever does not get on in time is closed.
 */
final class Connections implements AutoCloseable {
  private static final long LOOK_MILLIS = 100;

  private final ServerSocket socket;
  private final Limits limits;
  private final Connection.Answers answers;
  private final Encryption encryption;
  private final Set<Connection> open = ConcurrentHashMap.newKeySet();
  private final Semaphore room;
  private final Semaphore working;
  private final Turns turns = new Turns();
  private final ExecutorService threads =
      Executors.newCachedThreadPool(run -> thread(run, "serve"));
  private volatile boolean closed;

  Connections(
      ServerSocket socket, Limits limits, Encryption encryption, Connection.Answers answers) {
    this.socket = socket;
    this.limits = limits;
    this.encryption = encryption;
    this.answers = answers;
    this.room = new Semaphore(limits.connections());
    this.working = new Semaphore(limits.working());
  }

  private static Thread thread(Runnable run, String name) {
    Thread thread = new Thread(run, name);
    thread.setDaemon(true);
    return thread;
  }

  /** From now on connections are taken. */
  void start(Runnable housework) {
    thread(() -> look(housework), "serve-clock").start();
    thread(this::accept, "serve-accept").start();
  }

  private void look(Runnable housework) {
    while (!closed || !open.isEmpty()) {
      lookOnce(housework);
      pause();
    }
  }

  /** Nobody else looks, so this goes on whatever happens, also when memory is short. */
  private void lookOnce(Runnable housework) {
    try {
      open.forEach(Connection::closeIfLate);
      turns.sweep();
      housework.run();
    } catch (Throwable e) {
      return; // the next time is soon
    }
  }

  private void accept() {
    while (!closed) {
      try {
        Socket client = socket.accept();
        if (!hasRoom()) {
          client.close();
        } else if (!isTaken(client)) {
          room.release();
          client.close();
        }
      } catch (IOException e) {
        pause(); // out of files, or closed: what is open already goes on
      } catch (InterruptedException e) {
        return;
      } catch (Throwable e) { // such as memory, or a thread: a server that is deaf helps nobody
        pause();
      }
    }
  }

  private boolean hasRoom() throws InterruptedException {
    if (room.tryAcquire()) {
      return true;
    }
    for (Connection each : open) {
      if (each.closeIfIdle()) {
        break;
      }
    }
    return room.tryAcquire(1, TimeUnit.SECONDS);
  }

  /** False if there is no memory or no thread for it. */
  private boolean isTaken(Socket client) {
    Connection connection = new Connection(client, limits, encryption, answers, working, turns);
    open.add(connection);
    try {
      threads.execute(
          () -> {
            try {
              connection.run();
            } finally {
              open.remove(connection);
              room.release();
            }
          });
      return true;
    } catch (RejectedExecutionException | OutOfMemoryError e) {
      open.remove(connection);
      return false;
    }
  }

  private void pause() {
    try {
      Thread.sleep(LOOK_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Takes no more connections; those that are open go on. */
  void refuse() throws IOException {
    closed = true;
    socket.close();
  }

  /** Closes everything, and waits for the threads. */
  @Override
  public void close() throws IOException {
    refuse();
    open.forEach(Connection::closeNow);
    threads.shutdown();
    try {
      threads.awaitTermination(Duration.ofSeconds(10).toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
