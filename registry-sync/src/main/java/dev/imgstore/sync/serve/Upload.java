package dev.imgstore.sync.serve;

import dev.imgstore.store.Staged;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;

/** A blob on its way, over several requests. One request at a time claims it. */
final class Upload implements Closeable {
  private final String id;
  private final String client;
  private final String repository;
  private final Terms.Term term;
  private final Staged staged;
  private final Reservation reservation;
  private boolean isClaimed;
  private boolean isClosed;
  private long last = System.nanoTime();

  /** Takes over the term. */
  Upload(String id, String client, String repository, Terms.Term term, Reservation reservation)
      throws IOException {
    this.id = id;
    this.client = client;
    this.repository = repository;
    this.term = term;
    this.reservation = reservation;
    this.staged = term.store().stage();
  }

  String id() {
    return id;
  }

  String client() {
    return client;
  }

  String repository() {
    return repository;
  }

  Staged staged() {
    return staged;
  }

  Reservation reservation() {
    return reservation;
  }

  /** False if another request has it, or it is over. */
  synchronized boolean claim() {
    if (isClaimed || isClosed) {
      return false;
    }
    isClaimed = true;
    return true;
  }

  synchronized void release() {
    isClaimed = false;
    last = System.nanoTime();
  }

  synchronized boolean isLate(Duration idle) {
    boolean isIdle = System.nanoTime() - last > idle.toNanos();
    return !isClaimed && (isIdle || reservation.isOver());
  }

  @Override
  public void close() throws IOException {
    synchronized (this) {
      if (isClosed) {
        return;
      }
      isClosed = true;
    }
    try (term;
        reservation) {
      staged.close();
    }
  }
}
