package dev.imgstore.store.disk;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Says of a disk that is full how much more was to be written, and how much is free. */
final class SpaceStream extends FilterOutputStream {
  private static final String FULL = "No space left on device";
  private static final String QUOTA = "Disk quota exceeded";
  private final Path file;

  SpaceStream(OutputStream out, Path file) {
    super(out);
    this.file = file;
  }

  @Override
  public void write(int one) throws IOException {
    write(new byte[] {(byte) one}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int from, int length) throws IOException {
    try {
      out.write(bytes, from, length);
    } catch (IOException e) {
      throw explained(e, length);
    }
  }

  private IOException explained(IOException failure, int length) {
    String message = String.valueOf(failure.getMessage());
    if (!message.contains(FULL) && !message.contains(QUOTA)) {
      return failure;
    }
    String free;
    try {
      free = ", and " + Files.getFileStore(file).getUsableSpace() + " are free";
    } catch (IOException e) {
      free = ""; // the first failure is what matters
    }
    return new IOException(
        file + ": " + message + ": at least " + length + " more bytes are needed" + free, failure);
  }
}
