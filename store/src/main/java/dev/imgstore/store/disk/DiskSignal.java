package dev.imgstore.store.disk;

import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;

/**
 * A number in eight bytes of a file that is mapped for reading, so that asking costs no call of the
 * system. It is written through the file: a full disk is then an error, not a fault of the memory.
 * One number is one of few bytes that change; who reads it half written reads another number, and
 * that is all anybody asks.
 */
final class DiskSignal implements Filesystem.Signal {
  private final FileChannel channel;
  private final MappedByteBuffer mapped;

  private DiskSignal(FileChannel channel, MappedByteBuffer mapped) {
    this.channel = channel;
    this.mapped = mapped;
  }

  static DiskSignal open(Path file, Set<PosixFilePermission> mode) throws IOException {
    boolean made = !Files.exists(file, LinkOption.NOFOLLOW_LINKS);
    FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE,
            StandardOpenOption.CREATE,
            LinkOption.NOFOLLOW_LINKS);
    boolean ready = false;
    try {
      if (made) {
        Files.setPosixFilePermissions(file, mode);
      }
      for (long size = channel.size(); size < Long.BYTES; size = channel.size()) {
        // two may do so at once: both write zeros behind what is there
        channel.write(ByteBuffer.allocate((int) (Long.BYTES - size)), size);
      }
      MappedByteBuffer mapped = channel.map(FileChannel.MapMode.READ_ONLY, 0, Long.BYTES);
      ready = true;
      return new DiskSignal(channel, mapped);
    } finally {
      if (!ready) {
        channel.close();
      }
    }
  }

  @Override
  public long get() {
    VarHandle.fullFence();
    long number = mapped.getLong(0);
    VarHandle.fullFence();
    return number;
  }

  @Override
  public void set(long number) throws IOException {
    VarHandle.fullFence();
    channel.write(ByteBuffer.allocate(Long.BYTES).putLong(0, number), 0);
    VarHandle.fullFence();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
