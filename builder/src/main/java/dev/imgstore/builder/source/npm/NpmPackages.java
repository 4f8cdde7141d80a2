package dev.imgstore.builder.source.npm;

import dev.imgstore.builder.lock.Lock;
import dev.imgstore.builder.recipe.InputSource;
import dev.imgstore.builder.recipe.SourceSection;
import dev.imgstore.builder.source.fetch.Fetcher;
import dev.imgstore.model.Digest;
import dev.imgstore.store.FrameStore;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Locks and fetches inputs by {@code npm}. Safe for many threads. */
public final class NpmPackages {
  /** The path under which the lock file itself is pinned. */
  static final String LOCK_FILE = "package-lock.json";

  private static final long LARGEST = 1L << 30;
  private static final List<String> STRONG = List.of("sha256", "sha384", "sha512");

  private final NpmSetup setup;
  private final Fetcher fetcher;

  /** Asks the registries of this setup. */
  public NpmPackages(NpmSetup setup, Fetcher fetcher) {
    this.setup = setup;
    this.fetcher = fetcher;
  }

  /** What a lock became. */
  public record Locked(List<Lock.Fetched> files, List<String> withScripts) {
    /** Copies in. */
    public Locked {
      files = List.copyOf(files);
      withScripts = List.copyOf(withScripts);
    }
  }

  /**
   * Fetches every tarball the lock file lists, for all platforms, and checks it against its
   * integrity. The lock file is pinned too: it says what lies where.
   *
   * @param lockFile its text
   * @return with the packages whose scripts npm would run, and nothing here does
   */
  public Locked lock(String input, InputSource.Npm source, byte[] lockFile, FrameStore store)
      throws IOException {
    List<PackageLock.Entry> entries = PackageLock.read(source.lockFile(), lockFile, source.dev());
    Map<String, Lock.Fetched> files = new LinkedHashMap<>();
    Digest text = store.putVerbatim(new ByteArrayInputStream(lockFile));
    String mark = SourceSection.mark(source);
    files.put(
        LOCK_FILE,
        new Lock.Fetched(
            input, mark, "npm", LOCK_FILE, "", text, lockFile.length, LOCK_FILE, "requested"));
    List<String> scripts = new ArrayList<>();
    for (PackageLock.Entry each : entries) {
      String path = path(each);
      if (each.hasScript()) {
        scripts.add(each.name() + " " + each.version());
      }
      if (!files.containsKey(path)) {
        Fetcher.Taken taken = take(each, path, store);
        files.put(
            path,
            new Lock.Fetched(
                input,
                mark,
                "npm",
                each.name(),
                each.version(),
                taken.digest(),
                taken.size(),
                path,
                each.requested() ? "requested" : LOCK_FILE));
      }
    }
    return new Locked(List.copyOf(files.values()), scripts.stream().sorted().distinct().toList());
  }

  /** Where a registry keeps a tarball. */
  static String path(PackageLock.Entry entry) {
    String base = entry.name().substring(entry.name().indexOf('/') + 1);
    return entry.name() + "/-/" + base + "-" + entry.version() + ".tgz";
  }

  private Fetcher.Taken take(PackageLock.Entry entry, String path, FrameStore store)
      throws IOException {
    String what = entry.name() + " " + entry.version();
    List<String> hashes = hashes(entry);
    if (hashes.isEmpty()) {
      throw new IOException(what + ": the lock file has no integrity of SHA-256 or better for it");
    }
    List<URI> addresses = setup.addresses(entry.name(), path, entry.resolved());
    if (addresses.isEmpty()) {
      throw new IOException("no registry is set for " + what + "; set one with npm config");
    }
    String wanted = "what its integrity says, " + entry.integrity();
    return fetcher.take(
        what, addresses, wanted, file -> isRight(hashes, file, store), LARGEST, store);
  }

  /** Those of the integrity that are strong enough, each {@code algorithm-base64}. */
  private static List<String> hashes(PackageLock.Entry entry) {
    return Arrays.stream(entry.integrity().strip().split("\\s+", -1))
        .map(each -> each.replaceFirst("\\?.*", ""))
        .filter(each -> STRONG.contains(each.substring(0, Math.max(0, each.indexOf('-')))))
        .toList();
  }

  private static boolean isRight(List<String> hashes, Digest file, FrameStore store)
      throws IOException {
    for (String each : hashes) {
      int dash = each.indexOf('-');
      String algorithm = each.substring(0, dash).replace("sha", "SHA-");
      if (!hash(algorithm, file, store).equals(each.substring(dash + 1))) {
        return false;
      }
    }
    return true;
  }

  private static String hash(String algorithm, Digest file, FrameStore store) throws IOException {
    try (InputStream in = store.open(file)) {
      MessageDigest digest = MessageDigest.getInstance(algorithm);
      byte[] buffer = new byte[1 << 16];
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        digest.update(buffer, 0, read);
      }
      return Base64.getEncoder().encodeToString(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e); // every Java has them
    }
  }

  /** Where npm had each tarball from, by its path in a registry; nothing where none is said. */
  public static SortedMap<String, String> resolved(InputSource.Npm source, byte[] lockFile)
      throws IOException {
    SortedMap<String, String> resolved = new TreeMap<>();
    for (PackageLock.Entry each : PackageLock.read(source.lockFile(), lockFile, source.dev())) {
      if (!each.resolved().isEmpty()) {
        resolved.putIfAbsent(path(each), each.resolved());
      }
    }
    return resolved;
  }

  /**
   * Puts a locked tarball into the store.
   *
   * @param resolved another address of it, asked if the registry does not give it; may be empty
   */
  public void fetch(Lock.Fetched file, String resolved, FrameStore store) throws IOException {
    List<URI> addresses = setup.addresses(file.name(), file.path(), resolved);
    if (addresses.isEmpty()) {
      throw new IOException("no registry is set for " + file.name() + "; set one with npm config");
    }
    fetcher.fetch(
        file.name() + " " + file.version(), addresses, "", file.sha256(), file.size(), store);
  }

  /** Whether a pinned file is the lock file itself. */
  public static boolean isLockFile(Lock.Fetched file) {
    return file.path().equals(LOCK_FILE);
  }
}
