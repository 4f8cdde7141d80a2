package dev.imgstore.builder.realise;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.builder.lock.Lock;
import dev.imgstore.builder.lock.LockCodec;
import dev.imgstore.builder.recipe.BaseTexts;
import dev.imgstore.builder.recipe.InputSource;
import dev.imgstore.builder.recipe.RecipeVariants;
import dev.imgstore.builder.results.Kind;
import dev.imgstore.builder.results.SharedResults;
import dev.imgstore.builder.sandbox.SandboxIds;
import dev.imgstore.builder.source.dpkg.DebMaker;
import dev.imgstore.builder.steps.StepPorts;
import dev.imgstore.model.Bytes;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Generation;
import dev.imgstore.model.Node;
import dev.imgstore.model.Platform;
import dev.imgstore.model.TreeId;
import dev.imgstore.store.FrameStore;
import dev.imgstore.store.Reachable;
import dev.imgstore.store.Store;
import dev.imgstore.store.Transaction;
import dev.imgstore.store.Trees;
import dev.imgstore.store.disk.DiskStore;
import dev.imgstore.testkit.MemoryFilesystem;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What others built is used as if it had been built here, and whatever they lack is built here. */
@Timeout(120)
class SharedBuildTest {
  private static final Platform PLATFORM = Platform.parse("linux/amd64");

  private final byte[] deb = DebMaker.deb("aa").file("usr/aa", "of aa").bytes();
  private final List<String> done = Collections.synchronizedList(new ArrayList<>());
  private final ExecutorService pool = Executors.newFixedThreadPool(2);
  private final ExecutorService downloads = Executors.newFixedThreadPool(2);
  private final Store a = DiskStore.open(new MemoryFilesystem(), notice -> {});
  private final Store b = DiskStore.open(new MemoryFilesystem(), notice -> {});
  private final Others others = new Others();
  private CountDownLatch fetched = new CountDownLatch(1);
  private SharedResults shared = SharedResults.NONE;

  SharedBuildTest() throws IOException {}

  @AfterEach
  void close() throws IOException {
    pool.shutdownNow();
    downloads.shutdownNow();
    a.close();
    b.close();
  }

  /** Gives what store {@code a} has. */
  private final class Others implements SharedResults {
    private final Map<dev.imgstore.model.ActionKey, Shareable.Result> results = new TreeMap<>();
    private final List<String> asked = Collections.synchronizedList(new ArrayList<>());
    private final List<String> refused = new ArrayList<>();

    void take(ImageBuilder.Request request, ImageBuilder.Result built) throws IOException {
      for (Shareable.Result each : Shareable.of(a, request, built.record(), built.recordDigest())) {
        results.put(each.key(), each);
      }
    }

    @Override
    public Future<Optional<Digest>> ask(Question question, Transaction into) throws IOException {
      asked.add(question.kind() + " " + question.name());
      Shareable.Result found = results.get(question.key());
      if (found == null) {
        return CompletableFuture.completedFuture(Optional.empty());
      }
      assertEquals(question.name(), found.name());
      List<Digest> all = new ArrayList<>(found.roots());
      all.add(found.result());
      for (Digest each : all) {
        copy(each, into);
      }
      if (found.kind() == Kind.BUILD) {
        Reachable reachable = new Reachable(a.blobs(), (blob, why) -> {});
        reachable.mark(
            "x", new Generation(1, image(found.result()), found.result(), Instant.EPOCH, "", ""));
        for (Digest each : reachable.digests()) {
          put(each, into);
        }
      }
      return CompletableFuture.completedFuture(Optional.of(found.result()));
    }

    private Digest image(Digest record) throws IOException {
      return dev.imgstore.store.BuildRecord.decode(record, a.blobs().read(record, 1 << 20)).image();
    }

    private void copy(Digest root, Transaction into) throws IOException {
      put(root, into);
      try {
        for (Node node : Trees.read(a.blobs(), new TreeId(root)).entries().values()) {
          if (node instanceof Node.Directory directory) {
            copy(directory.tree().digest(), into);
          } else if (node instanceof Node.File file) {
            put(file.content(), into);
          }
        }
      } catch (IOException e) {
        // no tree
      }
    }

    private void put(Digest blob, Transaction into) throws IOException {
      try (InputStream in = a.blobs().open(blob)) {
        into.put(in);
      }
    }

    @Override
    public void refused(Question question, String why) {
      refused.add(question.kind() + " " + why);
    }
  }

  private final class Noting implements InputFetcher, Progress {
    @Override
    public void fetch(Lock.Input input, FrameStore into) throws IOException {
      done.add("fetched " + input.name());
      into.putVerbatim(new ByteArrayInputStream(deb));
      fetched.countDown();
    }

    @Override
    public void fetch(Lock.Fetched file, InputSource source, FrameStore into) {
      throw new AssertionError(file);
    }

    @Override
    public void at(String phase, long count, long total) {}

    @Override
    public void ran(String action) {
      done.add("ran " + action);
    }
  }

  private ImageBuilder.Request request(String text) {
    RecipeVariants.Result read =
        RecipeVariants.read(
            "web.yaml",
            "web",
            ("name: web\nplatforms: [linux/amd64]\nscripts: none\nessential: false\n"
                    + "packages: [aa]\nfiles: [{path: /text, text: \""
                    + text
                    + "\"}]\n")
                .getBytes(StandardCharsets.UTF_8),
            new TreeMap<>(),
            BaseTexts.NONE);
    RecipeVariants.Variant recipe = ((RecipeVariants.Found) read).variants().get(0);
    Lock.Input input =
        new Lock.Input(
            "debian",
            PLATFORM,
            "aa",
            "1.0",
            "amd64",
            "bookworm",
            "main",
            Digest.of(deb),
            deb.length,
            "pool/aa",
            "requested");
    Lock lock = new Lock(recipe.source(), Instant.EPOCH, List.of(input));
    return new ImageBuilder.Request(
        recipe.recipe(),
        recipe.text(),
        recipe.settings(),
        lock,
        Bytes.of(LockCodec.write(lock)),
        (path, entry, into) -> Optional.empty());
  }

  private ImageBuilder.Result build(Store store, String text)
      throws IOException, InterruptedException {
    done.clear();
    SandboxIds none =
        () -> {
          throw new IOException("no sandbox in this test");
        };
    Noting noting = new Noting();
    return new ImageBuilder(
            store,
            new ImageBuilder.Ports(
                noting, none, pool, downloads, noting, StepPorts.none(2), shared))
        .build(request(text));
  }

  private List<Boolean> ofHere(Store store, ImageBuilder.Result built, String text)
      throws IOException {
    return Shareable.of(store, request(text), built.record(), built.recordDigest()).stream()
        .sorted(java.util.Comparator.comparing(Shareable.Result::kind))
        .map(Shareable.Result::ofHere)
        .toList();
  }

  @Test
  void aWholeBuildComesWithoutRunningAnything() throws Exception {
    ImageBuilder.Result first = build(a, "one");
    assertEquals(List.of(true, true), ofHere(a, first, "one"));
    others.take(request("one"), first);
    shared = others;
    ImageBuilder.Result second = build(b, "one");
    assertEquals(List.of(), done);
    assertEquals(first.recordDigest(), second.recordDigest());
    assertEquals(new ImageBuilder.Work(0, 1, 0), second.work());
    assertEquals(List.of("BUILD web"), others.asked);
    b.profiles().commit("web", 0, second.record().image(), second.recordDigest(), because());
    assertEquals(List.of(), b.check().findings());
    assertEquals(List.of(false), ofHere(b, second, "one"));
    others.asked.clear();
    assertTrue(build(b, "one").reused());
    assertEquals(List.of(), others.asked);
  }

  @Test
  void aBuildOfWhichSomethingWasCopiedIsNotSaidToBeBuiltHere() throws Exception {
    others.take(request("one"), build(a, "one"));
    shared = others;
    ImageBuilder.Result second = build(b, "two");
    assertEquals(List.of(), done);
    assertEquals(1, second.work().came());
    assertEquals(List.of("BUILD web", "BASE web: packages, linux/amd64"), others.asked);
    assertEquals(List.of(false, false), ofHere(b, second, "two"));
    ImageBuilder.Result third = build(b, "three");
    assertEquals(List.of(false, false), ofHere(b, third, "three"));
    assertEquals(1, third.work().reused());
    b.profiles().commit("web", 0, third.record().image(), third.recordDigest(), because());
    assertEquals(List.of(), b.check().findings());
    shared = SharedResults.NONE;
    assertEquals(build(a, "three").record().image(), third.record().image());
  }

  @Test
  void aResultOfAnotherLockIsRefusedAndBuiltHere() throws Exception {
    ImageBuilder.Result first = build(a, "one");
    Shareable.Result wrong =
        Shareable.of(a, request("one"), first.record(), first.recordDigest()).stream()
            .filter(each -> each.kind() == Kind.BASE)
            .findFirst()
            .orElseThrow();
    for (Shareable.Result each :
        Shareable.of(a, request("one"), first.record(), first.recordDigest())) {
      // everything is said to be the base
      others.results.put(
          each.key(),
          new Shareable.Result(
              each.key(), Kind.BASE, each.name(), true, wrong.result(), wrong.roots()));
    }
    shared = others;
    ImageBuilder.Result second = build(b, "one");
    assertEquals(List.of("BUILD it is no whole result of that"), others.refused);
    assertEquals(first.record().image(), second.record().image());
    assertEquals(new ImageBuilder.Work(0, 1, second.work().ran()), second.work());
  }

  /** As after an upgrade that raised a version: what was built before is another key's result. */
  @Test
  void aBuildThatItsKeyDidNotGiveIsNotShared() throws Exception {
    ImageBuilder.Result built = build(a, "one");
    Digest other = Digest.of(new byte[] {1});
    assertEquals(
        List.of(Kind.BASE),
        Shareable.of(a, request("one"), built.record(), other).stream()
            .map(Shareable.Result::kind)
            .toList());
  }

  @Test
  void downloadsDoNotWaitForAnAnswerThatIsSlow() throws Exception {
    ImageBuilder.Result first = build(a, "one");
    others.take(request("one"), first);
    fetched = new CountDownLatch(1);
    shared =
        (question, into) ->
            CompletableFuture.supplyAsync(
                () -> {
                  try {
                    fetched.await(); // and never, if nothing is downloaded meanwhile
                    return others.ask(question, into).get();
                  } catch (Exception e) {
                    throw new AssertionError(e);
                  }
                });
    ImageBuilder.Result second = build(b, "one");
    assertEquals(List.of("fetched aa"), done);
    assertEquals(first.recordDigest(), second.recordDigest());
    assertFalse(second.reused());
  }

  private static dev.imgstore.store.Profiles.Because because() {
    return new dev.imgstore.store.Profiles.Because(
        Instant.EPOCH, "tester", "", java.time.Duration.ZERO);
  }
}
