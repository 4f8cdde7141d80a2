package dev.imgstore.builder.source.npm;

import dev.imgstore.builder.lock.Lock;
import dev.imgstore.builder.recipe.InputSource;
import dev.imgstore.builder.recipe.SourceSection;
import dev.imgstore.builder.source.debian.archive.Fetcher;
import dev.imgstore.model.Digest;
import dev.imgstore.store.FrameStore;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Locks and fetches inputs by {@code npm}. Safe for many threads. */
public final class NpmPackages {
  /** The path under which the lock file itself is pinned. */
  static final String LOCK_FILE = "package-lock.json";

  private static final long LARGEST = 1L << 30;

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
    List<String> wrong = new ArrayList<>();
    String what = entry.name() + " " + entry.version();
    List<URI> addresses = setup.addresses(entry.name(), path, entry.resolved());
    if (addresses.isEmpty()) {
      throw new IOException("no registry is set for " + what + "; set one with npm config");
    }
    for (URI address : addresses) {
      try {
        Fetcher.Taken taken = fetcher.take(what, List.of(address), List.of(), LARGEST, store);
        if (isRight(entry, taken.digest(), store)) {
          return taken;
        }
        wrong.add(address.getHost() + " gives other bytes than its integrity " + entry.integrity());
      } catch (IOException e) {
        wrong.add(String.valueOf(e.getMessage()));
      }
    }
    throw new IOException(what + " cannot be taken: " + String.join("; ", wrong));
  }

  /** Every hash of the integrity that is strong enough must be right, and there must be one. */
  private static boolean isRight(PackageLock.Entry entry, Digest file, FrameStore store)
      throws IOException {
    boolean known = false;
    for (String each : entry.integrity().strip().split("\\s+", -1)) {
      String algorithm = each.substring(0, Math.max(0, each.indexOf('-')));
      String hash = each.substring(each.indexOf('-') + 1).replaceFirst("\\?.*", "");
      if (List.of("sha256", "sha384", "sha512").contains(algorithm)) {
        known = true;
        if (!hash(algorithm.replace("sha", "SHA-"), file, store).equals(hash)) {
          return false;
        }
      }
    }
    if (!known) {
      throw new IOException("the lock file has no integrity of SHA-256 or better for it");
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

  /** Puts a locked tarball into the store. */
  public void fetch(Lock.Fetched file, FrameStore store) throws IOException {
    List<URI> addresses = setup.addresses(file.name(), file.path(), "");
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
