package dev.imgstore.builder.disk.erofs;

import dev.imgstore.builder.disk.Ahead;
import dev.imgstore.model.Digest;
import dev.imgstore.store.BlobReader;
import dev.imgstore.store.StoreException;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Executor;

/**
 * The contents of files in a given order: small ones are read ahead by a pool, several together; a
 * large one by the one who wants it, piece by piece. For one thread.
 */
final class FileFeed implements Closeable {
  /** Files above this are read in pieces of it. */
  static final int PIECE = 1 << 20;

  /** Bytes that are read, or being read, before they are due. */
  private static final int WINDOW = 16 << 20;

  /** Bytes that one job reads. */
  private static final int BATCH = 256 << 10;

  private final BlobReader blobs;
  private final Ahead<List<byte[]>> ahead;
  private final Deque<byte[]> due = new ArrayDeque<>();

  /** Takes the bytes of one file, in order. */
  interface Pieces {
    void take(byte[] bytes) throws IOException;
  }

  /** Of these files, in this order. */
  FileFeed(List<Inode> files, BlobReader blobs, Executor pool) {
    this.blobs = blobs;
    List<Inode> small = files.stream().filter(each -> each.size <= PIECE).toList();
    this.ahead = new Ahead<>(batches(small, blobs), WINDOW, pool);
  }

  /** Hands on the bytes of the next file, which this is. */
  void next(Inode file, Pieces to) throws IOException {
    if (file.size > PIECE) {
      stream(file, to);
      return;
    }
    if (due.isEmpty()) {
      due.addAll(ahead.next());
    }
    to.take(due.remove());
  }

  private void stream(Inode file, Pieces to) throws IOException {
    try (InputStream in = blobs.open(digest(file))) {
      for (long left = file.size; left > 0; ) {
        byte[] piece = in.readNBytes((int) Math.min(PIECE, left));
        if (piece.length == 0) {
          throw wrongSize(file);
        }
        left -= piece.length;
        to.take(piece);
      }
      if (in.read() >= 0) {
        throw wrongSize(file);
      }
    }
  }

  private static Iterator<Batch> batches(List<Inode> files, BlobReader blobs) {
    return new Iterator<>() {
      private int at;

      @Override
      public boolean hasNext() {
        return at < files.size();
      }

      @Override
      public Batch next() {
        List<Inode> some = new ArrayList<>();
        long bytes = 0;
        while (at < files.size() && bytes < BATCH) {
          bytes += files.get(at).size;
          some.add(files.get(at++));
        }
        return new Batch(some, bytes, blobs);
      }
    };
  }

  /** Small files that are read together. */
  private record Batch(List<Inode> files, long weight, BlobReader blobs)
      implements Ahead.Job<List<byte[]>> {
    @Override
    public List<byte[]> run() throws IOException {
      List<byte[]> contents = new ArrayList<>(files.size());
      for (Inode file : files) {
        contents.add(whole(file));
      }
      return contents;
    }

    private byte[] whole(Inode file) throws IOException {
      Digest digest = digest(file);
      if (blobs.size(digest) != file.size) {
        throw wrongSize(file);
      }
      return blobs.read(digest, (int) file.size);
    }
  }

  private static Digest digest(Inode file) {
    return ((Inode.Body.Content) file.body).digest();
  }

  private static StoreException wrongSize(Inode file) {
    return new StoreException.Corrupt(
        "file " + digest(file), "a tree says it has " + file.size + " bytes, and others are held");
  }

  @Override
  public void close() {
    ahead.close();
  }
}
