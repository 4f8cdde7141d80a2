package dev.imgstore.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class TasksTest {
  private final ExecutorService one = Executors.newFixedThreadPool(1);
  private final ExecutorService two = Executors.newFixedThreadPool(2);

  @AfterEach
  void shutDown() {
    one.shutdownNow();
    two.shutdownNow();
  }

  @Test
  void resultsComeInTheOrderAskedFor() throws IOException {
    Tasks tasks = new Tasks();
    List<Future<Integer>> futures = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      int number = i;
      futures.add(0, tasks.submit(two, () -> number));
    }
    List<Integer> results = tasks.results(futures);
    assertEquals(50, results.size());
    assertEquals(49, results.get(0));
    assertEquals(0, results.get(49));
  }

  @Test
  void theFirstFailureIsThrownAndKeepsTheRestFromStarting() {
    Tasks tasks = new Tasks();
    AtomicInteger started = new AtomicInteger();
    Future<?> unused1 =
        tasks.submit(
            one,
            () -> {
              throw new FileNotFoundException("the first");
            });
    for (int i = 0; i < 10; i++) {
      Future<?> unused2 =
          tasks.submit(
              one,
              () -> {
                started.incrementAndGet();
                throw new IOException("a later one");
              });
    }
    IOException failure = assertThrows(FileNotFoundException.class, tasks::finish);
    assertEquals("the first", failure.getMessage());
    assertEquals(0, started.get());
  }

  @Test
  void whatRunsIsWaitedForAfterAFailure() throws InterruptedException {
    Tasks tasks = new Tasks();
    CountDownLatch running = new CountDownLatch(1);
    CountDownLatch failed = new CountDownLatch(1);
    AtomicBoolean ended = new AtomicBoolean();
    Future<?> unused3 =
        tasks.submit(
            two,
            () -> {
              running.countDown();
              failed.await();
              Thread.onSpinWait();
              ended.set(true);
              return null;
            });
    Future<?> unused4 =
        tasks.submit(
            two,
            () -> {
              running.await();
              try {
                throw new IllegalStateException("broken");
              } finally {
                failed.countDown();
              }
            });
    assertThrows(IllegalStateException.class, tasks::finish);
    assertTrue(ended.get());
  }

  @Test
  void workMayWaitForWorkOfAnotherPoolWhicheverFails() {
    for (int failing = 0; failing < 20; failing++) {
      Tasks tasks = new Tasks();
      int bad = failing;
      for (int i = 0; i < 20; i++) {
        int number = i;
        Future<Integer> first =
            tasks.submit(
                two,
                () -> {
                  if (number == bad) {
                    throw new IOException("number " + number);
                  }
                  return number;
                });
        Future<?> unused6 = tasks.submit(one, first::get);
      }
      IOException failure = assertThrows(IOException.class, tasks::finish);
      assertEquals("number " + bad, failure.getMessage());
    }
  }

  @Test
  void whatRunsEndsWhereItAsksIfSomethingElseFailed() {
    Tasks tasks = new Tasks();
    CountDownLatch running = new CountDownLatch(1);
    AtomicBoolean ended = new AtomicBoolean();
    tasks.run(
        two,
        () -> {
          running.countDown();
          try {
            while (true) {
              tasks.check();
            }
          } finally {
            ended.set(true);
          }
        });
    Future<?> unused5 =
        tasks.submit(
            two,
            () -> {
              running.await();
              throw new FileNotFoundException("the first");
            });
    assertThrows(FileNotFoundException.class, tasks::finish);
    assertTrue(ended.get());
  }

  @Test
  void anInterruptIsKeptAndWaitsForWhatRuns() {
    Tasks tasks = new Tasks();
    Thread waiting = Thread.currentThread();
    AtomicBoolean ended = new AtomicBoolean();
    AtomicBoolean started = new AtomicBoolean();
    Future<?> unused7 =
        tasks.submit(
            one,
            () -> {
              waiting.interrupt();
              while (waiting.isInterrupted() || waiting.getState() != Thread.State.WAITING) {
                Thread.onSpinWait(); // until it has seen the interrupt and waits again
              }
              ended.set(true);
              return null;
            });
    Future<?> unused8 =
        tasks.submit(
            one,
            () -> {
              started.set(true);
              return null;
            });
    assertThrows(InterruptedIOException.class, tasks::finish);
    assertTrue(Thread.interrupted());
    assertTrue(ended.get());
    assertEquals(false, started.get());
  }
}
