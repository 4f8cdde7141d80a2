package dev.imgstore.cli;

import dev.imgstore.store.StoreException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * One command at a time changes deploy specs and their pins: else one could take away the pin that
 * another has just written into the same file. The system ends it with the process.
 */
record PinLock(FileChannel channel) implements Closeable {
  /**
   * Takes it.
   *
   * @throws StoreException.Locked if another process has it
   */
  static PinLock take(Path home) throws IOException {
    FileChannel channel =
        FileChannel.open(
            home.resolve("pins.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      if (channel.tryLock() != null) {
        return new PinLock(channel);
      }
    } catch (OverlappingFileLockException e) {
      // another thread of this process
    } catch (IOException e) {
      channel.close();
      throw e;
    }
    channel.close();
    throw new StoreException.Locked(
        "another imgstore changes pins of deploy specs; try again when it is done");
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
