package dev.imgstore.builder.disk.container;

import dev.imgstore.builder.disk.Volume;
import java.io.IOException;
import java.io.OutputStream;

/** The bytes of the disk; what is zero stays a hole. */
public final class RawContainer implements Container {
  private static final byte[] ZEROS = new byte[64 * 1024];

  @Override
  public long write(Volume disk, ContainerSink out) throws IOException {
    disk.writeTo(out::write);
    return disk.size();
  }

  /** Writes all bytes to a stream, zeros among them; the caller closes it. Returns their number. */
  public static long stream(Volume disk, OutputStream out) throws IOException {
    long[] at = {0};
    disk.writeTo(
        (offset, bytes, from, length) -> {
          zeros(out, offset - at[0]);
          out.write(bytes, from, length);
          at[0] = offset + length;
        });
    zeros(out, disk.size() - at[0]);
    return disk.size();
  }

  private static void zeros(OutputStream out, long count) throws IOException {
    for (long left = count; left > 0; left -= ZEROS.length) {
      out.write(ZEROS, 0, (int) Math.min(left, ZEROS.length));
    }
  }
}
