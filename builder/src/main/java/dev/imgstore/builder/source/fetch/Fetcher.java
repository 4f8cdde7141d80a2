package dev.imgstore.builder.source.fetch;

import dev.imgstore.builder.source.debian.DebianException;
import dev.imgstore.model.Digest;
import dev.imgstore.store.FrameStore;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
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
  private final Connections connections;
  private final Consumer<String> notices;
  private final Set<List<Object>> told = ConcurrentHashMap.newKeySet();
  private final Set<String> last = ConcurrentHashMap.newKeySet();

  /**
   * What a file is that was taken as it came.
   *
   * @param mirror the place in the list of the one that gave it
   */
  public record Taken(Digest digest, long size, int mirror) {}

  /** No mirror gave the file; the message lists what each said. */
  public static final class FailedEverywhere extends IOException {
    private static final long serialVersionUID = 1L;

    private final transient List<Complaint> complaints;

    /** Of all mirrors. */
    FailedEverywhere(String what, List<Complaint> complaints) {
      super("no mirror gives " + what + " (" + Complaint.joined(complaints) + ")");
      this.complaints = List.copyOf(complaints);
    }

    /** What each said. */
    public List<Complaint> complaints() {
      return complaints;
    }

    /** Whether each of them says that there is no such file. */
    boolean isAbsent() {
      return complaints.stream().allMatch(each -> each.kind() == Complaint.Kind.ABSENT);
    }
  }

  /** Asks through these proxies. */
  public Fetcher(Proxies proxies) {
    this(proxies, notice -> {});
  }

  /**
   * Asks through these proxies.
   *
   * @param notices gets a sentence when a mirror failed and another one helped, once for each
   *     mirror and kind of failure; called from any thread
   */
  public Fetcher(Proxies proxies, Consumer<String> notices) {
    this(proxies, Accounts.NONE, notices);
  }

  /** As the other one, with what is sent to servers that want to know who asks. */
  public Fetcher(Proxies proxies, Accounts accounts, Consumer<String> notices) {
    this(new Connections(proxies, accounts, Patience.usual()), notices);
  }

  Fetcher(Connections connections) {
    this(connections, notice -> {});
  }

  Fetcher(Connections connections, Consumer<String> notices) {
    this.connections = connections;
    this.notices = notices;
  }

  /**
   * Says once what is wrong with a mirror, though all went well elsewhere. One that does not answer
   * or gives wrong bytes is asked last from now on.
   */
  public void helped(List<Complaint> complaints, String by) {
    for (Complaint complaint : complaints) {
      if (complaint.isLasting()) {
        last.add(complaint.mirror());
      }
      if (told.add(List.of(complaint.mirror(), complaint.kind()))) {
        notices.accept(complaint.text() + "; " + by + " helped");
      }
    }
  }

  /** The same for who asks mirrors one by one: another one helped. */
  public void helped(List<Complaint> complaints, URI by) {
    helped(complaints, Complaint.name(by));
  }

  /** What mirrors said, if this is about mirrors. */
  public static List<Complaint> complaints(IOException failure) {
    return failure instanceof FailedEverywhere everywhere ? everywhere.complaints() : List.of();
  }

  private Connections connections(URI mirror) {
    return last.contains(Complaint.name(mirror)) ? connections.impatient() : connections;
  }

  /** In the same order, but those that failed others of us come last. */
  public List<URI> inTurn(List<URI> mirrors) {
    List<URI> turn = new ArrayList<>();
    mirrors.stream().filter(each -> !last.contains(Complaint.name(each))).forEach(turn::add);
    mirrors.stream().filter(each -> last.contains(Complaint.name(each))).forEach(turn::add);
    return turn;
  }

  /** Says whether a file that is in the store is the one that is wanted. */
  public interface Check {
    /** Reads it if need be. */
    boolean isRight(Digest file) throws IOException;
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
    return expected.isEmpty()
        ? take(what, addresses, "", file -> true, limit, store)
        : take(what, addresses, expected.get(0).toString(), expected::contains, limit, store);
  }

  /**
   * As the other one.
   *
   * @param wanted says for people what the file should be
   * @param check says whether it is
   */
  public Taken take(
      String what, List<URI> addresses, String wanted, Check check, long limit, FrameStore store)
      throws IOException {
    List<Complaint> complaints = new ArrayList<>();
    for (int i = 0; i < addresses.size(); i++) {
      Connections used = connections(addresses.get(i));
      for (int tries = 1; tries <= used.patience().tries(); tries++) {
        MirrorStream in = new MirrorStream(List.of(addresses.get(i)), "", what, -1, used);
        try (in;
            Counted counted = new Counted(in, what, limit)) {
          Digest got = store.putVerbatim(counted);
          if (check.isRight(got)) {
            helped(complaints, in.name());
            return new Taken(got, counted.count(), i);
          }
          complaints.add(wrong(in, got));
          break;
        } catch (MirrorStream.Spoiled e) {
          if (tries == used.patience().tries() || e.isSlow()) {
            complaints.add(of(in, Complaint.Kind.UNREACHABLE, String.valueOf(e.getMessage())));
            break;
          }
        } catch (FailedEverywhere e) {
          complaints.addAll(e.complaints());
          break;
        } catch (Counted.TooLarge e) {
          complaints.add(of(in, Complaint.Kind.REFUSED, in.name() + ": " + e.getMessage()));
          break;
        }
      }
    }
    throw failure(what, wanted, complaints);
  }

  private static Complaint of(MirrorStream in, Complaint.Kind kind, String text) {
    return new Complaint(in.name(), kind, text);
  }

  private static Complaint wrong(MirrorStream in, Digest got) {
    return of(in, Complaint.Kind.WRONG, in.name() + " gives " + got);
  }

  /** Wrong bytes are worse than none. */
  private static IOException failure(String what, String wanted, List<Complaint> complaints) {
    List<Complaint> wrong =
        complaints.stream().filter(each -> each.kind() == Complaint.Kind.WRONG).toList();
    return wrong.isEmpty()
        ? new FailedEverywhere(what, complaints)
        : new DebianException.Untrusted(
            what, "it should be " + wanted + ", but " + Complaint.joined(wrong));
  }

  /** What of the machine's apt configuration decides about releases too. */
  public Proxies proxies() {
    return connections.proxies();
  }

  /**
   * A small file of no known hash, whole from one mirror.
   *
   * @param limit more bytes than this are refused
   * @throws FailedEverywhere if the mirror does not give it
   */
  public byte[] read(URI mirror, String path, int limit) throws IOException {
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
    return failure instanceof FailedEverywhere everywhere && everywhere.isAbsent();
  }

  private byte[] read(URI mirror, String path, String what, int limit) throws IOException {
    List<Complaint> complaints = new ArrayList<>();
    Connections used = connections(mirror);
    for (int i = 0; i < used.patience().tries(); i++) {
      MirrorStream in = new MirrorStream(List.of(mirror), path, what, -1, used);
      try (in) {
        return read(in, what, limit);
      } catch (MirrorStream.Spoiled e) {
        complaints.add(of(in, Complaint.Kind.UNREACHABLE, String.valueOf(e.getMessage())));
      }
    }
    throw new FailedEverywhere(what, complaints);
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
    List<URI> left = inTurn(mirrors);
    List<Complaint> complaints = new ArrayList<>();
    String shown = path.isEmpty() ? what : path;
    while (!left.isEmpty()) {
      MirrorStream in = new MirrorStream(left, path, shown, size, connections);
      try (in) {
        Digest got = store.putVerbatim(in);
        complaints.addAll(in.complaints());
        if (got.equals(digest)) {
          helped(complaints, in.name());
          return;
        }
        complaints.add(wrong(in, got));
      } catch (MirrorStream.Spoiled e) {
        complaints.addAll(in.complaints());
        complaints.add(of(in, Complaint.Kind.WRONG, String.valueOf(e.getMessage())));
      } catch (FailedEverywhere e) {
        complaints.addAll(e.complaints());
        break;
      }
      // The bytes may be of several mirrors; each later one gets a chance to be right alone.
      left = left.subList(in.first() + 1, left.size());
    }
    if (complaints.stream().allMatch(each -> each.kind() != Complaint.Kind.WRONG)) {
      throw new FailedEverywhere(shown, complaints);
    }
    throw failure(what, digest.toString(), complaints);
  }
}
