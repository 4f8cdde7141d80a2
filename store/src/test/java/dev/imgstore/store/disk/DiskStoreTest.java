package dev.imgstore.store.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.Digest;
import dev.imgstore.model.Generation;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.Platform;
import dev.imgstore.model.Profile;
import dev.imgstore.model.RelPath;
import dev.imgstore.model.Tree;
import dev.imgstore.model.TreeId;
import dev.imgstore.store.BuildRecord;
import dev.imgstore.store.CheckReport.Finding;
import dev.imgstore.store.Profiles;
import dev.imgstore.store.StoreException;
import dev.imgstore.store.Transaction;
import dev.imgstore.store.Trees;
import dev.imgstore.testkit.Call;
import dev.imgstore.testkit.CrashSweep;
import dev.imgstore.testkit.FaultyFilesystem;
import dev.imgstore.testkit.MemoryFilesystem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskStoreTest {
  private static final Profiles.Because BECAUSE =
      new Profiles.Because(Instant.EPOCH, "tester", "test");
  @TempDir Path home;

  private static void ignore(String notice) {}

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** A generation with one file, whose content differs by seed, all of it flushed before. */
  private static Generation commit(DiskStore store, int seed) throws IOException {
    byte[] bytes = Samples.text(seed, 200);
    try (Transaction put = store.begin()) {
      TreeMap<Name, Node> entries = new TreeMap<>();
      entries.put(Name.of("f"), new Node.File(put.put(bytes), 200, Meta.of(0644, 0, 0)));
      TreeId tree = Trees.put(put, new Tree(entries));
      Digest config = put.putMetadata(ascii("{}"));
      Digest manifest =
          put.putMetadata(
              ascii(
                  "{\"config\":{\"mediaType\":\"c\",\"digest\":\""
                      + config
                      + "\",\"size\":2},\"layers\":[]}"));
      Digest text = put.putMetadata(ascii("recipe or lock"));
      BuildRecord.Part part =
          new BuildRecord.Part(Platform.parse("linux/amd64"), tree, manifest, List.of(), List.of());
      BuildRecord record =
          new BuildRecord(
              manifest, text, new TreeMap<>(), text, List.of(), new TreeMap<>(), List.of(part));
      Digest name = put.putMetadata(record.encode());
      put.flush();
      int current = store.profiles().open("web").map(Profile::current).orElse(0);
      return store.profiles().commit("web", current, manifest, name, BECAUSE);
    }
  }

  @Test
  void aGenerationIsThereAfterOpeningAgainAndTheStoreIsWell() throws IOException {
    Generation made;
    try (DiskStore store = DiskStore.open(home, DiskStoreTest::ignore)) {
      made = commit(store, 1);
    }
    try (DiskStore store = DiskStore.open(home, DiskStoreTest::ignore)) {
      assertEquals(List.of(made), store.profiles().open("web").orElseThrow().generations());
      assertEquals(1, store.journal().list().size());
      assertEquals(List.of(), store.check().findings());
      assertEquals(0, commit(store, 1).number() - 2);
    }
  }

  @Test
  void whatAGenerationNeedsAndIsNotThereIsNamed() throws IOException {
    MemoryFilesystem files = new MemoryFilesystem();
    try (DiskStore store = DiskStore.open(files, DiskStoreTest::ignore)) {
      commit(store, 1);
      for (RelPath file : files.list(Purpose.DIRECTORY)) {
        if (Purpose.of(file).orElseThrow() == Purpose.CONTENT) {
          files.delete(file);
        }
      }
    }
    try (DiskStore store = DiskStore.open(files, DiskStoreTest::ignore)) {
      List<Finding> findings = store.check().findings();
      assertEquals(1, findings.size(), findings.toString());
      assertEquals("it is missing", findings.get(0).fault());
      assertEquals(List.of("/f (linux/amd64)"), findings.get(0).uses());
      assertEquals(List.of("web@1"), findings.get(0).neededBy());
      assertEquals(Digest.of(Samples.text(1, 200)).toString(), findings.get(0).what());
    }
  }

  @Test
  void aLaterLayoutIsRefused() throws IOException {
    DiskStore.open(home, DiskStoreTest::ignore).close();
    Files.writeString(home.resolve("format"), "3\n");
    StoreException.UnknownFormat refused =
        assertThrows(
            StoreException.UnknownFormat.class, () -> DiskStore.open(home, DiskStoreTest::ignore));
    assertEquals(
        "the store "
            + home
            + " has layout 3, this imgstore reads layout 2; use the imgstore that made it",
        refused.getMessage());
  }

  @Test
  void aDirectoryWithOtherThingsIsNotMadeAStore() throws IOException {
    Files.writeString(home.resolve("thesis.tex"), "x");
    assertThrows(
        StoreException.UnknownFormat.class, () -> DiskStore.open(home, DiskStoreTest::ignore));
    try (var left = Files.list(home)) {
      assertEquals(List.of(home.resolve("thesis.tex")), left.toList());
    }
  }

  @Test
  void aTmpOfSomebodyElseIsNotTaken() throws IOException {
    Path work = Files.createDirectories(home.resolve("tmp/work"));
    Files.writeString(work.resolve("draft"), "x");
    assertThrows(
        StoreException.UnknownFormat.class, () -> DiskStore.open(home, DiskStoreTest::ignore));
    assertEquals("x", Files.readString(work.resolve("draft")));
  }

  @Test
  void whatIsNotOursInTmpIsLeftAlone() throws IOException {
    try (DiskStore store = DiskStore.open(home, DiskStoreTest::ignore)) {
      Path work = Files.createDirectories(home.resolve("tmp/work"));
      Files.writeString(work.resolve("draft"), "x");
      commit(store, 1);
      assertEquals("x", Files.readString(work.resolve("draft")));
    }
  }

  /** The other process makes the store, and a generation, after this one has found no format. */
  @Test
  void whoComesLateToTheMakingOfAStoreSeesThatItIsOne() throws IOException {
    MemoryFilesystem disk = new MemoryFilesystem();
    boolean[] made = {false};
    Filesystem late =
        FaultyFilesystem.forgetting(
            disk,
            Call.LIST,
            path -> {
              if (path.isRoot() && !made[0]) {
                made[0] = true;
                try (DiskStore other = DiskStore.open(disk, DiskStoreTest::ignore)) {
                  commit(other, 1);
                } catch (IOException e) {
                  throw new java.io.UncheckedIOException(e);
                }
              }
              return false;
            });
    try (DiskStore store = DiskStore.open(late, DiskStoreTest::ignore)) {
      assertTrue(made[0]);
      assertEquals(List.of("web"), store.profiles().names());
    }
  }

  @Test
  void severalMayMakeAndFillTheSameStoreAtOnce() throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(4);
    List<Future<Digest>> all = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      int seed = i / 2;
      all.add(
          pool.submit(
              () -> {
                try (DiskStore store = DiskStore.open(home.resolve("new"), DiskStoreTest::ignore);
                    Transaction put = store.begin()) {
                  Digest digest = put.put(Samples.text(seed, 1000));
                  put.flush();
                  return digest;
                }
              }));
    }
    for (Future<Digest> each : all) {
      each.get();
    }
    pool.shutdown();
    try (DiskStore store = DiskStore.open(home.resolve("new"), DiskStoreTest::ignore)) {
      for (Future<Digest> each : all) {
        assertTrue(store.blobs().has(each.get()));
      }
      assertEquals(List.of(), store.check().findings());
    }
  }

  private static void commitTwice(Filesystem files, Consumer<Generation> acknowledged)
      throws IOException {
    try (DiskStore store = DiskStore.open(files, DiskStoreTest::ignore)) {
      acknowledged.accept(commit(store, 1));
      acknowledged.accept(commit(store, 2));
    }
  }

  private static void laws(Filesystem files, List<Generation> acknowledged) throws IOException {
    try (DiskStore store = DiskStore.open(files, DiskStoreTest::ignore)) {
      List<Generation> there =
          store.profiles().open("web").map(Profile::generations).orElse(List.of());
      assertTrue(there.containsAll(acknowledged), () -> there + " lacks one of " + acknowledged);
      assertEquals(List.of(), store.check().findings());
    }
  }

  @Test
  void whateverTheMomentOfTheCrashEveryGenerationIsWhole() {
    CrashSweep.Report report =
        new CrashSweep(new MemoryFilesystem(), 2)
            .run(DiskStoreTest::commitTwice, DiskStoreTest::laws);
    assertTrue(report.operations() > 50, report.toString());
  }

  @Test
  void withoutTheSyncOfSegmentsAGenerationLosesItsBlobs() {
    assertThrows(
        AssertionError.class,
        () ->
            new CrashSweep(new MemoryFilesystem(), 8)
                .run(
                    (Filesystem files, Consumer<Generation> acknowledged) ->
                        commitTwice(
                            FaultyFilesystem.forgetting(
                                files, Call.SYNC, path -> path.equals(Purpose.DIRECTORY)),
                            acknowledged),
                    DiskStoreTest::laws));
  }
}
