package dev.imgstore.builder.source.debian.archive;

import dev.imgstore.builder.source.debian.DebianException;
import dev.imgstore.model.Digest;
import dev.imgstore.store.FrameStore;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Gets files of archives. What has a known hash goes straight into the store, under the name of
 * what it really is, and counts only if that is the name expected. Safe for many threads.
 */
public final class Fetcher {
  private static final Duration CONNECT = Duration.ofSeconds(15);
  private static final Duration STALL = Duration.ofSeconds(30);
  private static final int TRIES = 3;

  private final Connections connections;

  /** Asks through these proxies. */
  public Fetcher(Proxies proxies) {
    this(new Connections(proxies, CONNECT, STALL, time -> Thread.sleep(time.toMillis())));
  }

  Fetcher(Connections connections) {
    this.connections = connections;
  }

  /** What of the machine's apt configuration decides about releases too. */
  Proxies proxies() {
    return connections.proxies();
  }

  /**
   * A small file of no known hash, whole from one mirror.
   *
   * @param limit more bytes than this are refused
   * @throws MirrorStream.FailedEverywhere if the mirror does not give it
   */
  byte[] read(URI mirror, String path, int limit) throws IOException {
    List<String> complaints = new ArrayList<>();
    for (int i = 0; i < TRIES; i++) {
      try (InputStream in = new MirrorStream(List.of(mirror), path, -1, connections)) {
        return read(in, path, limit);
      } catch (MirrorStream.Spoiled e) {
        complaints.add(e.getMessage());
      }
    }
    throw new MirrorStream.FailedEverywhere(path, complaints);
  }

  private static byte[] read(InputStream in, String path, int limit) throws IOException {
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

  /**
   * Puts a file into the store as it is.
   *
   * @param what names the file in complaints
   * @throws DebianException.Untrusted if every mirror that has it gives other bytes
   */
  public void fetch(
      String what, List<URI> mirrors, String path, Digest digest, long size, FrameStore store)
      throws IOException {
    List<URI> left = mirrors;
    List<String> wrong = new ArrayList<>();
    while (!left.isEmpty()) {
      MirrorStream in = new MirrorStream(left, path, size, connections);
      try (in) {
        Digest got = store.putVerbatim(in);
        if (got.equals(digest)) {
          return;
        }
        wrong.add(in.name() + " gives " + got);
      } catch (MirrorStream.Spoiled e) {
        wrong.add(e.getMessage());
      } catch (MirrorStream.FailedEverywhere e) {
        if (wrong.isEmpty()) {
          throw e;
        }
        break;
      }
      // The bytes may be of several mirrors; each later one gets a chance to be right alone.
      left = left.subList(in.first() + 1, left.size());
    }
    throw new DebianException.Untrusted(
        what, "it should be " + digest + ", but " + String.join("; ", wrong));
  }
}
