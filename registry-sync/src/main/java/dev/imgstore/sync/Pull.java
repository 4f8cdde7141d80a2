package dev.imgstore.sync;

import dev.imgstore.model.Descriptor;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Platform;
import dev.imgstore.store.Tasks;
import dev.imgstore.store.Transaction;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Takes an image, or whatever else a manifest or index stands for, from a registry into a store, as
 * its bytes are. What the store has is not fetched again; what comes is checked by size and hash
 * while it is stored.
 *
 * <p>Law 2: manifests are put when all that they name was, and are for others to see only after the
 * caller's flush. What came whole is made durable if a pull fails, and every few hundred megabytes,
 * so that the next one goes on from there; nothing refers to it yet, and a collection may take it.
 */
public final class Pull {
  /** Bytes after which what came is made durable: a second try fetches no more than this again. */
  private static final long FLUSH_EVERY = 256L << 20;

  /** Configurations up to this are kept with the metadata: they are read first. */
  private static final int MAX_CONFIG = 4 << 20;

  private final Request request;
  private final AtomicLong unflushed = new AtomicLong();
  private final AtomicLong done = new AtomicLong();
  private final AtomicLong fetched = new AtomicLong();
  private long total;

  private Pull(Request request) {
    this.request = request;
  }

  /** Told how far it is, from several threads. */
  @FunctionalInterface
  public interface Progress {
    /** Bytes of blobs, of those that have to be fetched. */
    void at(long done, long total);

    /** So many bytes have to be fetched, and none was yet; may refuse that. */
    default void begin(long total) throws IOException {}

    /** A blob was fetched, is what its name says, and can be read from the transaction. */
    default void came(Descriptor blob) {}
  }

  /**
   * What is to be pulled.
   *
   * @param from stays the caller's
   * @param reference a tag or a digest of it
   * @param platform take this one out of an index; all there is if it is empty
   * @param into flushed by the caller, after whatever it adds
   * @param pool as many blobs are fetched at once as it has threads
   */
  public record Request(
      Registry from,
      String reference,
      List<Platform> platform,
      Transaction into,
      ExecutorService pool,
      Progress progress) {
    /** Refuses more than one platform: then nothing would stand for what is taken. */
    public Request {
      platform = List.copyOf(platform);
      if (platform.size() > 1) {
        throw new IllegalArgumentException("one platform or all, not " + platform);
      }
    }
  }

  /**
   * What was pulled.
   *
   * @param named what the registry's name stood for
   * @param image the same; if one platform was taken out of an index, that platform's manifest
   * @param platforms what manifests are for, as far as an index says so
   * @param blobs how many manifests, configurations and layers it has
   * @param fetched how many of the configurations and layers had to be fetched
   * @param bytes that these have
   */
  public record Pulled(
      Digest named,
      Digest image,
      SortedMap<Digest, Platform> platforms,
      int blobs,
      long fetched,
      long bytes) {
    /** Copies in. */
    public Pulled {
      platforms = Collections.unmodifiableSortedMap(new TreeMap<>(platforms));
    }
  }

  /**
   * Pulls.
   *
   * @throws RegistryException if the registry has not all of it, or gives something else
   */
  public static Pulled run(Request request) throws IOException {
    return new Pull(request).run();
  }

  private Pulled run() throws IOException {
    PulledDocuments documents = new PulledDocuments(request.from(), request.into());
    Manifest top = documents.top(request.reference());
    Descriptor image = top.descriptor();
    for (Platform each : request.platform()) {
      image = documents.choose(top, each);
    }
    documents.follow(image);
    documents.keep(top);
    fetch(documents.blobs());
    for (byte[] each : documents.childrenFirst()) {
      request.into().putMetadata(each);
    }
    return new Pulled(
        top.digest(),
        image.digest(),
        documents.platforms(),
        documents.count(),
        fetched.get(),
        done.get());
  }

  /** All that are not there, the largest first: the last to end should be small. */
  private void fetch(Map<Digest, PulledDocuments.Blob> named) throws IOException {
    List<PulledDocuments.Blob> missing = new ArrayList<>();
    for (PulledDocuments.Blob each : new LinkedHashMap<>(named).values()) {
      Descriptor blob = each.descriptor();
      if (!request.into().has(blob.digest())) {
        missing.add(each);
        total += blob.size();
      } else if (request.into().size(blob.digest()) != blob.size()) {
        throw wrong(blob, "has " + request.into().size(blob.digest()) + " bytes");
      }
    }
    missing.sort(Comparator.comparingLong(each -> -each.descriptor().size()));
    request.progress().begin(total);
    request.progress().at(0, total);
    boolean all = false;
    Tasks transfers = new Tasks();
    try {
      for (PulledDocuments.Blob each : missing) {
        transfers.run(request.pool(), () -> fetch(each, transfers));
      }
      transfers.finish();
      all = true;
    } finally {
      if (!all) {
        keepWhatCame();
      }
    }
  }

  private void keepWhatCame() {
    try {
      request.into().flush();
    } catch (IOException e) {
      // what made the pull fail is told; the next one fetches all of it again
    }
  }

  private void fetch(PulledDocuments.Blob wanted, Tasks transfers) throws IOException {
    Descriptor blob = wanted.descriptor();
    Digest got;
    try (InputStream bytes =
        new CountedStream(
            opened(blob),
            blob,
            length -> {
              transfers.check();
              request.progress().at(done.addAndGet(length), total);
            })) {
      got =
          wanted.isConfig() && blob.size() <= MAX_CONFIG
              ? request.into().putMetadata(bytes.readAllBytes())
              : request.into().putVerbatim(bytes, blob.digest());
    }
    if (!got.equals(blob.digest())) {
      throw wrong(blob, "is " + got);
    }
    fetched.incrementAndGet();
    request.progress().came(blob);
    if (unflushed.addAndGet(blob.size()) >= FLUSH_EVERY) {
      unflushed.set(0);
      request.into().flush();
    }
  }

  /** Not hashed: the store does that. */
  private InputStream opened(Descriptor blob) throws IOException {
    try {
      return request.from().openUnhashed(blob);
    } catch (RegistryException e) {
      if (e.kind() != RegistryException.Kind.UNKNOWN) {
        throw e;
      }
      throw new RegistryException(
          e.kind(),
          e.getMessage()
              + "; the registry has lost it, for it has the manifest: imgstore push --force, where"
              + " the image is, sends it again",
          e);
    }
  }

  private RegistryException wrong(Descriptor blob, String what) {
    return new RegistryException(
        RegistryException.Kind.WRONG,
        request.from().name()
            + " names the blob "
            + blob.digest()
            + " with "
            + blob.size()
            + " bytes, and what is there "
            + what
            + "; the image is damaged there, or somebody changed it: pull it from elsewhere");
  }
}
