package dev.imgstore.builder.disk.ext4;

import dev.imgstore.model.Digest;
import dev.imgstore.store.BlobReader;
import dev.imgstore.store.StoreException;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/**
 * The contents of all files in order, piece by piece, read by a pool some way ahead. What the pool
 * has not begun when it is due is read by the one who waits, so a pool that is busy, or does
 * nothing, only costs time. For one thread.
 */
final class ReadAhead implements Closeable {
  /** Files above this are read in pieces of it. */
  static final int PIECE = 1 << 20;

  /** Bytes that are read, or being read, before they are due. */
  private static final int WINDOW = 24 << 20;

  /** Small files are read together. */
  private static final int BATCH = 256 << 10;

  private final Contents contents;
  private final BlobReader blobs;
  private final Executor pool;
  private final Deque<Reading> ahead = new ArrayDeque<>();
  private final Deque<byte[]> due = new ArrayDeque<>();
  private int nextInode = Layout.FIRST_INODE;
  private long window;
  private @Nullable Reading large;
  private volatile boolean stopped;

  /** Pieces that are read by one task; a large file has one task after the other. */
  private final class Reading {
    private final List<Inode> files = new ArrayList<>();
    private long left;
    private @Nullable InputStream in;
    private FutureTask<List<byte[]>> task = new FutureTask<>(this::read);

    private int bytes() {
      return (int) Math.min(PIECE, left);
    }

    private void submit() {
      task = new FutureTask<>(this::read);
      Due.offer(task, pool);
    }

    private List<byte[]> read() throws IOException {
      if (stopped) {
        throw new InterruptedIOException("the file system is not wanted any more");
      }
      List<byte[]> pieces = new ArrayList<>();
      if (files.size() > 1 || files.get(0).size <= PIECE) {
        for (Inode file : files) {
          pieces.add(whole(file));
        }
      } else {
        pieces.add(piece(files.get(0)));
      }
      return pieces;
    }

    private byte[] whole(Inode file) throws IOException {
      Digest digest = digest(file);
      try {
        return checked(file, blobs.read(digest, (int) file.size), (int) file.size);
      } catch (StoreException e) {
        throw e;
      } catch (IOException e) {
        if (blobs.size(digest) > file.size) {
          throw wrongSize(file);
        }
        throw e;
      }
    }

    private byte[] piece(Inode file) throws IOException {
      InputStream from = in;
      if (from == null) {
        from = blobs.open(digest(file));
        in = from;
      }
      byte[] piece = checked(file, from.readNBytes(bytes()), bytes());
      left -= piece.length;
      if (left == 0 && from.read() >= 0) {
        throw wrongSize(file);
      }
      return piece;
    }

    private byte[] checked(Inode file, byte[] bytes, int wanted) throws StoreException {
      if (bytes.length != wanted) {
        throw wrongSize(file);
      }
      return bytes;
    }

    private StoreException wrongSize(Inode file) {
      return new StoreException.Corrupt(
          "file " + digest(file),
          "a tree says it has " + file.size + " bytes, and others are held");
    }
  }

  ReadAhead(Contents contents, BlobReader blobs, Executor pool) {
    this.contents = contents;
    this.blobs = blobs;
    this.pool = pool;
  }

  private static Digest digest(Inode file) {
    return ((Inode.Body.Content) file.body).digest();
  }

  /** The next piece: a whole file of at most {@link #PIECE}, or so many bytes of a larger one. */
  byte[] next() throws IOException {
    fill();
    if (due.isEmpty()) {
      due.addAll(take());
    }
    return due.remove();
  }

  private List<byte[]> take() throws IOException {
    Reading reading = large;
    if (reading == null) {
      reading = ahead.remove();
    }
    List<byte[]> pieces = Due.result(reading.task);
    pieces.forEach(piece -> window -= piece.length);
    large = null;
    if (reading.left > 0) {
      window += reading.bytes();
      reading.submit();
      large = reading;
    } else if (reading.in != null) {
      reading.in.close();
    }
    return pieces;
  }

  private void fill() {
    while (window < WINDOW && nextInode <= contents.used()) {
      Reading reading = new Reading();
      long bytes = 0;
      while (nextInode <= contents.used() && bytes < BATCH) {
        Inode file = contents.inode(nextInode);
        boolean isFile = file.body instanceof Inode.Body.Content && file.size > 0;
        if (isFile && file.size > PIECE) {
          break;
        }
        nextInode++;
        if (isFile) {
          reading.files.add(file);
          bytes += file.size;
        }
      }
      if (reading.files.isEmpty() && nextInode <= contents.used()) {
        reading.files.add(contents.inode(nextInode++));
        reading.left = reading.files.get(0).size;
        bytes = reading.bytes();
      }
      if (!reading.files.isEmpty()) {
        window += bytes;
        ahead.add(reading);
        reading.submit();
      }
    }
  }

  /** Waits for what is being read; nothing more is begun. */
  @Override
  public void close() throws IOException {
    stopped = true;
    Deque<Reading> all = new ArrayDeque<>(ahead);
    if (large != null) {
      all.addFirst(large);
    }
    Due.settle(all.stream().map(each -> each.task).toList());
    for (Reading each : all) {
      if (each.in != null) {
        each.in.close();
      }
    }
  }
}
