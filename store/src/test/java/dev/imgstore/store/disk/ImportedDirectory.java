package dev.imgstore.store.disk;

import dev.imgstore.model.Bytes;
import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.Tree;
import dev.imgstore.model.TreeId;
import dev.imgstore.store.Transaction;
import dev.imgstore.store.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A directory of files of every kind, and a store that it is imported into. */
abstract class ImportedDirectory {
  /** So long after the tests have written their files that all of them are settled. */
  final Instant later = Instant.now().plus(Duration.ofHours(1));

  @TempDir Path temporary;
  final ExecutorService pool = Executors.newFixedThreadPool(2);
  Path home;
  Path source;
  DiskStore store;

  @BeforeEach
  void open() throws IOException {
    home = temporary.resolve("store");
    source = Files.createDirectory(temporary.resolve("source"));
    store = DiskStore.open(home, notice -> {});
  }

  @AfterEach
  void close() throws IOException {
    store.close();
    pool.shutdownNow();
  }

  ImportedTree take(Instant now) throws IOException {
    return take(now, new ImportRequest.Caller() {});
  }

  ImportedTree take(Instant now, ImportRequest.Caller caller) throws IOException {
    try (Transaction into = store.begin()) {
      ImportedTree taken =
          store.importDirectory(
              new ImportRequest(source, ImportRequest.Keeps.EVERYTHING, home, now, pool, 2, caller),
              into);
      into.flush();
      taken.remember();
      return taken;
    }
  }

  CheckedOut checkOut(TreeId tree, Path target) throws IOException {
    return store.checkOut(
        new CheckoutRequest(
            tree, target, CheckoutRequest.Owners.OURS, pool, 2, CheckoutRequest.Watcher.NONE));
  }

  Tree root(TreeId id) throws IOException {
    return Trees.read(store.blobs(), id);
  }

  Node node(TreeId id, String name) throws IOException {
    return Objects.requireNonNull(root(id).entries().get(Name.of(name)), name);
  }

  void variety() throws IOException {
    Files.writeString(source.resolve("plain"), "text");
    Files.setAttribute(source.resolve("plain"), "unix:mode", 04751);
    Files.write(source.resolve("large"), Samples.text(3, 700_000));
    Files.createFile(source.resolve("empty"));
    Path below = Files.createDirectories(source.resolve("a/b"));
    Files.writeString(below.resolve("x"), "linked");
    Files.createLink(source.resolve("second name"), below.resolve("x"));
    Files.createLink(source.resolve("a/third"), below.resolve("x"));
    Files.createSymbolicLink(source.resolve("out"), Path.of("../../etc/passwd"));
    Files.createSymbolicLink(
        source.resolve("a/dangling"), HostPaths.target(Bytes.utf8("q//r/")).orElseThrow());
    Files.createFile(HostPaths.child(below, new Name(Bytes.of(new byte[] {(byte) 0xff, 'z'}))));
    Files.setAttribute(below, "unix:mode", 01500);
  }
}
