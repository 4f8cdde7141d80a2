package dev.imgstore.builder.source.oci;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.security.MessageDigest;
import java.util.Objects;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * A stream that another thread reads and hashes, a few pieces ahead of the one who uses it. What
 * fails there fails here, after all that came before it. For one thread besides that one, which
 * closes it; then nothing of it runs any more.
 */
final class ReadAhead extends InputStream {
  private static final int PIECE = 256 << 10;
  private static final int PIECES = 6;

  private final Source source;
  private final MessageDigest hash;
  private final LayerReader.Room room;
  private final BlockingQueue<byte[]> free = new ArrayBlockingQueue<>(PIECES + 1);
  private final BlockingQueue<Piece> read = new ArrayBlockingQueue<>(PIECES + 1);
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile boolean closed;
  private Piece piece = new Piece(new byte[0], 0, null);
  private int at;
  private boolean over;

  /** Opens what is read; in the thread that reads it. */
  interface Source {
    InputStream open() throws IOException;
  }

  /** Some bytes; an empty piece is the end, or has why there is none. */
  private static final class Piece {
    final byte[] bytes;
    final int length;
    final @Nullable Throwable failure;

    Piece(byte[] bytes, int length, @Nullable Throwable failure) {
      this.bytes = bytes;
      this.length = length;
      this.failure = failure;
    }
  }

  /**
   * Begins at once.
   *
   * @param hash of all bytes, once the end was seen
   * @param room says whether to go on
   * @param pool has a thread for it now
   */
  ReadAhead(Source source, MessageDigest hash, LayerReader.Room room, Executor pool) {
    this.source = source;
    this.hash = hash;
    this.room = room;
    for (int i = 0; i < PIECES; i++) {
      free.add(new byte[PIECE]);
    }
    pool.execute(this::run);
  }

  private void run() {
    try (InputStream in = source.open()) {
      for (byte[] bytes = free.take(); !closed; bytes = free.take()) {
        room.goOn();
        int length = in.readNBytes(bytes, 0, bytes.length);
        hash.update(bytes, 0, length);
        read.add(new Piece(bytes, length, null));
        if (length == 0) {
          return;
        }
      }
    } catch (Throwable e) {
      read.add(new Piece(new byte[0], 0, e));
    } finally {
      ended.countDown();
    }
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, target.length);
    if (length == 0) {
      return 0;
    }
    if (at == piece.length && !next()) {
      return -1;
    }
    int count = Math.min(length, piece.length - at);
    System.arraycopy(piece.bytes, at, target, offset, count);
    at += count;
    return count;
  }

  /** False at the end. */
  private boolean next() throws IOException {
    if (closed) {
      throw new IOException("the stream is closed");
    }
    if (over) {
      return false;
    }
    if (piece.length > 0) {
      free.add(piece.bytes);
    }
    at = 0;
    try {
      piece = read.take();
    } catch (InterruptedException e) {
      piece = new Piece(new byte[0], 0, null);
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
    over = piece.length == 0;
    Throwable failure = piece.failure;
    if (failure instanceof RuntimeException unchecked) {
      throw unchecked;
    }
    if (failure instanceof Error error) {
      throw error;
    }
    if (failure != null) {
      throw failure instanceof IOException io ? io : new IOException(failure);
    }
    return !over;
  }

  /** Returns when nothing reads any more. */
  @Override
  public void close() {
    closed = true;
    free.offer(new byte[1]); // who waits for room finds some, and sees that it is over
    boolean interrupted = false;
    while (true) {
      try {
        ended.await();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
