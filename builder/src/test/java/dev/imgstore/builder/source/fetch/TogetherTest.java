package dev.imgstore.builder.source.fetch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.builder.source.debian.DebianException.Missing;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class TogetherTest {
  private final ExecutorService pool = Executors.newFixedThreadPool(4);
  private final Together together = new Together(pool);

  @AfterEach
  void end() {
    pool.shutdownNow();
  }

  @Test
  void resultsComeInTheOrderOfTheWork() throws IOException {
    List<Callable<Integer>> work = new ArrayList<>();
    CountDownLatch last = new CountDownLatch(1);
    work.add(
        () -> {
          last.await();
          return 0;
        });
    for (int i = 1; i < 20; i++) {
      int number = i;
      work.add(
          () -> {
            if (number == 19) {
              last.countDown();
            }
            return number;
          });
    }
    List<Integer> results = together.all(work);
    assertEquals(20, results.size());
    assertEquals(results.stream().sorted().toList(), results);
    assertEquals(List.of(), together.all(List.of()));
  }

  @Test
  void fourRunAtATime() throws IOException {
    CountDownLatch four = new CountDownLatch(4);
    List<Callable<Boolean>> work = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      work.add(
          () -> {
            four.countDown();
            four.await(); // ends only if the others run beside it
            return true;
          });
    }
    assertEquals(4, together.all(work).size());
  }

  private static Callable<Integer> failing(AtomicInteger begun, int number) {
    return () -> {
      begun.incrementAndGet();
      throw new IOException("failure " + number);
    };
  }

  private static Callable<Integer> failing(Exception failure) {
    return () -> {
      throw failure;
    };
  }

  @Test
  void everyFailureIsToldAndOneIsItself() {
    AtomicInteger begun = new AtomicInteger();
    IOException only = new IOException("the only one");
    List<Callable<Integer>> one = List.of(failing(only), () -> 1);
    assertSame(only, assertThrows(IOException.class, () -> together.all(one)));
    List<Callable<Integer>> two = List.of(failing(begun, 1), () -> 1, failing(begun, 2));
    IOException both = assertThrows(IOException.class, () -> together.all(two));
    assertEquals("failure 1; failure 2", both.getMessage());
  }

  /** It decides how the process ends, however many there are. */
  @Test
  void severalThatAreMissingAreMissing() {
    List<Callable<Integer>> two =
        List.of(failing(new Missing("no a")), failing(new Missing("no b")));
    Missing both = assertThrows(Missing.class, () -> together.all(two));
    assertEquals("no a; no b", both.getMessage());
    List<Callable<Integer>> mixed =
        List.of(failing(new Missing("no a")), failing(new IOException("late")));
    assertEquals(
        IOException.class, assertThrows(IOException.class, () -> together.all(mixed)).getClass());
  }

  @Test
  void afterSomeFailuresNothingIsBegun() {
    AtomicInteger begun = new AtomicInteger();
    List<Callable<Integer>> work = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      work.add(failing(begun, i));
    }
    IOException failed = assertThrows(IOException.class, () -> together.all(work));
    assertTrue(begun.get() < Together.MOST_FAILURES + 4, begun::toString);
    assertTrue(
        String.valueOf(failed.getMessage()).endsWith(1000 - begun.get() + " more were not tried"),
        failed.getMessage());
  }

  @Test
  void anInterruptEndsTheWaiting() {
    Thread caller = Thread.currentThread();
    AtomicInteger begun = new AtomicInteger();
    List<Callable<Integer>> work = new ArrayList<>();
    work.add(
        () -> {
          caller.interrupt();
          while (caller.isInterrupted()) {
            Thread.onSpinWait(); // until it was heard
          }
          return 1;
        });
    work.add(begun::incrementAndGet);
    assertThrows(InterruptedIOException.class, () -> together.all(work));
    assertTrue(Thread.interrupted());
  }

  @Test
  void whatIsWrongInUsComesOutAsItIs() {
    IllegalStateException wrong = new IllegalStateException("x");
    List<Callable<Integer>> work = List.of(failing(wrong));
    assertSame(wrong, assertThrows(IllegalStateException.class, () -> together.all(work)));
  }
}
