package dev.imgstore.store.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.Digest;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.Platform;
import dev.imgstore.model.Profile;
import dev.imgstore.model.Tree;
import dev.imgstore.store.BuildRecord;
import dev.imgstore.store.BuildRecord.InstalledPackage;
import dev.imgstore.store.Store;
import dev.imgstore.store.Transaction;
import dev.imgstore.store.Trees;
import dev.imgstore.store.disk.DiskStore;
import dev.imgstore.testkit.Facts;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Real processes that ask the catalog of a real store, at once, or until they are killed. */
final class CatalogProcessesTest {
  private static final int DIRECTORIES = 150;
  private static final int KILLS = 8;

  @TempDir Path home;
  private int generations;

  @BeforeEach
  void prepare() throws IOException {
    commit();
  }

  /** One more generation, with many new directories. */
  private void commit() throws IOException {
    int seed = ++generations;
    try (Store store = DiskStore.open(home, notice -> {})) {
      Digest record;
      Digest manifest;
      try (Transaction blobs = store.begin()) {
        byte[] text = "x".getBytes(UTF_8);
        Digest content = blobs.put(text);
        SortedMap<Name, Node> top = new TreeMap<>();
        for (int i = 0; i < DIRECTORIES; i++) {
          SortedMap<Name, Node> entries = new TreeMap<>();
          for (int j = 0; j < 20; j++) {
            Meta meta = Meta.of(0644, seed, i);
            entries.put(Name.of("f" + j), new Node.File(content, text.length, meta));
          }
          String name = i == 0 ? "deep" : "d" + i;
          Node.Directory directory =
              new Node.Directory(Trees.put(blobs, new Tree(entries)), Meta.of(0755, 0, 0));
          top.put(Name.of(name), directory);
        }
        var tree = Trees.put(blobs, new Tree(top));
        manifest =
            blobs.putMetadata(
                ("{\"config\":{\"mediaType\":\"c\",\"digest\":\""
                        + tree
                        + "\",\"size\":3},\"layers\":[]}")
                    .getBytes(UTF_8));
        Digest any = blobs.putMetadata(text);
        BuildRecord made =
            new BuildRecord(
                manifest,
                any,
                Collections.emptySortedMap(),
                any,
                List.of(),
                Collections.emptySortedMap(),
                List.of(
                    new BuildRecord.Part(
                        Platform.parse("linux/amd64"),
                        tree,
                        manifest,
                        List.of(new InstalledPackage("a", "" + seed, "amd64")),
                        List.of())));
        record = blobs.putMetadata(made.encode());
        blobs.flush();
      }
      int current = store.profiles().open("web").map(Profile::current).orElse(0);
      store.profiles().commit("web", current, manifest, record, Facts.because(""));
    }
  }

  private String right() {
    return generations + " " + generations;
  }

  @Test
  @Timeout(180)
  void whoeverIsKilledWhileFeedingTheNextAnswerIsRight() throws Exception {
    assertEquals(right(), AskingProcess.ask(home));
    Random random = new Random(5);
    int during = 0;
    for (int kill = 0; kill < KILLS; kill++) {
      commit();
      if (random.nextBoolean()) {
        Files.deleteIfExists(home.resolve("catalog.mv.db"));
      }
      Process victim = AskingProcess.command("ask", home).start();
      assertEquals('r', victim.getInputStream().read());
      victim.getOutputStream().write('\n');
      victim.getOutputStream().flush();
      Path sum = home.resolve("catalog.sum");
      boolean feeding = Files.exists(sum);
      long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
      while (feeding && Files.exists(sum) && System.nanoTime() < until) {
        Thread.onSpinWait(); // it is about to begin: the sum goes first
      }
      long pause = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(random.nextInt(60));
      while (System.nanoTime() < pause) {
        Thread.onSpinWait();
      }
      victim.destroyForcibly().waitFor();
      during += Files.exists(sum) ? 0 : 1;
      assertEquals(right(), AskingProcess.ask(home), "after kill " + kill);
    }
    assertTrue(during > 1, during + " kills were in the middle of feeding");
  }

  @Test
  @Timeout(180)
  void processesThatAskAtOnceAllGetTheRightAnswer() throws Exception {
    List<Process> asking = new ArrayList<>();
    List<BufferedReader> answers = new ArrayList<>();
    try {
      for (int i = 0; i < 4; i++) {
        Process process = AskingProcess.command("ask", home).start();
        asking.add(process);
        answers.add(process.inputReader(UTF_8));
      }
      for (BufferedReader each : answers) {
        assertEquals("ready", each.readLine());
      }
      for (int round = 0; round < 4; round++) {
        for (Process each : asking) {
          each.getOutputStream().write('\n');
          each.getOutputStream().flush();
        }
        for (BufferedReader each : answers) {
          assertEquals(right(), each.readLine());
        }
        commit();
      }
    } finally {
      asking.forEach(Process::destroyForcibly);
    }
    assertEquals(right(), AskingProcess.ask(home));
  }
}
