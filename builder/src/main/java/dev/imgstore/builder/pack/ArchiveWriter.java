package dev.imgstore.builder.pack;

import dev.imgstore.model.Bytes;
import dev.imgstore.model.Meta;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * Writes a tar of plain files in the dialect of {@link CanonicalTar}: owner 0, mode 0644 or 0755,
 * its constant time. Entries come in the order they are written. For one thread; the caller ends
 * the tar and closes the target.
 */
public final class ArchiveWriter {
  private static final int BUFFER = 128 * 1024;

  private final OutputStream out;
  private final byte[] buffer = new byte[BUFFER];

  /** Writes to {@code out}, which is not buffered here. */
  public ArchiveWriter(OutputStream out) {
    this.out = out;
  }

  /** Adds a directory. */
  public void directory(String path) throws IOException {
    out.write(header(path + "/", TarHeader.DIRECTORY, Meta.of(0755, 0, 0)).encode());
  }

  /** Adds a small file. */
  public void file(String path, byte[] bytes) throws IOException {
    out.write(header(path, TarHeader.FILE, Meta.of(0644, 0, 0)).withSize(bytes.length).encode());
    out.write(bytes);
    out.write(new byte[TarHeader.padding(bytes.length)]);
  }

  /**
   * Adds a file from a stream, which the caller closes.
   *
   * @throws IOException if the stream has another number of bytes than {@code size}
   */
  public void file(String path, long size, InputStream bytes) throws IOException {
    out.write(header(path, TarHeader.FILE, Meta.of(0644, 0, 0)).withSize(size).encode());
    long written = 0;
    for (int got = bytes.read(buffer); got >= 0; got = bytes.read(buffer)) {
      written += got;
      if (written > size) {
        break;
      }
      out.write(buffer, 0, got);
    }
    if (written != size) {
      throw new IOException(path + " does not have the " + size + " bytes it should have");
    }
    out.write(new byte[TarHeader.padding(size)]);
  }

  /** Ends the tar; nothing may follow. */
  public void end() throws IOException {
    out.write(new byte[2 * TarHeader.BLOCK]);
  }

  private static TarHeader header(String path, char type, Meta meta) {
    return TarHeader.of(Bytes.utf8(path), type, meta, CanonicalTar.TIME);
  }
}
