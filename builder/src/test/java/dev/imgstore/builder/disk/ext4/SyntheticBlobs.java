package dev.imgstore.builder.disk.ext4;

import dev.imgstore.model.Digest;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Node;
import dev.imgstore.store.BlobReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * Large files that nobody stores: zeros, but for a mark every so many bytes. Their names are no
 * hashes.
 */
final class SyntheticBlobs implements BlobReader {
  private final BlobReader others;
  private final Map<Digest, long[]> files = new HashMap<>();

  SyntheticBlobs(BlobReader others) {
    this.others = others;
  }

  /** A file of this many bytes, with a mark at every multiple of {@code every}. */
  Node.File file(long size, long every) {
    Digest name = Digest.of((size + " " + every).getBytes(StandardCharsets.US_ASCII));
    files.put(name, new long[] {size, every});
    return new Node.File(name, size, Meta.of(0644, 0, 0));
  }

  @Override
  public boolean has(Digest blob) throws IOException {
    return files.containsKey(blob) || others.has(blob);
  }

  @Override
  public long size(Digest blob) throws IOException {
    long[] file = files.get(blob);
    return file == null ? others.size(blob) : file[0];
  }

  @Override
  public InputStream open(Digest blob) throws IOException {
    long[] file = files.get(blob);
    return file == null ? others.open(blob) : new Marks(file[0], file[1]);
  }

  private static final class Marks extends InputStream {
    private final long size;
    private final long every;
    private long at;

    Marks(long size, long every) {
      this.size = size;
      this.every = every;
    }

    @Override
    public int read() {
      return at == size ? -1 : at++ % every == 0 ? 1 : 0;
    }

    @Override
    public int read(byte[] target, int offset, int length) {
      if (at == size) {
        return length == 0 ? 0 : -1;
      }
      int some = (int) Math.min(length, size - at);
      java.util.Arrays.fill(target, offset, offset + some, (byte) 0);
      for (long mark = (at + every - 1) / every * every; mark < at + some; mark += every) {
        target[offset + (int) (mark - at)] = 1;
      }
      at += some;
      return some;
    }
  }
}
