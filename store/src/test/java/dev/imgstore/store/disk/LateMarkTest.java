package dev.imgstore.store.disk;

import static dev.imgstore.store.disk.Images.BECAUSE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.Digest;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.RelPath;
import dev.imgstore.model.Tree;
import dev.imgstore.model.TreeId;
import dev.imgstore.store.Collector;
import dev.imgstore.store.ImageManifest;
import dev.imgstore.store.StoreException;
import dev.imgstore.store.Transaction;
import dev.imgstore.store.Trees;
import dev.imgstore.testkit.MeddlingFilesystem;
import dev.imgstore.testkit.MemoryFilesystem;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What a pin needs, and what comes while a collection runs. */
class LateMarkTest {
  private static final Clock CLOCK = Clock.fixed(BECAUSE.when(), ZoneOffset.UTC);

  private static DiskStore open(Filesystem files) throws IOException {
    return DiskStore.open(files, notice -> {});
  }

  private static void collect(Filesystem files) throws IOException {
    try (DiskStore store = open(files);
        Collector collector = store.collector()) {
      collector.apply(collector.plan(Collector.Policy.ALL, OptionalLong.empty()), BECAUSE, CLOCK);
    }
  }

  private static Digest manifest(Transaction put, String type, Digest layer) throws IOException {
    Digest config = put.putMetadata("{}".getBytes(StandardCharsets.UTF_8));
    String text =
        "{\"config\":{\"mediaType\":\"c\",\"digest\":\""
            + config
            + "\",\"size\":2},"
            + "\"layers\":[{\"mediaType\":\""
            + type
            + "\",\"digest\":\""
            + layer
            + "\",\"size\":2}]}";
    return put.putMetadata(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void belowADamagedTreeThatAPinNeedsNothingIsRemoved() throws IOException {
    MemoryFilesystem disk = new MemoryFilesystem();
    byte[] text = Samples.text(1, 3000);
    TreeId tree;
    try (DiskStore store = open(disk);
        Transaction put = store.begin()) {
      TreeMap<Name, Node> nodes = new TreeMap<>();
      nodes.put(Name.of("f"), new Node.File(put.put(text), text.length, Meta.of(0644, 0, 0)));
      tree = Trees.put(put, new Tree(nodes));
      Digest image = manifest(put, ImageManifest.TREE, tree.digest());
      put.flush();
      store.roots().pin("p", image, BECAUSE);
    }
    for (RelPath each : disk.list(Purpose.DIRECTORY)) {
      byte[] bytes = Rot.bytes(disk, each);
      java.nio.ByteBuffer end = java.nio.ByteBuffer.wrap(bytes, bytes.length - 64, 64).slice();
      int at = (int) end.getLong(0);
      for (int i = 0; i < end.getLong(8); i++, at += 64) {
        byte[] digest = Arrays.copyOfRange(bytes, at, at + 32);
        if (Arrays.equals(tree.digest().raw(), digest)) {
          bytes[(int) java.nio.ByteBuffer.wrap(bytes).getLong(at + 40) + 20] ^= 1;
          Rot.replace(disk, each, bytes);
        }
      }
    }
    try {
      collect(disk);
    } catch (StoreException e) {
      // right: what a root needs cannot be read
    }
    try (DiskStore store = open(disk)) {
      assertTrue(store.blobs().has(Digest.of(text)), "the pinned file is gone");
    }
  }

  @Test
  void aListThatComesForABlobThatIsKeptAlreadyHasItsParts() throws IOException {
    MemoryFilesystem start = new MemoryFilesystem();
    byte[] longer = Samples.text(3, 900_000);
    byte[] blob = Arrays.copyOf(longer, 600_000);
    try (DiskStore store = open(start);
        Transaction put = store.begin()) {
      Digest source = put.putVerbatim(new ByteArrayInputStream(blob));
      Digest image = manifest(put, "m", source);
      put.flush();
      store.roots().pin("p", image, BECAUSE);
    }
    try (DiskStore store = open(start);
        Transaction put = store.begin()) {
      put.put(new ByteArrayInputStream(longer)); // nothing needs it
      put.flush();
    }
    MeddlingFilesystem whole = new MeddlingFilesystem(start.afterKill(), 0, () -> true);
    collect(whole);
    List<String> failed = new ArrayList<>();
    for (int call = 1; call <= whole.calls(); call++) {
      MemoryFilesystem disk = start.afterKill();
      collect(new MeddlingFilesystem(disk, call, () -> put(disk, blob)));
      try {
        collect(disk);
      } catch (IOException e) {
        failed.add("at call " + call + ": " + e.getMessage());
      }
    }
    assertEquals(List.of(), failed);
  }

  /** Another process, which is told of the parts, and ends without a generation. */
  private static boolean put(MemoryFilesystem disk, byte[] blob) {
    try {
      for (String lock : List.of("lock", "journal.lock", "tmp/lock", "actions/lock")) {
        var free = disk.tryLock(RelPath.of(lock));
        if (free.isEmpty()) {
          return false;
        }
        free.get().close();
      }
      try (DiskStore store = open(disk);
          Transaction put = store.begin()) {
        put.put(new ByteArrayInputStream(blob));
        put.flush();
      }
      return true;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
