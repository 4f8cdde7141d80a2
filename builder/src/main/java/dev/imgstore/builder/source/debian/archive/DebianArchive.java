package dev.imgstore.builder.source.debian.archive;

import dev.imgstore.builder.lock.Lock;
import dev.imgstore.builder.source.debian.DebianException;
import dev.imgstore.builder.source.debian.resolve.DebianUniverse;
import dev.imgstore.builder.source.debian.resolve.Index;
import dev.imgstore.builder.source.debian.resolve.UniverseBuilder;
import dev.imgstore.builder.source.fetch.Complaint;
import dev.imgstore.builder.source.fetch.Fetcher;
import dev.imgstore.store.FrameStore;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import org.tukaani.xz.XZInputStream;

/**
 * A Debian archive as the machine's apt knows it: releases that are signed, indexes they name,
 * package files the indexes name. Safe for many threads.
 */
public final class DebianArchive {
  private static final int MAX_RELEASE = 4 << 20;
  private static final long MAX_INDEX = 512L << 20;
  private static final int XZ_MEMORY_KIB = 160 << 10;
  private static final int BUFFER = 1 << 16;

  private final AptSources sources;
  private final Fetcher fetcher;

  /** Over these mirrors. */
  public DebianArchive(AptSources sources, Fetcher fetcher) {
    this.sources = sources;
    this.fetcher = fetcher;
  }

  /**
   * The verified release of a suite: the first that a mirror gives and one of the keys has signed,
   * for others than Debian may use the same names.
   *
   * @param components those it is asked for; mirrors that have them come first
   * @param keyring OpenPGP keys that may sign it
   * @throws DebianException.Untrusted if it is not signed by one of them, or is another suite's
   */
  public Release release(String suite, List<String> components, byte[] keyring, Instant now)
      throws IOException {
    List<Complaint> absent = new ArrayList<>();
    List<Complaint> wrong = new ArrayList<>();
    Optional<DebianException.Untrusted> untrusted = Optional.empty();
    for (URI mirror : fetcher.inTurn(sources.mirrors(suite, components))) {
      String name = Complaint.name(mirror);
      try {
        byte[] file = fetcher.read(mirror, "dists/" + suite + "/InRelease", MAX_RELEASE);
        String text = SignedRelease.verify("the release of " + suite, file, keyring, now);
        Release release = Release.read(suite, text, now, expiry());
        absent.addAll(wrong);
        fetcher.helped(absent, name);
        return release;
      } catch (Fetcher.FailedEverywhere e) {
        absent.addAll(e.complaints());
      } catch (DebianException.Untrusted e) {
        wrong.add(new Complaint(name, Complaint.Kind.WRONG, name + ": " + e.getMessage()));
        untrusted = Optional.of(untrusted.orElse(e));
      }
    }
    if (untrusted.isPresent()) {
      throw untrusted.get();
    }
    throw new DebianException.Missing(
        "there is no suite " + suite + " on this machine's mirrors: " + Complaint.joined(absent));
  }

  private Release.Expiry expiry() {
    return fetcher.proxies().isExpiryChecked() ? Release.Expiry.CHECKED : Release.Expiry.IGNORED;
  }

  /**
   * Reads the index of one component into a universe. The index is kept in the store, so that it is
   * fetched once.
   *
   * @throws DebianException.Missing if the release has no such component or architecture
   */
  public void read(
      Release release,
      String component,
      String architecture,
      FrameStore store,
      UniverseBuilder universe)
      throws IOException {
    String path =
        path(release, component + "/binary-" + architecture + "/Packages")
            .orElseThrow(
                () ->
                    new DebianException.Missing(
                        release.suite()
                            + " has no component "
                            + component
                            + " for "
                            + architecture));
    Release.Entry entry = Optional.ofNullable(release.files().get(path)).orElseThrow();
    if (!store.has(entry.digest())) {
      fetch(release, path, entry, store);
    }
    Index index =
        new Index(release.suite(), release.names(), component, architecture, release.priority());
    try (InputStream packed = store.open(entry.digest());
        InputStream plain = new Bounded(unpacked(path, packed), path, MAX_INDEX)) {
      universe.read(index, plain);
    }
  }

  /**
   * The name of an index as it is fetched. gzip is unpacked six times faster than xz, which saves
   * more than a second of a large index, as long as it is not much larger.
   */
  private static Optional<String> path(Release release, String plain) {
    Release.Entry gzip = release.files().get(plain + ".gz");
    Release.Entry xz = release.files().get(plain + ".xz");
    if (gzip != null && (xz == null || gzip.size() <= xz.size() + xz.size() / 2)) {
      return Optional.of(plain + ".gz");
    }
    if (xz != null) {
      return Optional.of(plain + ".xz");
    }
    return release.files().containsKey(plain) ? Optional.of(plain) : Optional.empty();
  }

  private static InputStream unpacked(String path, InputStream packed) throws IOException {
    if (path.endsWith(".gz")) {
      return new GZIPInputStream(packed, BUFFER);
    }
    return path.endsWith(".xz") ? new XZInputStream(packed, XZ_MEMORY_KIB) : packed;
  }

  private void fetch(Release release, String path, Release.Entry entry, FrameStore store)
      throws IOException {
    String dists = "dists/" + release.suite() + "/";
    String folder = path.substring(0, path.lastIndexOf('/') + 1);
    List<URI> mirrors = sources.mirrors(release.suite(), List.of(component(path)));
    String what = "the index " + path + " of " + release.suite();
    if (release.byHash()) {
      try {
        String byHash = dists + folder + "by-hash/SHA256/" + entry.digest().hex();
        fetcher.fetch(what, mirrors, byHash, entry.digest(), entry.size(), store);
        return;
      } catch (Fetcher.FailedEverywhere e) {
        // Not every mirror of such a release keeps the folder; the plain name is checked as well.
      }
    }
    fetcher.fetch(what, mirrors, dists + path, entry.digest(), entry.size(), store);
  }

  private static String component(String path) {
    int folder = path.indexOf("/binary-");
    return folder < 0 ? "" : path.substring(0, folder);
  }

  /** Reads every index a recipe's source section names for one architecture. */
  public DebianUniverse universe(
      List<Release> releases, List<String> components, String architecture, FrameStore store)
      throws IOException {
    return universe(releases, components, List.of(architecture), store);
  }

  /**
   * Reads every index a recipe's source section names.
   *
   * @param architectures the machine's, then foreign ones in order of preference
   */
  public DebianUniverse universe(
      List<Release> releases, List<String> components, List<String> architectures, FrameStore store)
      throws IOException {
    UniverseBuilder universe =
        new UniverseBuilder(architectures.get(0), architectures.subList(1, architectures.size()));
    for (Release release : releases) {
      for (String component : components) {
        for (String architecture : architectures) {
          read(release, component, architecture, store, universe);
        }
      }
    }
    return universe.build();
  }

  /** The verified releases of these suites, in order. */
  public List<Release> releases(
      List<String> suites, List<String> components, byte[] keyring, Instant now)
      throws IOException {
    List<Release> releases = new ArrayList<>();
    for (String suite : suites) {
      releases.add(release(suite, components, keyring, now));
    }
    return releases;
  }

  /** Puts one locked package file into the store. */
  public void fetch(Lock.Input input, FrameStore store) throws IOException {
    fetcher.fetch(
        input.name() + " " + input.version(),
        sources.mirrors(input.suite(), List.of(input.component())),
        input.path(),
        input.sha256(),
        input.size(),
        store);
  }

  /** Refuses what decompresses to more than an index can be. */
  private static final class Bounded extends java.io.FilterInputStream {
    private final String what;
    private long left;

    Bounded(InputStream in, String what, long most) {
      super(in);
      this.what = what;
      this.left = most;
    }

    @Override
    public int read() throws IOException {
      return count(super.read(), 1);
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      int read = super.read(target, offset, length);
      return count(read, read);
    }

    private int count(int result, int bytes) throws IOException {
      left -= result < 0 ? 0 : bytes;
      if (left < 0) {
        throw new IOException(what + " is larger than any index; it is not read");
      }
      return result;
    }
  }
}
