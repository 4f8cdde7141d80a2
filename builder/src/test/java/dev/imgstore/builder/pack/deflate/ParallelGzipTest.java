package dev.imgstore.builder.pack.deflate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ParallelGzipTest {
  private static final int PART = ParallelGzip.PART;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  private static byte[] gzipped(byte[] input, Executor executor, int inWork) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ParallelGzip gzip = new ParallelGzip(out, executor, inWork)) {
      gzip.write(input);
    }
    return out.toByteArray();
  }

  @Test
  void theHeaderHoldsNoTimeNoNameAndNoSystem() throws IOException {
    byte[] member = gzipped(new byte[0], Runnable::run, 1);
    byte[] expected = {31, -117, 8, 0, 0, 0, 0, 0, 0, -1, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    assertArrayEquals(expected, member);
  }

  @Test
  void inputsAroundTheBoundariesOfPartsComeBack() throws IOException {
    for (int length : new int[] {1, PART - 1, PART, PART + 1, 2 * PART, 2 * PART + 1, 5 * PART}) {
      byte[] input = Samples.mixed(length, length);
      assertArrayEquals(input, Samples.gunzipped(gzipped(input, Runnable::run, 2)));
    }
  }

  @Test
  void partsSeeTheBytesBeforeThem() throws IOException {
    byte[] input = Samples.random(PART + 16_000, 1);
    System.arraycopy(input, PART - 16_000, input, PART, 16_000);
    assertTrue(gzipped(input, Runnable::run, 1).length < PART + 1000);
  }

  @Test
  void gzipItselfReadsTheMember() throws Exception {
    byte[] input = Samples.mixed(3 * PART + 12_345, 2);
    Process gzip = new ProcessBuilder("gzip", "-t").redirectErrorStream(true).start();
    try (OutputStream pipe = gzip.getOutputStream()) {
      pipe.write(gzipped(input, Runnable::run, 1));
    }
    String said = new String(gzip.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, gzip.waitFor(), said);
  }

  @Test
  void neitherThreadsNorWritesNorFlushesShow() throws IOException {
    byte[] input = Samples.mixed(6 * PART + 777, 3);
    byte[] expected = gzipped(input, Runnable::run, 1);
    for (int threads : new int[] {1, 2, 5}) {
      ExecutorService pool = Executors.newFixedThreadPool(threads);
      try {
        assertArrayEquals(expected, gzipped(input, pool, 2 * threads));
        ByteArrayOutputStream pieces = new ByteArrayOutputStream();
        try (ParallelGzip gzip = new ParallelGzip(pieces, pool, threads)) {
          gzip.write(input[0]);
          for (int at = 1; at < input.length; at += 54_321) {
            gzip.write(input, at, Math.min(54_321, input.length - at));
            gzip.flush();
          }
        }
        assertArrayEquals(expected, pieces.toByteArray());
      } finally {
        pool.shutdownNow();
      }
    }
  }

  @Test
  void anExecutorThatNeverRunsAnythingDoesNotBlock() throws IOException {
    byte[] input = Samples.text(4 * PART, 4);
    assertArrayEquals(gzipped(input, Runnable::run, 1), gzipped(input, work -> {}, 2));
  }

  @Test
  void anExecutorThatRefusesDoesNotFailTheStream() throws IOException {
    byte[] input = Samples.text(4 * PART, 5);
    Executor refusing =
        work -> {
          throw new RejectedExecutionException("full");
        };
    assertArrayEquals(gzipped(input, Runnable::run, 1), gzipped(input, refusing, 3));
  }

  @Test
  void neverMoreThanTheStatedNumberOfPartsIsInWork() throws IOException {
    Queue<Runnable> waiting = new ArrayDeque<>();
    AtomicInteger most = new AtomicInteger();
    Executor late =
        work -> {
          waiting.add(work);
          waiting.removeIf(task -> ((Future<?>) task).isDone());
          most.accumulateAndGet(waiting.size(), Math::max);
        };
    gzipped(new byte[9 * PART], late, 3);
    assertEquals(3, most.get());
  }

  @Test
  void aFailingTargetEndsTheStreamForGood() throws IOException {
    AtomicInteger closed = new AtomicInteger();
    OutputStream full =
        new OutputStream() {
          @Override
          public void write(int value) throws IOException {
            throw new IOException("no space left");
          }

          @Override
          public void close() {
            closed.incrementAndGet();
          }
        };
    ParallelGzip gzip = new ParallelGzip(full, Runnable::run, 1);
    IOException first = assertThrows(IOException.class, () -> gzip.write(new byte[3 * PART]));
    assertEquals("no space left", first.getMessage());
    assertThrows(IOException.class, () -> gzip.write(1));
    assertThrows(IOException.class, gzip::finish);
    gzip.close();
    gzip.close();
    assertEquals(1, closed.get());
  }

  @Test
  void aCancelledPartFailsTheStreamAndLeavesItWithoutTrailer() throws IOException {
    AtomicInteger count = new AtomicInteger();
    Executor cancelling =
        work -> {
          if (count.incrementAndGet() == 3) {
            ((Future<?>) work).cancel(true);
          }
        };
    ParallelGzip gzip = new ParallelGzip(out, cancelling, 1);
    byte[] input = Samples.text(5 * PART, 6);
    assertThrows(IOException.class, () -> gzip.write(input));
    gzip.close();
    assertThrows(EOFException.class, () -> Samples.gunzipped(out.toByteArray()));
  }

  @Test
  void failureDropsPartsNotBegun() throws IOException {
    Queue<Runnable> waiting = new ArrayDeque<>();
    OutputStream full =
        new OutputStream() {
          @Override
          public void write(int value) throws IOException {
            throw new IOException("no space left");
          }

          @Override
          public void write(byte[] bytes, int offset, int count) throws IOException {
            if (count > 10) {
              throw new IOException("no space left");
            }
          }
        };
    ParallelGzip gzip = new ParallelGzip(full, waiting::add, 2);
    assertThrows(IOException.class, () -> gzip.write(new byte[4 * PART]));
    assertEquals(2, waiting.size());
    assertTrue(waiting.stream().allMatch(task -> ((Future<?>) task).isDone()));
    gzip.close();
  }

  @Test
  void anInterruptEndsTheStreamAndIsKept() throws IOException {
    ParallelGzip gzip = new ParallelGzip(out, Runnable::run, 1);
    Thread.currentThread().interrupt();
    try {
      assertThrows(InterruptedIOException.class, () -> gzip.write(new byte[3 * PART]));
    } finally {
      assertTrue(Thread.interrupted());
    }
    assertThrows(IOException.class, gzip::finish);
    gzip.close();
    assertThrows(EOFException.class, () -> Samples.gunzipped(out.toByteArray()));
  }

  @Test
  void finishingLeavesTheTargetOpenAndIsDoneOnce() throws IOException {
    ParallelGzip gzip = new ParallelGzip(out, Runnable::run, 1);
    gzip.write('a');
    gzip.finish();
    int size = out.size();
    gzip.finish();
    gzip.close();
    assertEquals(size, out.size());
    assertThrows(IOException.class, () -> gzip.write('b'));
    assertArrayEquals(new byte[] {'a'}, Samples.gunzipped(out.toByteArray()));
  }

  @Test
  void noPartsInWorkIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> new ParallelGzip(out, Runnable::run, 0));
  }
}
