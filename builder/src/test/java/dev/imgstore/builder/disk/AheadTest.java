package dev.imgstore.builder.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AheadTest {
  private record Numbered(int number, AtomicInteger begun) implements Ahead.Job<Integer> {
    @Override
    public long weight() {
      return 1;
    }

    @Override
    public Integer run() throws IOException {
      begun.incrementAndGet();
      if (number == 7) {
        throw new IOException("seven");
      }
      return number;
    }
  }

  private final AtomicInteger begun = new AtomicInteger();

  private Ahead<Integer> to(int end, Executor pool) {
    return new Ahead<>(
        IntStream.range(0, end).mapToObj(i -> new Numbered(i, begun)).iterator(), 3, pool);
  }

  @Test
  void resultsComeInOrderWithAnyPool() throws IOException {
    ExecutorService threads = Executors.newFixedThreadPool(3);
    Executor refusing =
        task -> {
          throw new RejectedExecutionException();
        };
    try {
      for (Executor pool : List.of(threads, refusing, Runnable::run, task -> {})) {
        List<Integer> seen = new ArrayList<>();
        try (Ahead<Integer> ahead = to(7, pool)) {
          while (ahead.hasNext()) {
            seen.add(ahead.next());
          }
          assertThrows(NoSuchElementException.class, ahead::next);
        }
        assertEquals(List.of(0, 1, 2, 3, 4, 5, 6), seen);
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void noMoreThanTheWindowIsBegun() throws IOException {
    try (Ahead<Integer> ahead = to(7, Runnable::run)) {
      ahead.next();
      assertEquals(3, begun.get());
      ahead.next();
      assertEquals(4, begun.get());
    }
  }

  @Test
  void aFailureIsThrownWhenItIsDueAndNothingIsBegunAfterTheEnd() throws IOException {
    try (Ahead<Integer> ahead = to(20, task -> {})) {
      for (int i = 0; i < 7; i++) {
        assertEquals(i, ahead.next());
      }
      IOException failure = assertThrows(IOException.class, ahead::next);
      assertEquals("seven", failure.getMessage());
    }
    assertEquals(8, begun.get());
  }

  @Test
  void anInterruptEndsTheWaitingAndIsKept() {
    try (Ahead<Integer> ahead = to(1, task -> {})) {
      Thread.currentThread().interrupt();
      assertThrows(IOException.class, ahead::next);
      assertTrue(Thread.interrupted());
      assertFalse(Thread.currentThread().isInterrupted());
    }
  }
}
