package dev.imgstore.builder.export;

import dev.imgstore.builder.disk.DiskException;
import dev.imgstore.builder.disk.Volume;
import dev.imgstore.builder.disk.container.Container;
import dev.imgstore.builder.disk.container.ContainerSink;
import dev.imgstore.builder.disk.container.RawContainer;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/**
 * A disk in a file, sparse where it is zero: written beside it and moved to its name when it is
 * whole, so that whoever looks finds the old file or the new one, and a full disk leaves nothing.
 * What is no regular file (a pipe, a block device) takes raw disks only, all bytes in order.
 */
public final class DiskFile {
  private DiskFile() {}

  /**
   * Writes {@code disk} to {@code target}, replacing a file that is there. Not synced: a power cut
   * right after may lose the new file.
   *
   * @return the file's size in bytes, holes among them
   */
  public static long write(Container container, Volume disk, Path target) throws IOException {
    if (Files.isDirectory(target)) {
      throw new IOException(
          "cannot write a disk to " + target + ": it is a directory; name a file in it");
    }
    if (Files.exists(target) && !Files.isRegularFile(target)) {
      return stream(container, disk, target);
    }
    try (Unnamed file = unnamed(container, disk, target)) {
      file.take();
      return file.size();
    }
  }

  /**
   * Writes {@code disk} beside {@code target}, to be looked at before it takes that name.
   *
   * @return the file; the caller closes it
   */
  public static Unnamed unnamed(Container container, Volume disk, Path target) throws IOException {
    if (Files.exists(target) && !Files.isRegularFile(target)) {
      throw new DiskException(target + " is no regular file, so nothing can be tried before it");
    }
    Path real = Temporary.real(target);
    Path parent = Temporary.parent(real);
    try {
      Path temporary = Temporary.fileIn(parent);
      boolean whole = false;
      try {
        long size = writeNew(container, disk, temporary);
        whole = true;
        return new Unnamed(target, real, temporary, size);
      } finally {
        if (!whole) {
          Temporary.remove(temporary);
        }
      }
    } catch (DiskException e) {
      throw e;
    } catch (IOException e) {
      throw Temporary.failed(target, e);
    }
  }

  /**
   * A whole disk that has no name yet; closing removes it unless it took its name.
   *
   * @param target as it was asked for
   * @param real where that is
   * @param path where it is now
   * @param size in bytes, holes among them
   */
  public record Unnamed(Path target, Path real, Path path, long size) implements Closeable {
    /** Moves it to its name, replacing a file that is there. Not synced. */
    public void take() throws IOException {
      try {
        Temporary.moveTo(real, path);
      } catch (IOException e) {
        throw Temporary.failed(target, e);
      }
    }

    @Override
    public void close() throws IOException {
      Temporary.remove(path);
    }
  }

  private static long stream(Container container, Volume disk, Path target) throws IOException {
    if (!(container instanceof RawContainer)) {
      throw new DiskException(
          target
              + " is no regular file, and only a raw disk can be written to it; use --format raw");
    }
    try (OutputStream out = Temporary.open(target)) {
      return RawContainer.stream(disk, out);
    }
  }

  private static long writeNew(Container container, Volume disk, Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      Gathered out = new Gathered(channel);
      long size = container.write(disk, out);
      out.flush();
      if (channel.size() < size) {
        channel.write(ByteBuffer.allocate(1), size - 1);
      }
      return size;
    }
  }

  /** Gathers what follows each other, and leaves holes where there are only zeros. */
  private static final class Gathered implements ContainerSink {
    private static final int ROOM = 1 << 20;
    private static final int HOLE = 4096;

    /** So many at once are not gathered. */
    private static final int DIRECT = 64 << 10;

    /** Bytes of one call: Java copies them once more, and these stay near the processor. */
    private static final int CALL = 64 << 10;

    private static final byte[] ZEROS = new byte[HOLE];

    private final FileChannel channel;
    private final byte[] bytes = new byte[ROOM];
    private long start;
    private int length;

    Gathered(FileChannel channel) {
      this.channel = channel;
    }

    @Override
    public void write(long offset, byte[] from, int at, int count) throws IOException {
      if (count >= DIRECT) {
        flush();
        runs(offset, from, at, count);
        start = offset + count;
        return;
      }
      int done = 0;
      while (done < count) {
        if (offset + done != start + length || length == ROOM) {
          flush();
          start = offset + done;
        }
        int fits = Math.min(count - done, ROOM - length);
        System.arraycopy(from, at + done, bytes, length, fits);
        length += fits;
        done += fits;
      }
    }

    void flush() throws IOException {
      runs(start, bytes, 0, length);
      start += length;
      length = 0;
    }

    /** Runs between holes; a hole is a whole page of zeros, counted in the file. */
    private void runs(long offset, byte[] from, int first, int count) throws IOException {
      int begin = 0;
      int at = 0;
      while (at < count) {
        int page = Math.min(count - at, HOLE - (int) ((offset + at) % HOLE));
        int here = first + at;
        if (from[here] == 0 && Arrays.equals(from, here, here + page, ZEROS, 0, page)) {
          put(offset, from, first, begin, at);
          begin = at + page;
        }
        at += page;
      }
      put(offset, from, first, begin, count);
    }

    private void put(long offset, byte[] from, int first, int begin, int end) throws IOException {
      long at = offset + begin;
      for (int next = begin; next < end; ) {
        int some = Math.min(end - next, CALL);
        ByteBuffer left = ByteBuffer.wrap(from, first + next, some);
        while (left.hasRemaining()) {
          at += channel.write(left, at);
        }
        next += some;
      }
    }
  }
}
