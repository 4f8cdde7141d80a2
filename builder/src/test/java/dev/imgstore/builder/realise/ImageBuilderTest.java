package dev.imgstore.builder.realise;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.builder.lock.Lock;
import dev.imgstore.builder.lock.LockCodec;
import dev.imgstore.builder.recipe.InputSource;
import dev.imgstore.builder.recipe.Recipe;
import dev.imgstore.builder.recipe.RecipeReader;
import dev.imgstore.builder.source.dpkg.DebMaker;
import dev.imgstore.model.ActionKey;
import dev.imgstore.model.Bytes;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Generation;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.Platform;
import dev.imgstore.model.RelPath;
import dev.imgstore.model.Tree;
import dev.imgstore.model.TreeId;
import dev.imgstore.store.Actions;
import dev.imgstore.store.BlobReader;
import dev.imgstore.store.BlobStore;
import dev.imgstore.store.CheckReport;
import dev.imgstore.store.FrameStore;
import dev.imgstore.store.Insight;
import dev.imgstore.store.Journal;
import dev.imgstore.store.Mender;
import dev.imgstore.store.Profiles;
import dev.imgstore.store.Reindexed;
import dev.imgstore.store.RepairReport;
import dev.imgstore.store.Roots;
import dev.imgstore.store.Staged;
import dev.imgstore.store.Store;
import dev.imgstore.store.Transaction;
import dev.imgstore.store.Trees;
import dev.imgstore.store.disk.DiskStore;
import dev.imgstore.testkit.MemoryFilesystem;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class ImageBuilderTest {
  private static final Platform PLATFORM = Platform.parse("linux/amd64");
  private static final String RECIPE =
      """
      name: test
      platforms: [linux/amd64]
      packages: [aa]
      scripts: none
      essential: false
      files:
        - {path: /etc/motd, text: hello}
        - {path: /opt/local, from: local.txt}
      image:
        compression: zstd
      """;

  private final Map<String, byte[]> debs = new TreeMap<>();
  private final Map<String, byte[]> locals = new ConcurrentHashMap<>();
  private final List<String> fetched = Collections.synchronizedList(new ArrayList<>());
  private final List<String> broken = Collections.synchronizedList(new ArrayList<>());
  private ExecutorService pool = Executors.newFixedThreadPool(2);
  private ExecutorService downloads = Executors.newFixedThreadPool(2);
  private Store store = new Watched(new MemoryFilesystem());

  ImageBuilderTest() throws IOException {}

  @BeforeEach
  void packages() {
    for (String name : List.of("aa", "bb", "cc")) {
      debs.put(
          name,
          DebMaker.deb(name).directory("usr").file("usr/" + name, "the file of " + name).bytes());
    }
    locals.put("local.txt", "local".getBytes(StandardCharsets.UTF_8));
  }

  @AfterEach
  void close() throws IOException {
    pool.shutdownNow();
    downloads.shutdownNow();
    store.close();
  }

  /** A store that insists on law 2: an action's result is durable before it is recorded. */
  private static final class Watched implements Store, Actions {
    private final DiskStore store;
    private final Set<ActionKey> asked = ConcurrentHashMap.newKeySet();

    /** As if a collection had begun right after an action was asked for the first time. */
    private volatile boolean forgets;

    Watched(MemoryFilesystem files) throws IOException {
      store = DiskStore.open(files, notice -> {});
    }

    @Override
    public void record(ActionKey key, Digest result) throws IOException {
      assertTrue(store.blobs().has(result), "recorded before it is durable: " + key);
      store.actions().record(key, result);
    }

    @Override
    public Optional<Digest> find(ActionKey key) throws IOException {
      boolean first = asked.add(key);
      return forgets && !first ? Optional.empty() : store.actions().find(key);
    }

    @Override
    public List<Digest> results(ActionKey key) throws IOException {
      return store.actions().results(key);
    }

    @Override
    public void remember(ActionKey key, Digest newest) throws IOException {
      assertTrue(store.blobs().has(newest), "remembered before it is durable: " + key);
      store.actions().remember(key, newest);
    }

    @Override
    public List<ActionKey> startingWith(String hex) throws IOException {
      return store.actions().startingWith(hex);
    }

    @Override
    public BlobReader blobs() {
      return store.blobs();
    }

    @Override
    public Transaction begin() throws IOException {
      return store.begin();
    }

    @Override
    public dev.imgstore.store.Collector collector() throws IOException {
      return store.collector();
    }

    @Override
    public Staged stage() throws IOException {
      return store.stage();
    }

    @Override
    public dev.imgstore.store.Packs packs() {
      return store.packs();
    }

    @Override
    public boolean lease(Digest blob) throws IOException {
      return store.lease(blob);
    }

    @Override
    public Actions actions() {
      return this;
    }

    @Override
    public Profiles profiles() {
      return store.profiles();
    }

    @Override
    public Insight insight() {
      return store.insight();
    }

    @Override
    public Roots roots() {
      return store.roots();
    }

    @Override
    public void pushed(String profile, Generation generation, String to, Profiles.Because because)
        throws IOException {
      store.pushed(profile, generation, to, because);
    }

    @Override
    public void pulled(String profile, Generation generation, String from, Profiles.Because because)
        throws IOException {
      store.pulled(profile, generation, from, because);
    }

    @Override
    public void keyUsed(String key, SortedMap<String, String> facts, Profiles.Because because)
        throws IOException {
      store.keyUsed(key, facts, because);
    }

    @Override
    public Journal journal() {
      return store.journal();
    }

    @Override
    public Reindexed reindex() throws IOException {
      return store.reindex();
    }

    @Override
    public CheckReport check() throws IOException {
      return store.check();
    }

    @Override
    public RepairReport repair(List<Mender> menders, Profiles.Because because) throws IOException {
      return store.repair(menders, because);
    }

    @Override
    public void close() throws IOException {
      store.close();
    }
  }

  private final class Beside implements LocalFiles {
    @Override
    public Optional<TreeId> take(String path, Name entry, BlobStore into) throws IOException {
      byte[] bytes = locals.get(path);
      if (bytes == null) {
        return Optional.empty();
      }
      Node file = new Node.File(into.put(bytes), bytes.length, Meta.of(0644, 0, 0));
      return Optional.of(Trees.put(into, new Tree(new TreeMap<>(Map.of(entry, file)))));
    }
  }

  private static Recipe recipe(String text) {
    return RecipeReader.read("test.yaml", text.getBytes(StandardCharsets.UTF_8), new TreeMap<>())
        .match(
            RecipeReader.Read::recipe,
            mistakes -> {
              throw new AssertionError(mistakes.problems());
            });
  }

  private Lock lock() {
    List<Lock.Input> inputs = new ArrayList<>();
    debs.forEach(
        (name, deb) ->
            inputs.add(
                new Lock.Input(
                    "debian",
                    PLATFORM,
                    name,
                    "1.0",
                    "amd64",
                    "bookworm",
                    "main",
                    Digest.of(deb),
                    deb.length,
                    "pool/" + name,
                    "requested")));
    return new Lock(Digest.of(new byte[0]), Instant.EPOCH, inputs);
  }

  /** Gives the packages of this test, unless they are broken. */
  private final class Fetched implements InputFetcher {
    @Override
    public void fetch(Lock.Input input, FrameStore into) throws IOException {
      fetched.add(input.name());
      if (broken.contains(input.name())) {
        throw new IOException("no mirror gives " + input.path());
      }
      byte[] deb = Optional.ofNullable(debs.get(input.name())).orElseThrow();
      into.putVerbatim(new ByteArrayInputStream(deb));
    }

    @Override
    public void fetch(Lock.Fetched file, InputSource source, FrameStore into) {
      throw new AssertionError("nothing of inputs is fetched here");
    }
  }

  private ImageBuilder.Result build(String recipe) throws IOException, InterruptedException {
    return build(recipe, new TreeMap<>());
  }

  private ImageBuilder.Result build(String recipe, SortedMap<String, String> settings)
      throws IOException, InterruptedException {
    InputFetcher fetcher = new Fetched();
    dev.imgstore.builder.sandbox.SandboxIds none =
        () -> {
          throw new IOException("no sandbox in this test");
        };
    ImageBuilder builder =
        new ImageBuilder(
            store,
            new ImageBuilder.Ports(
                fetcher,
                none,
                pool,
                downloads,
                Progress.NONE,
                dev.imgstore.builder.steps.StepPorts.none(2)));
    Lock lock = lock();
    return builder.build(
        new ImageBuilder.Request(
            recipe(recipe),
            Bytes.utf8(recipe),
            settings,
            lock,
            Bytes.of(LockCodec.write(lock)),
            new Beside()));
  }

  @Test
  void aSecondBuildDoesNothing() throws Exception {
    ImageBuilder.Result first = build(RECIPE);
    assertFalse(first.reused());
    assertEquals(List.of("aa", "bb", "cc"), fetched.stream().sorted().toList());
    assertEquals(3, first.record().sources().size());
    assertEquals(3, first.record().parts().get(0).packages().size());
    ImageBuilder.Result second = build(RECIPE);
    assertTrue(second.reused());
    assertEquals(first.recordDigest(), second.recordDigest());
    assertEquals(3, fetched.size());
    assertTrue(store.check().findings().isEmpty());
  }

  @Test
  void aKnownBuildWhoseContentIsLostIsBuiltAgain() throws Exception {
    MemoryFilesystem files = new MemoryFilesystem();
    store.close();
    store = new Watched(files);
    build(RECIPE);
    store.close();
    for (RelPath segment : files.list(RelPath.of("segments"))) {
      if (segment.name().startsWith("content-")) {
        files.delete(segment);
      }
    }
    store = new Watched(files);
    Digest local = Digest.of("local".getBytes(StandardCharsets.UTF_8));
    assertFalse(store.blobs().has(local));
    assertFalse(build(RECIPE).reused());
    assertTrue(store.blobs().has(local), "the record names it");
  }

  @Test
  void aBuildThatIsForgottenWhileItIsLookedAtIsNotBelieved() throws Exception {
    build(RECIPE);
    Watched watched = (Watched) store;
    watched.asked.clear();
    assertTrue(build(RECIPE).reused());
    watched.asked.clear();
    watched.forgets = true;
    assertFalse(build(RECIPE).reused());
  }

  @Test
  void aBuildElsewhereGivesTheSameImage() throws Exception {
    Digest first = build(RECIPE).record().image();
    store.close();
    store = new Watched(new MemoryFilesystem());
    pool.shutdownNow();
    pool = Executors.newFixedThreadPool(1);
    assertEquals(first, build(RECIPE).record().image());
  }

  @Test
  void commentsAndOrderChangeNothing() throws Exception {
    build(RECIPE);
    assertTrue(build("# a comment\n" + RECIPE).reused());
  }

  @Test
  void whateverChangesTheImageIsBuilt() throws Exception {
    Digest image = build(RECIPE).record().image();
    List<String> others =
        List.of(
            RECIPE.replace("text: hello", "text: hallo"),
            RECIPE.replace("zstd", "gzip"),
            RECIPE.replace("/etc/motd", "/etc/issue"),
            RECIPE + "  env: {A: b}\n");
    for (String other : others) {
      ImageBuilder.Result result = build(other);
      assertFalse(result.reused(), other);
      assertNotEquals(image, result.record().image(), other);
    }
    locals.put("local.txt", "other".getBytes(StandardCharsets.UTF_8));
    ImageBuilder.Result result = build(RECIPE);
    assertFalse(result.reused());
    assertNotEquals(image, result.record().image());
    assertEquals(3, fetched.size());
    debs.put("cc", DebMaker.deb("cc").directory("usr").file("usr/cc", "other").bytes());
    assertNotEquals(result.record().image(), build(RECIPE).record().image());
    assertEquals(4, fetched.size());
  }

  @Test
  void aFailedDownloadIsOneClearLineAndTheOthersAreKept() throws Exception {
    broken.add("bb");
    IOException failure = assertThrows(IOException.class, () -> build(RECIPE));
    assertEquals("no mirror gives pool/bb", failure.getMessage());
    assertEquals(0, failure.getSuppressed().length);
    List<String> before = new ArrayList<>(fetched);
    before.remove("bb");
    broken.clear();
    fetched.clear();
    assertFalse(build(RECIPE).reused());
    before.addAll(fetched);
    assertEquals(List.of("aa", "bb", "cc"), before.stream().sorted().toList());
  }

  @Test
  void aFailedDownloadKeepsTheRestFromBeingFetched() {
    for (int i = 0; i < 50; i++) {
      debs.put("p" + i, DebMaker.deb("p" + i).file("usr/p" + i, "").bytes());
    }
    debs.put("bb", DebMaker.deb("bb").file("usr/bb", "the largest is first".repeat(1000)).bytes());
    broken.add("bb");
    downloads.shutdownNow();
    downloads = Executors.newFixedThreadPool(1);
    assertThrows(IOException.class, () -> build(RECIPE));
    assertEquals(List.of("bb"), fetched);
  }

  @Test
  void aDamagedPackageIsNamed() {
    debs.put("bb", "!<arch>\nnonsense".getBytes(StandardCharsets.UTF_8));
    IOException failure = assertThrows(IOException.class, () -> build(RECIPE));
    assertTrue(String.valueOf(failure.getMessage()).contains("bb 1.0"), failure.getMessage());
  }

  @Test
  void oneThreadForAllIsEnough() throws Exception {
    downloads.shutdownNow();
    pool.shutdownNow();
    pool = Executors.newFixedThreadPool(1);
    downloads = pool;
    assertFalse(build(RECIPE.replace("zstd", "gzip")).reused());
  }

  @Test
  void aFileThatIsNotBesideTheRecipeIsNamed() {
    locals.clear();
    IOException failure = assertThrows(IOException.class, () -> build(RECIPE));
    assertTrue(String.valueOf(failure.getMessage()).contains("local.txt"), failure.getMessage());
    assertEquals(List.of(), fetched);
  }

  @Test
  void aSandboxIsAskedForOnlyWhereScriptsRun() {
    IOException failure =
        assertThrows(
            IOException.class, () -> build(RECIPE.replace("scripts: none", "scripts: sandbox")));
    assertEquals("no sandbox in this test", failure.getMessage());
  }

  @Test
  void damagedRecordsOfPackagesAreRefused() {
    byte[] bytes =
        new BaseRecord(
                new dev.imgstore.model.TreeId(Digest.of(new byte[1])),
                new dev.imgstore.model.TreeId(Digest.of(new byte[2])),
                new TreeMap<>(Map.of(dev.imgstore.model.TreePath.of("usr/a"), "a")),
                List.of(new dev.imgstore.store.BuildRecord.InstalledPackage("a", "1", "all")),
                List.of("nothing"))
            .encode();
    assertEquals(Bytes.of(bytes), Bytes.of(BaseRecord.decode(bytes).encode()));
    for (int cut = 0; cut < bytes.length; cut++) {
      byte[] part = java.util.Arrays.copyOf(bytes, cut);
      assertThrows(RuntimeException.class, () -> BaseRecord.decode(part));
    }
  }
}
