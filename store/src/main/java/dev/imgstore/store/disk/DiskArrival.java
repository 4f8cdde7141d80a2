package dev.imgstore.store.disk;

import dev.imgstore.model.Digest;
import dev.imgstore.store.Arrival;
import dev.imgstore.store.BadPack;
import dev.imgstore.store.Body;
import dev.imgstore.store.Named;
import dev.imgstore.store.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicLong;

/** Packs that come; those with what names others wait in {@code tmp/} until all came. */
final class DiskArrival implements Arrival {
  /** So much is taken at most before it is made durable: what need not come again. */
  private static final long STEP = 256L << 20;

  private final Filesystem files;
  private final Scratch scratch;
  private final DiskTransaction target;
  private final long step;
  private final Queue<PackFile> waiting = new ConcurrentLinkedQueue<>();
  private final Queue<Digest> later = new ConcurrentLinkedQueue<>();
  private final AtomicLong unflushed = new AtomicLong();

  DiskArrival(Filesystem files, Scratch scratch, DiskTransaction target) {
    this(files, scratch, target, STEP);
  }

  DiskArrival(Filesystem files, Scratch scratch, DiskTransaction target, long step) {
    this.files = files;
    this.scratch = scratch;
    this.target = target;
    this.step = step;
  }

  @Override
  public boolean lacks(Body body) throws IOException {
    return body.form() == Form.FRAME.number()
        ? !target.hasNow(body.blob(), Wanted.frame(body.variant()))
        : !target.has(body.blob());
  }

  @Override
  public void take(String name, InputStream bytes, long size, Collection<Body> wanted)
      throws IOException {
    PackFile pack = PackFile.receive(files, scratch.newFile(), name, bytes, size);
    boolean waits = false;
    try {
      List<Located> found = new ArrayList<>();
      for (Body each : wanted) {
        Optional<Located> body =
            pack.find(
                each.blob(),
                (form, variant) -> form.number() == each.form() && variant == each.variant());
        found.add(body.orElseThrow(() -> pack.bad("lacks " + each.blob())));
      }
      Collection<Digest> naming = content(found);
      waits = !naming.isEmpty();
      if (waits) {
        waiting.add(pack);
        later.addAll(naming);
      }
    } finally {
      if (!waits) {
        pack.close();
      }
    }
    if (unflushed.addAndGet(size) > step) {
      unflushed.set(0);
      target.flush();
    }
  }

  private Collection<Digest> content(List<Located> found) throws IOException {
    try {
      return copy().content(found);
    } catch (StoreException.Corrupt e) {
      throw lie(e);
    }
  }

  private StoreCopy copy() {
    return new StoreCopy(new There(), target, step, StoreCopy.From.A_STRANGER, this::requireNamed);
  }

  private static BadPack lie(StoreException.Corrupt e) {
    return new BadPack(e.fault(), e);
  }

  @Override
  public void finish(ExecutorService pool, int threads) throws IOException {
    Set<Digest> all = new HashSet<>(later);
    try {
      copy().run(all, pool, threads);
    } catch (StoreException.Corrupt e) {
      throw waiting.stream().anyMatch(PackFile::hasLied) ? lie(e) : e;
    }
  }

  /** Laws 2 and 3: whatever is found in a store has all that it names. */
  private void requireNamed(Digest blob, byte[] bytes) throws IOException {
    Optional<Named> named = Named.read(new DiskBlobReader(new There(), new There()), blob, bytes);
    if (named.isEmpty()) {
      return;
    }
    for (Digest each : named.get().blobs()) {
      if (!target.has(each)) {
        throw new BadPack(blob + " names " + each + ", which did not come and is not here");
      }
    }
  }

  /** What came and waits, then what is in the store. */
  private final class There implements Lookup {
    private final Lookup store = target.lookup();

    @Override
    public Optional<Located> find(Digest blob, Wanted wanted) throws IOException {
      for (PackFile each : waiting) {
        Optional<Located> found = each.find(blob, wanted);
        if (found.isPresent()) {
          return found;
        }
      }
      return store.find(blob, wanted);
    }

    @Override
    public Located get(Digest blob, Wanted wanted) throws IOException {
      Optional<Located> found = find(blob, wanted);
      return found.isPresent() ? found.get() : store.get(blob, wanted);
    }

    @Override
    public StoreException absent(Digest blob) {
      return store.absent(blob);
    }

    @Override
    public long doubts() {
      return store.doubts() + waiting.stream().filter(PackFile::hasLied).count();
    }
  }

  @Override
  public void close() throws IOException {
    IOException first = null;
    for (PackFile each : waiting) {
      try {
        each.close();
      } catch (IOException e) {
        first = first == null ? e : first;
      }
    }
    waiting.clear();
    if (first != null) {
      throw first;
    }
  }
}
