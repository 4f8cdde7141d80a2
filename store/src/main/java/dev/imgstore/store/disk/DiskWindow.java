package dev.imgstore.store.disk;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file of the disk, read at any position by any thread. Java closes a channel when a thread that
 * reads from it is interrupted; the other threads then go on with a new one.
 */
final class DiskWindow implements Filesystem.Window {
  private final Path path;
  private final long size;
  private volatile FileChannel channel;
  private volatile boolean closed;

  DiskWindow(Path path) throws IOException {
    this.path = path;
    this.channel = channel(path);
    this.size = channel.size();
  }

  static FileChannel channel(Path path) throws IOException {
    return FileChannel.open(path, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public void read(long position, ByteBuffer target) throws IOException {
    int start = target.position();
    while (target.hasRemaining()) {
      FileChannel from = channel;
      try {
        int got = from.read(target, position + target.position() - start);
        if (got < 0) {
          throw new EOFException(path + " ends before byte " + (position + target.limit() - start));
        }
      } catch (ClosedByInterruptException e) {
        throw e;
      } catch (AsynchronousCloseException e) {
        reopen(from, e);
      } catch (ClosedChannelException e) {
        reopen(from, e);
      }
    }
  }

  private synchronized void reopen(FileChannel broken, ClosedChannelException why)
      throws IOException {
    if (closed) {
      throw why;
    }
    if (channel == broken) {
      channel = channel(path);
    }
  }

  @Override
  public ByteBuffer view(long position, int length) throws IOException {
    if (position < 0 || length < 0 || position > size - length) {
      throw new EOFException(path + " has no " + length + " bytes at " + position);
    }
    if (length == 0) {
      return ByteBuffer.allocate(0).asReadOnlyBuffer();
    }
    while (true) {
      FileChannel from = channel;
      try {
        return from.map(FileChannel.MapMode.READ_ONLY, position, length);
      } catch (ClosedByInterruptException e) {
        throw e;
      } catch (ClosedChannelException e) {
        reopen(from, e);
      }
    }
  }

  @Override
  public synchronized void close() throws IOException {
    closed = true;
    channel.close();
  }
}
