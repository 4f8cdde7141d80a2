package dev.imgstore.store.disk;

import dev.imgstore.model.Digest;
import dev.imgstore.model.Generation;
import dev.imgstore.model.Name;
import dev.imgstore.model.Profile;
import dev.imgstore.model.RelPath;
import dev.imgstore.model.Switch;
import dev.imgstore.store.Actions;
import dev.imgstore.store.BlobReader;
import dev.imgstore.store.BlobStore;
import dev.imgstore.store.CheckReport;
import dev.imgstore.store.CheckReport.Finding;
import dev.imgstore.store.Collector;
import dev.imgstore.store.Insight;
import dev.imgstore.store.Journal;
import dev.imgstore.store.Mender;
import dev.imgstore.store.Packs;
import dev.imgstore.store.Profiles;
import dev.imgstore.store.Profiles.Because;
import dev.imgstore.store.Reachable;
import dev.imgstore.store.Reindexed;
import dev.imgstore.store.RepairReport;
import dev.imgstore.store.Root;
import dev.imgstore.store.Roots;
import dev.imgstore.store.Staged;
import dev.imgstore.store.Store;
import dev.imgstore.store.StoreException;
import dev.imgstore.store.Tasks;
import dev.imgstore.store.Transaction;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/**
 * A store on a disk. Any number of processes may have it open; opening costs the listing of one
 * directory and takes no lock, except when the store is made.
 *
 * <p>Law 2: before a generation is committed the names of all segments that this process has seen
 * are made durable, so that it may name what was found already there.
 */
public final class DiskStore implements Store {
  private static final int CHECKERS = 2;
  private static final int CHECKS = 5;
  private static final int MAX_MANIFEST = 4 << 20;
  private static final List<RelPath> LAYOUT =
      List.of(DiskBlobs.DIRECTORY, RelPath.of("actions"), StateFile.DIRECTORY, Currents.DIRECTORY);

  private final Filesystem files;
  private final DiskBlobs blobs;
  private final DiskActions actions;
  private final DiskJournal journal;
  private final DiskProfiles profiles;

  private DiskStore(Filesystem files, Consumer<String> notices) throws IOException {
    this.files = files;
    this.blobs = new DiskBlobs(files);
    this.actions = new DiskActions(files, blobs.reader());
    this.journal = new DiskJournal(files, notices);
    this.profiles = new DiskProfiles(files, journal, notices, this::manifest);
  }

  /**
   * Opens the store in a directory, which is made if there is none; several processes may do so at
   * once.
   *
   * @param notices gets a sentence when something was put right that a crash had left
   * @throws StoreException.UnknownFormat if the directory holds other things, or a store of another
   *     layout
   */
  public static DiskStore open(Path home, Consumer<String> notices) throws IOException {
    return open(new DiskFilesystem(home), notices);
  }

  /**
   * As {@link #open(Path, Consumer)}, and faster where little changes.
   *
   * @param clock of this machine
   */
  public static DiskStore open(Path home, Clock clock, Consumer<String> notices)
      throws IOException {
    return open(new DiskFilesystem(home, clock), notices);
  }

  /** As {@link #open(Path, Consumer)}, on any file system. */
  public static DiskStore open(Filesystem files, Consumer<String> notices) throws IOException {
    StoreFormat.openOrMake(files, LAYOUT);
    DiskStore store = new DiskStore(files, notices);
    store.settle();
    return store;
  }

  /**
   * Ends a removal that was interrupted, so that no tree is seen without what it names. Who may not
   * write here goes on: no root reaches what was being removed, and whoever would make one that
   * does must lease first, which ends the removal or fails.
   */
  private void settle() {
    try {
      blobs.settle();
    } catch (IOException e) {
      return; // said when something is leased, and by verify
    }
  }

  /** A generation may be what is damaged or lost; then nothing shows its manifest. */
  private Optional<byte[]> manifest(Digest image) {
    try {
      return Optional.of(blobs.reader().read(image, MAX_MANIFEST));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  @Override
  public BlobReader blobs() {
    return blobs.reader();
  }

  @Override
  public Transaction begin() throws IOException {
    return blobs.begin();
  }

  @Override
  public Staged stage() {
    return blobs.stage();
  }

  /**
   * Puts a directory of the host into {@code into}, which the caller flushes before it refers to
   * the tree. No link is followed; the store itself is refused.
   *
   * @throws DirectoryFault naming all that cannot be read, cannot be said in a tree, or changed
   *     while it was read
   */
  public ImportedTree importDirectory(ImportRequest request, Transaction into) throws IOException {
    return DirectoryImport.run(request, files, into);
  }

  /**
   * As {@link #importDirectory}, of anything that has a name; the tree that is made has one entry
   * of the name given. Here, where no caller says that a tree is kept, known contents are looked
   * up.
   */
  public ImportedTree importEntry(ImportRequest request, Name entry, BlobStore into)
      throws IOException {
    return DirectoryImport.single(request, entry, files, into);
  }

  /**
   * Writes a tree to a directory of the host, beside its name and moved to it when it is whole.
   * Everything has the time 1980-01-01. Not synced.
   *
   * @throws java.nio.file.FileAlreadyExistsException if the target is anything but an empty
   *     directory
   */
  public CheckedOut checkOut(CheckoutRequest request) throws IOException {
    return TreeCheckout.run(request, blobs.reader());
  }

  /**
   * Copies blobs, with all they are made of, from here into a transaction of another store, as they
   * are stored; each is verified. What is there already is left alone.
   *
   * @param into of another open {@code DiskStore}; flushed now and then, and by the caller at the
   *     end
   * @param pool runs the copying; stays the caller's, whose thread must not be one of it
   * @return bytes that were written
   * @throws StoreException.MissingBlob if one is not held here
   * @throws StoreException.Corrupt if one is damaged here
   */
  public long copy(Collection<Digest> these, Transaction into, ExecutorService pool, int threads)
      throws IOException {
    if (!(into instanceof DiskTransaction target)) {
      throw new IllegalArgumentException("not a transaction of a store on a disk");
    }
    return blobs.copyTo(target).run(these, pool, threads);
  }

  @Override
  public boolean lease(Digest blob) throws IOException {
    return blobs.lease(blob);
  }

  @Override
  public Packs packs() {
    return blobs.packs();
  }

  @Override
  public Actions actions() {
    return actions;
  }

  @Override
  public Profiles profiles() {
    return new Durably();
  }

  @Override
  public Roots roots() {
    return new DurableRoots(profiles.roots(), blobs);
  }

  /** Making generations work on this machine. */
  public Activations activations() {
    return new Activations(files, journal, profiles);
  }

  @Override
  public Collector collector() throws IOException {
    return DiskCollector.begin(files, blobs, actions, journal, this);
  }

  @Override
  public Insight insight() {
    return new DiskInsight(files, blobs.segments(), roots());
  }

  @Override
  public Journal journal() {
    return journal;
  }

  @Override
  public void pushed(String profile, Generation generation, String to, Because because)
      throws IOException {
    note("push", profile, generation, "to", to, because);
  }

  @Override
  public void pulled(String profile, Generation generation, String from, Because because)
      throws IOException {
    note("pull", profile, generation, "from", from, because);
  }

  @Override
  public void keyUsed(String key, SortedMap<String, String> facts, Because because)
      throws IOException {
    try (DiskJournal.Writer writer = journal.write()) {
      writer.append(because, "key", key, facts);
    }
  }

  private void note(
      String kind, String profile, Generation generation, String way, String place, Because because)
      throws IOException {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("number", generation.number());
    facts.put("image", generation.image().toString());
    facts.put(way, place);
    try (DiskJournal.Writer writer = journal.write()) {
      writer.append(because, kind, profile, facts);
    }
  }

  /** The profiles, which name blobs only after {@link DiskBlobs#makeDurable}. */
  private final class Durably implements Profiles {
    @Override
    public List<String> names() throws IOException {
      return profiles.names();
    }

    @Override
    public Optional<Profile> open(String name) throws IOException {
      return profiles.open(name);
    }

    @Override
    public Generation commit(
        String name, int expectedCurrent, Digest image, Digest record, Because because)
        throws IOException {
      require(image);
      require(record);
      blobs.makeDurable();
      return profiles.commit(name, expectedCurrent, image, record, because);
    }

    @Override
    public Profile makeCurrent(
        String name, int expectedCurrent, int number, Switch.Kind kind, Because because)
        throws IOException {
      return profiles.makeCurrent(name, expectedCurrent, number, kind, because);
    }

    @Override
    public boolean activating(String name, int number, Because because) throws IOException {
      return profiles.activating(name, number, because);
    }

    @Override
    public boolean activated(String name, int number, boolean well, Because because)
        throws IOException {
      return profiles.activated(name, number, well, because);
    }

    @Override
    public Profile drop(String name, Map<Integer, Set<String>> despite, Because because)
        throws IOException {
      return profiles.drop(name, despite, because);
    }

    @Override
    public Profile dropAll(String name, int expectedCurrent, Because because) throws IOException {
      return profiles.dropAll(name, expectedCurrent, because);
    }
  }

  /** What a generation is about to name must be there, whatever a collection did meanwhile. */
  private void require(Digest blob) throws IOException {
    if (!lease(blob)) {
      throw new StoreException.MissingBlob(blob);
    }
  }

  @Override
  public Reindexed reindex() throws IOException {
    SegmentDirectory.View made = blobs.reindex();
    int written = profiles.rebuild();
    return new Reindexed(
        made.index().map(BlobIndex::segments).orElse(0),
        made.index().map(BlobIndex::entries).orElse(0L),
        made.loose().size(),
        written);
  }

  /** {@inheritDoc} With two threads of its own. */
  @Override
  public CheckReport check() throws IOException {
    ExecutorService pool = Executors.newFixedThreadPool(CHECKERS);
    try {
      return check(pool);
    } finally {
      pool.shutdownNow();
    }
  }

  /** As {@link #check()}, with the caller's threads. */
  public CheckReport check(ExecutorService pool) throws IOException {
    for (int times = 1; ; times++) {
      Set<Segment> before = Set.copyOf(blobs.segments().refresh());
      CheckReport report = checkOnce(pool);
      boolean isSame = blobs.segments().refresh().containsAll(before);
      if (report.findings().isEmpty() || isSame || times == CHECKS) {
        return report;
      } // a collection removed what was being looked at: what seems to be missing may be elsewhere
    }
  }

  private CheckReport checkOnce(ExecutorService pool) throws IOException {
    Tasks tasks = new Tasks();
    Future<Boolean> complete =
        tasks.submit(pool, this::isComplete); // beside the reading, not after it
    CheckReport bytes = blobs.check(pool);
    List<Finding> findings = new ArrayList<>(bytes.findings());
    List<Finding> others = new ArrayList<>(journal.check());
    others.addAll(RemovalLog.check(files));
    others.addAll(BlobIndex.check(files));
    others.addAll(profiles.check());
    others.addAll(profiles.roots().file().check());
    for (RelPath each : actions.damaged()) {
      others.add(new Finding(each.value(), each.name(), "it does not match its sum"));
    }
    try {
      if (!findings.isEmpty() || !tasks.results(List.of(complete)).get(0)) {
        List<Root> roots = profiles.roots().all();
        findings = new Concerns(blobs.segments(), blobs.reader()).of(findings, roots);
      }
    } catch (IOException e) {
      others.add(new Finding("states", "generations", "not followed: " + e.getMessage()));
    }
    findings.addAll(others);
    return new CheckReport(bytes.blobs(), bytes.bytes(), findings);
  }

  /** Law 3: all that a root reaches is present; false, too, if that cannot be found out. */
  private boolean isComplete() {
    List<Digest> missing = new ArrayList<>();
    Reachable reachable = new Reachable(blobs.reader(), (blob, why) -> missing.add(blob));
    try {
      for (Root each : profiles.roots().all()) {
        reachable.mark(each);
      }
      return missing.isEmpty();
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public RepairReport repair(List<Mender> menders, Because because) throws IOException {
    return new DiskRepair(files, journal, profiles, actions)
        .run(this::checkAfresh, menders, because);
  }

  private CheckReport checkAfresh() throws IOException {
    try (DiskStore fresh = new DiskStore(files, notice -> {})) {
      return fresh.check();
    }
  }

  @Override
  public void close() throws IOException {
    blobs.close();
  }
}
