package dev.imgstore.builder.disk.ext4;

import dev.imgstore.builder.disk.Due;
import dev.imgstore.model.Digest;
import dev.imgstore.store.BlobReader;
import dev.imgstore.store.StoreException;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/**
 * The contents of all files in order, piece by piece, read by a pool some way ahead. What the pool
 * has not begun when it is due is read by the one who waits, so a pool that is busy, or does
 * nothing, only costs time. For one thread.
 *
 * <p>Arrays are used again: few are touched, so that they stay near the processor, and none are
 * left to collect.
 */
final class ReadAhead implements Closeable {
  /**
   * Bytes of an array: of a larger file as many at a time, of small files as many as fit, each from
   * the start of a block on.
   */
  static final int PIECE = 512 << 10;

  /** Arrays that are read, or being read, before they are due. */
  private static final int ARRAYS = 16;

  private final Contents contents;
  private final BlobReader blobs;
  private final Executor pool;
  private final Release release;
  private final Deque<Reading> ahead = new ArrayDeque<>();
  private final Deque<byte[]> free = new ArrayDeque<>();
  private int arrays;
  private @Nullable Reading current;
  private int given;
  private int nextInode = Layout.FIRST_INODE;
  private volatile boolean stopped;

  /**
   * Some bytes of a file. The array keeps them until {@link Release}; what lies between the last
   * byte of a file and the next block is zero.
   */
  static final class Piece {
    private final byte[] bytes;
    private final int from;
    private final int length;

    Piece(byte[] bytes, int from, int length) {
      this.bytes = bytes;
      this.from = from;
      this.length = length;
    }

    byte[] bytes() {
      return bytes;
    }

    int from() {
      return from;
    }

    int length() {
      return length;
    }
  }

  /** Called before an array of which pieces were given is used again. */
  interface Release {
    void now() throws IOException;
  }

  /** What is read by one task; a large file has one task after the other. */
  private final class Reading {
    private final List<Inode> files = new ArrayList<>();
    private final byte[] bytes;
    private List<Piece> pieces = List.of();
    private long left;
    private @Nullable InputStream in;
    private FutureTask<List<Piece>> task = new FutureTask<>(List::of);

    Reading(byte[] bytes) {
      this.bytes = bytes;
    }

    private void submit() {
      task = new FutureTask<>(this::read);
      Due.offer(task, pool);
    }

    private List<Piece> read() throws IOException {
      if (stopped) {
        throw new InterruptedIOException("the file system is not wanted any more");
      }
      if (left > 0) {
        return List.of(piece(files.get(0)));
      }
      List<Piece> all = new ArrayList<>();
      int at = 0;
      for (Inode file : files) {
        int length = (int) file.size;
        if (!blobs.readInto(digest(file), bytes, at, length)) {
          throw wrongSize(file);
        }
        all.add(new Piece(bytes, at, length));
        at = fill(at + length);
      }
      return all;
    }

    private Piece piece(Inode file) throws IOException {
      InputStream from = in;
      if (from == null) {
        from = blobs.open(digest(file));
        in = from;
      }
      int wanted = (int) Math.min(PIECE, left);
      int got = from.readNBytes(bytes, 0, wanted);
      left -= got;
      if (got != wanted || (left == 0 && from.read() >= 0)) {
        throw wrongSize(file);
      }
      fill(got);
      return new Piece(bytes, 0, got);
    }

    /** Zeros up to the next block, which is the result. */
    private int fill(int from) {
      int to = (int) (Structure.blocks(from) * Structure.BLOCK);
      Arrays.fill(bytes, from, to, (byte) 0);
      return to;
    }

    private StoreException wrongSize(Inode file) {
      return new StoreException.Corrupt(
          "file " + digest(file),
          "a tree says it has " + file.size + " bytes, and others are held");
    }
  }

  ReadAhead(Contents contents, BlobReader blobs, Executor pool, Release release) {
    this.contents = contents;
    this.blobs = blobs;
    this.pool = pool;
    this.release = release;
  }

  private static Digest digest(Inode file) {
    return ((Inode.Body.Content) file.body).digest();
  }

  /** The next piece: a whole file of at most {@link #PIECE}, or so many bytes of a larger one. */
  Piece next() throws IOException {
    Reading reading = current;
    if (reading == null || given == reading.pieces.size()) {
      reading = advance(reading);
      current = reading;
    }
    return reading.pieces.get(given++);
  }

  /** The next that has pieces; what was given of the one before is not needed any more. */
  private Reading advance(@Nullable Reading done) throws IOException {
    given = 0;
    if (done != null) {
      release.now();
      if (done.left > 0) {
        done.submit();
        fill();
        done.pieces = Due.result(done.task);
        return done;
      }
      current = null;
      close(done);
      free.add(done.bytes);
    }
    fill();
    Reading next = ahead.remove();
    current = next; // closed with the rest if it fails
    next.pieces = Due.result(next.task);
    return next;
  }

  private void fill() {
    while ((!free.isEmpty() || arrays < ARRAYS) && skipToFile()) {
      if (free.isEmpty()) {
        free.add(new byte[PIECE]);
        arrays++;
      }
      Reading reading = new Reading(free.remove());
      Inode first = contents.inode(nextInode);
      if (first.size > PIECE) {
        reading.files.add(first);
        reading.left = first.size;
        nextInode++;
      } else {
        gather(reading);
      }
      ahead.add(reading);
      reading.submit();
    }
  }

  private void gather(Reading reading) {
    long room = PIECE;
    while (skipToFile()) {
      Inode file = contents.inode(nextInode);
      room -= Structure.blocks(file.size) * Structure.BLOCK;
      if (room < 0) {
        return;
      }
      reading.files.add(file);
      nextInode++;
    }
  }

  /** True if there is one more file with bytes. */
  private boolean skipToFile() {
    while (nextInode <= contents.used()) {
      Inode next = contents.inode(nextInode);
      if (next.body instanceof Inode.Body.Content && next.size > 0) {
        return true;
      }
      nextInode++;
    }
    return false;
  }

  private static void close(Reading reading) throws IOException {
    if (reading.in != null) {
      reading.in.close();
    }
  }

  /** Waits for what is being read; nothing more is begun. */
  @Override
  public void close() throws IOException {
    stopped = true;
    List<Reading> all = new ArrayList<>(ahead);
    if (current != null) {
      all.add(current);
    }
    Due.settle(all.stream().map(each -> each.task).toList());
    for (Reading each : all) {
      close(each);
    }
  }
}
