package dev.imgstore.builder.source.npm;

import dev.imgstore.builder.lock.Lock;
import dev.imgstore.builder.recipe.InputSource;
import dev.imgstore.builder.recipe.SourceSection;
import dev.imgstore.builder.source.fetch.Fetcher;
import dev.imgstore.builder.source.fetch.Together;
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
import java.util.concurrent.Callable;

/** Locks and fetches inputs by {@code npm}. Safe for many threads. */
public final class NpmPackages {
  /** The path under which the lock file itself is pinned. */
  static final String LOCK_FILE = "package-lock.json";

  private static final long LARGEST = 1L << 30;
  private static final List<String> STRONG = List.of("sha256", "sha384", "sha512");

  private final NpmSetup setup;
  private final Fetcher fetcher;
  private final Together downloads;

  /**
   * Asks the registries of this setup.
   *
   * @param downloads fetches several packages at a time
   */
  public NpmPackages(NpmSetup setup, Fetcher fetcher, Together downloads) {
    this.setup = setup;
    this.fetcher = fetcher;
    this.downloads = downloads;
  }

  /**
   * What a lock became.
   *
   * @param withScripts packages whose scripts npm would run
   * @param signatures what there is to say about signatures
   */
  public record Locked(
      List<Lock.Fetched> files, List<String> withScripts, List<String> signatures) {
    /** Copies in. */
    public Locked {
      files = List.copyOf(files);
      withScripts = List.copyOf(withScripts);
      signatures = List.copyOf(signatures);
    }
  }

  /**
   * Fetches every tarball the lock file lists, for all platforms, and checks it against its
   * integrity. The lock file is pinned too: it says what lies where.
   *
   * @param lockFile its text
   * @param before what was locked last: who signed then must sign again
   * @return with the packages whose scripts npm would run, and nothing here does
   */
  public Locked lock(
      String input,
      InputSource.Npm source,
      byte[] lockFile,
      List<Lock.Fetched> before,
      FrameStore store)
      throws IOException {
    List<PackageLock.Entry> entries = PackageLock.read(source.lockFile(), lockFile, source.dev());
    Map<String, Lock.Fetched> files = new LinkedHashMap<>();
    Digest text = store.putVerbatim(new ByteArrayInputStream(lockFile));
    String mark = SourceSection.mark(source);
    files.put(
        LOCK_FILE,
        new Lock.Fetched(
            input, mark, "npm", LOCK_FILE, "", text, lockFile.length, LOCK_FILE, "requested"));
    RegistrySignatures signatures = new RegistrySignatures(setup, fetcher);
    Map<String, PackageLock.Entry> packages = new LinkedHashMap<>();
    entries.forEach(each -> packages.putIfAbsent(path(each), each));
    List<Callable<Lock.Fetched>> work = new ArrayList<>();
    packages.forEach(
        (path, each) ->
            work.add(
                () -> {
                  Fetcher.Taken taken = take(each, path, store);
                  return new Lock.Fetched(
                      input,
                      mark,
                      "npm",
                      each.name(),
                      each.version(),
                      taken.digest(),
                      taken.size(),
                      path,
                      each.requested() ? "requested" : LOCK_FILE,
                      signatures.signer(
                          each, integrity -> isSame(integrity, taken.digest(), store)));
                }));
    downloads.all(work).forEach(file -> files.put(file.path(), file));
    List<String> scripts =
        entries.stream()
            .filter(PackageLock.Entry::hasScript)
            .map(each -> each.name() + " " + each.version())
            .sorted()
            .distinct()
            .toList();
    List<Lock.Fetched> all = List.copyOf(files.values());
    return new Locked(all, scripts, signatures.compare(before, all));
  }

  /** Where a registry keeps a tarball. */
  static String path(PackageLock.Entry entry) {
    String base = entry.name().substring(entry.name().indexOf('/') + 1);
    return entry.name() + "/-/" + base + "-" + entry.version() + ".tgz";
  }

  private Fetcher.Taken take(PackageLock.Entry entry, String path, FrameStore store)
      throws IOException {
    String what = entry.name() + " " + entry.version();
    List<String> hashes = hashes(entry.integrity());
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
  private static List<String> hashes(String integrity) {
    return Arrays.stream(integrity.strip().split("\\s+", -1))
        .map(each -> each.replaceFirst("\\?.*", ""))
        .filter(each -> STRONG.contains(each.substring(0, Math.max(0, each.indexOf('-')))))
        .toList();
  }

  private static boolean isSame(String integrity, Digest file, FrameStore store)
      throws IOException {
    List<String> hashes = hashes(integrity);
    return !hashes.isEmpty() && isRight(hashes, file, store);
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
