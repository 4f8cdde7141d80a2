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
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Gets files of archives. What has a known hash goes straight into the store, under the name of
 * what it really is, and counts only if that is the name expected. Safe for many threads.
 */
public final class Fetcher {
  private static final Duration CONNECT = Duration.ofSeconds(15);
  private static final Duration STALL = Duration.ofSeconds(30);
  private static final int TRIES = 3;

  private final Connections connections;
  private final Consumer<String> notices;
  private final Set<String> told = ConcurrentHashMap.newKeySet();

  /**
   * What a file is that was taken as it came.
   *
   * @param mirror the place in the list of the one that gave it
   */
  public record Taken(Digest digest, long size, int mirror) {}

  /** Asks through these proxies. */
  public Fetcher(Proxies proxies) {
    this(proxies, notice -> {});
  }

  /**
   * Asks through these proxies.
   *
   * @param notices gets a sentence when a mirror failed and another one helped, once for each
   *     complaint; called from any thread
   */
  public Fetcher(Proxies proxies, Consumer<String> notices) {
    this(new Connections(proxies, CONNECT, STALL, time -> Thread.sleep(time.toMillis())), notices);
  }

  Fetcher(Connections connections) {
    this(connections, notice -> {});
  }

  Fetcher(Connections connections, Consumer<String> notices) {
    this.connections = connections;
    this.notices = notices;
  }

  /** Says once what a mirror complained of, though all went well elsewhere. */
  void helped(List<String> complaints, String by) {
    for (String complaint : complaints) {
      if (told.add(complaint)) {
        notices.accept(complaint + "; " + by + " helped");
      }
    }
  }

  /**
   * Puts a file into the store whose size is not known yet, from the first address that gives it.
   *
   * @param what names the file in complaints
   * @param addresses whole ones, tried in this order
   * @param expected what it must be; nothing if any file will do
   * @param limit more bytes than this are refused
   * @throws DebianException.Untrusted if every address that has it gives other bytes
   */
  public Taken take(
      String what, List<URI> addresses, List<Digest> expected, long limit, FrameStore store)
      throws IOException {
    List<String> absent = new ArrayList<>();
    List<String> wrong = new ArrayList<>();
    boolean nowhere = true;
    for (int i = 0; i < addresses.size(); i++) {
      for (int tries = 0; tries < TRIES; tries++) {
        MirrorStream in = new MirrorStream(List.of(addresses.get(i)), "", what, -1, connections);
        try (in;
            Counted counted = new Counted(in, what, limit)) {
          Digest got = store.putVerbatim(counted);
          if (expected.isEmpty() || expected.contains(got)) {
            absent.addAll(wrong);
            helped(absent, in.name());
            return new Taken(got, counted.count(), i);
          }
          wrong.add(in.name() + " gives " + got);
          break;
        } catch (MirrorStream.Spoiled e) {
          if (tries == TRIES - 1) {
            nowhere = false;
            absent.add(String.valueOf(e.getMessage()));
          }
        } catch (MirrorStream.FailedEverywhere e) {
          absent.addAll(in.complaints());
          nowhere &= e.isAbsent();
          break;
        } catch (Counted.TooLarge e) {
          nowhere = false;
          absent.add(in.name() + ": " + e.getMessage());
          break;
        }
      }
    }
    if (wrong.isEmpty()) {
      throw new MirrorStream.FailedEverywhere(what, absent, nowhere);
    }
    throw new DebianException.Untrusted(
        what, "it should be " + expected.get(0) + ", but " + String.join("; ", wrong));
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
    return read(mirror, path, path, limit);
  }

  /**
   * A small file of no known hash at an address of its own.
   *
   * @param what names it in complaints
   * @param limit more bytes than this are refused
   */
  public byte[] small(String what, URI address, int limit) throws IOException {
    return read(address, "", what, limit);
  }

  /** Whether a failure to fetch means that every mirror says there is no such file. */
  public static boolean isAbsent(IOException failure) {
    return failure instanceof MirrorStream.FailedEverywhere everywhere && everywhere.isAbsent();
  }

  private byte[] read(URI mirror, String path, String what, int limit) throws IOException {
    List<String> complaints = new ArrayList<>();
    for (int i = 0; i < TRIES; i++) {
      try (InputStream in = new MirrorStream(List.of(mirror), path, what, -1, connections)) {
        return read(in, what, limit);
      } catch (MirrorStream.Spoiled e) {
        complaints.add(e.getMessage());
      }
    }
    throw new MirrorStream.FailedEverywhere(what, complaints, false);
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
      String shown = path.isEmpty() ? what : path;
      MirrorStream in = new MirrorStream(left, path, shown, size, connections);
      try (in) {
        Digest got = store.putVerbatim(in);
        if (got.equals(digest)) {
          helped(wrong, in.name());
          helped(in.complaints(), in.name());
          return;
        }
        wrong.add(in.name() + " gives " + got);
      } catch (MirrorStream.Spoiled e) {
        wrong.add(String.valueOf(e.getMessage()));
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
