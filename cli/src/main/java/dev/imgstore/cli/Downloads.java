package dev.imgstore.cli;

import dev.imgstore.builder.source.fetch.Together;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Threads that wait for the network: few, to be fair to servers, and gone when idle. */
final class Downloads {
  private static final int AT_A_TIME = 4;
  private static final long IDLE_SECONDS = 5;

  private Downloads() {}

  /** Four at a time. */
  static Together together() {
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            AT_A_TIME,
            AT_A_TIME,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            work -> {
              Thread thread = new Thread(work, "imgstore-download");
              thread.setDaemon(true);
              return thread;
            });
    pool.allowCoreThreadTimeOut(true);
    return new Together(pool);
  }
}
