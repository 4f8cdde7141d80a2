package dev.imgstore.sync;

import dev.imgstore.model.Descriptor;
import dev.imgstore.model.Digest;
import dev.imgstore.store.BlobReader;
import dev.imgstore.store.Tasks;
import dev.imgstore.sync.RegistryException.Kind;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * An image on its way to a repository: what is missing there is sent, blobs at once and in
 * parallel, then the manifests, and what the tag will stand for last. So the tag never names what
 * is not all there, and a push that was interrupted goes on where it was when it is run again.
 */
public final class Push {
  private static final int MAX_DEPTH = 8;

  private final BlobReader store;
  private final Registry registry;
  private final List<String> mountable;
  private final Trust trust;
  private final Progress progress;
  private final Map<Digest, Manifest> manifests = new TreeMap<>();
  private final List<Manifest> order = new ArrayList<>();
  private final Map<Digest, Descriptor> blobs = new TreeMap<>();
  private final AtomicInteger sent = new AtomicInteger();
  private final AtomicInteger mounted = new AtomicInteger();
  private final AtomicLong bytes = new AtomicLong();

  /** Is told how far it is; by several threads. */
  public interface Progress {
    /** Nobody looks. */
    Progress NONE = (done, total) -> {};

    /** So many bytes were sent of those that had to be, so far as is known. */
    void at(long done, long total);
  }

  /** Is asked right before the tag moves, which may be long after the start. */
  public interface Permission {
    /**
     * Returns if the image may have the tag.
     *
     * @throws IOException if it may not any more; then the tag stays where it is
     */
    void require() throws IOException;
  }

  /**
   * What was done.
   *
   * @param image that the tag stands for now
   * @param fresh false if it did before, and nothing was sent
   * @param blobs that were sent
   * @param mounted that were taken from another repository there
   * @param manifests that were sent, indexes among them
   * @param bytes of blobs and manifests that were sent
   */
  public record Report(
      Descriptor image, boolean fresh, int blobs, int mounted, int manifests, long bytes) {}

  /** What a manifest that the registry has says of what it names. */
  public enum Trust {
    /** That it is there: so the specification wants it. */
    MANIFESTS,
    /** Nothing: each blob is asked for, since some registries lose them. */
    NOTHING
  }

  /**
   * To a repository.
   *
   * @param store that has all of the image
   * @param mountable repositories of the same registry that may have some of its blobs, best first
   */
  public Push(
      BlobReader store, Registry registry, List<String> mountable, Trust trust, Progress progress) {
    this.trust = trust;
    this.store = store;
    this.registry = registry;
    this.mountable = List.copyOf(mountable);
    this.progress = progress;
  }

  /**
   * Sends it; once.
   *
   * @param tag empty to push by digest alone
   * @param permission asked by the caller's thread, once all that the image names is there
   * @param pool as many blobs are sent at once as it has threads
   */
  public Report run(Digest image, String tag, Permission permission, ExecutorService pool)
      throws IOException {
    Manifest root = manifest(image);
    Optional<Descriptor> there = registry.head(tag.isEmpty() ? image.toString() : tag);
    boolean trusting = trust == Trust.MANIFESTS;
    boolean tagged = there.isPresent() && there.get().digest().equals(image);
    if (tagged && trusting) {
      return new Report(root.descriptor(), false, 0, 0, 0, 0);
    }
    boolean known = trusting && !tag.isEmpty() && registry.head(image.toString()).isPresent();
    int documents = 0;
    if (!known) { // else it has all that the image names, and only the tag is to move
      gather(root, 0, pool);
      sendAll(pool);
      documents = sendManifests(image);
      if (tagged && documents + sent.get() + mounted.get() == 0) {
        return new Report(root.descriptor(), false, 0, 0, 0, 0);
      }
    }
    permission.require();
    registry.put(root, tag);
    bytes.addAndGet(root.bytes().length);
    return new Report(
        root.descriptor(), true, sent.get(), mounted.get(), documents + 1, bytes.get());
  }

  /** All but the last, which is to have the tag. */
  private int sendManifests(Digest last) throws IOException {
    int count = 0;
    for (Manifest each : order) {
      boolean due = !each.digest().equals(last);
      if (due && (trust == Trust.MANIFESTS || registry.head(each.digest().toString()).isEmpty())) {
        registry.put(each, "");
        bytes.addAndGet(each.bytes().length);
        count++;
      }
    }
    return count;
  }

  private Manifest manifest(Digest digest) throws IOException {
    byte[] document = store.read(digest, Manifest.MAX_BYTES);
    return new Manifest(References.read(digest.toString(), document).mediaType(), document);
  }

  /**
   * Children before those that name them; what the registry has already, with all it names, not.
   */
  private void gather(Manifest manifest, int depth, ExecutorService pool) throws IOException {
    if (depth > MAX_DEPTH) {
      throw new RegistryException(
          Kind.WRONG, manifest.digest() + " is an index more than " + MAX_DEPTH + " deep");
    }
    if (manifests.put(manifest.digest(), manifest) != null) {
      return;
    }
    References names = References.read(manifest.digest().toString(), manifest.bytes());
    for (Descriptor each : absent(names.manifests(), pool)) {
      byte[] document = store.read(each.digest(), Manifest.MAX_BYTES);
      gather(new Manifest(each.mediaType(), document), depth + 1, pool);
    }
    names.blobs().forEach(each -> blobs.put(each.digest(), each));
    order.add(manifest);
  }

  /** Those that have to be looked into, asked for together. */
  private List<Descriptor> absent(List<Descriptor> documents, ExecutorService pool)
      throws IOException {
    if (trust == Trust.NOTHING) {
      return documents;
    }
    Set<Digest> there = ConcurrentHashMap.newKeySet();
    Tasks questions = new Tasks();
    for (Descriptor each : documents) {
      if (!manifests.containsKey(each.digest())) {
        questions.run(
            pool,
            () -> {
              if (registry.head(each.digest().toString()).isPresent()) {
                there.add(each.digest());
              }
            });
      }
    }
    questions.finish();
    return documents.stream().filter(each -> !there.contains(each.digest())).toList();
  }

  /** The largest first, so that no thread is left with one in the end. */
  private void sendAll(ExecutorService pool) throws IOException {
    long total = blobs.values().stream().mapToLong(Descriptor::size).sum();
    List<Descriptor> sorted = new ArrayList<>(blobs.values());
    sorted.sort(Comparator.comparingLong(Descriptor::size).reversed());
    AtomicLong left = new AtomicLong(total);
    AtomicLong done = new AtomicLong();
    Tasks transfers = new Tasks();
    for (Descriptor each : sorted) {
      transfers.run(pool, () -> send(each, left, done, transfers));
    }
    transfers.finish();
  }

  private void send(Descriptor blob, AtomicLong total, AtomicLong done, Tasks others)
      throws IOException {
    if (registry.has(blob.digest()) || isMounted(blob)) {
      progress.at(done.get(), total.addAndGet(-blob.size()));
      return;
    }
    registry.upload(
        blob,
        () ->
            new Counting(
                store.open(blob.digest()),
                count -> {
                  others.check();
                  progress.at(done.addAndGet(count), total.get());
                }));
    sent.incrementAndGet();
    bytes.addAndGet(blob.size());
  }

  private boolean isMounted(Descriptor blob) throws IOException {
    for (String repository : mountable) {
      if (registry.mount(blob.digest(), repository)) {
        mounted.incrementAndGet();
        return true;
      }
    }
    return false;
  }

  /** Tells what is read of it. */
  private static final class Counting extends FilterInputStream {
    private final Read told;

    Counting(InputStream in, Read told) {
      super(in);
      this.told = told;
    }

    interface Read {
      void more(long bytes) throws IOException;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      int count = in.read(buffer, offset, length);
      if (count > 0) {
        told.more(count);
      }
      return count;
    }
  }
}
