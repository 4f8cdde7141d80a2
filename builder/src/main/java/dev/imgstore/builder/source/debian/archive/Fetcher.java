package dev.imgstore.builder.source.debian.archive;

import dev.imgstore.builder.source.debian.DebianException;
import dev.imgstore.model.Digest;
import dev.imgstore.store.FrameStore;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;

/**
 * Gets files of archives. What has a known hash goes straight into the store, under the name of
 * what it really is, and counts only if that is the name expected. Safe for many threads.
 */
public final class Fetcher {
  private final Proxies proxies;
  private final MirrorStream.Pause pause;

  /** Asks through these proxies. */
  public Fetcher(Proxies proxies) {
    this(proxies, time -> Thread.sleep(time.toMillis()));
  }

  Fetcher(Proxies proxies, MirrorStream.Pause pause) {
    this.proxies = proxies;
    this.pause = pause;
  }

  /** What of the machine's apt configuration decides about releases too. */
  Proxies proxies() {
    return proxies;
  }

  /**
   * A small file of no known hash, from the first mirror that has it.
   *
   * @param limit more bytes than this are refused
   */
  byte[] read(List<URI> mirrors, String path, int limit) throws IOException {
    try (InputStream in = new MirrorStream(mirrors, path, -1, proxies, pause)) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      byte[] buffer = new byte[1 << 16];
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        bytes.write(buffer, 0, read);
        if (bytes.size() > limit) {
          throw new IOException(path + " is larger than " + limit + " bytes; it is not read");
        }
      }
      return bytes.toByteArray();
    }
  }

  /**
   * Puts a file into the store as it is.
   *
   * @param what names the file in complaints
   * @throws DebianException.Untrusted if every mirror that has it gives other bytes
   */
  public void fetch(
      String what, List<URI> mirrors, String path, Digest digest, long size, FrameStore store)
      throws IOException {
    List<URI> left = new ArrayList<>(mirrors);
    List<String> wrong = new ArrayList<>();
    while (!left.isEmpty()) {
      MirrorStream in = new MirrorStream(left, path, size, proxies, pause);
      try (in) {
        Digest got = store.putVerbatim(in);
        if (got.equals(digest)) {
          return;
        }
        wrong.add(in.mirror() + " gives " + got);
      } catch (MirrorStream.FailedEverywhere e) {
        if (wrong.isEmpty()) {
          throw e;
        }
        break;
      }
      left = left.subList(left.indexOf(in.mirror()) + 1, left.size());
    }
    throw new DebianException.Untrusted(
        what, "it should be " + digest + ", but " + String.join("; ", wrong));
  }
}
