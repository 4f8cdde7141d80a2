package dev.imgstore.sync.cache;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.imgstore.model.ActionKey;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.Platform;
import dev.imgstore.model.Tree;
import dev.imgstore.model.TreeId;
import dev.imgstore.store.BuildRecord;
import dev.imgstore.store.Reachable;
import dev.imgstore.store.Store;
import dev.imgstore.store.Transaction;
import dev.imgstore.store.Trees;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Small builds: a tree with a file for each seed, a fetched input, an image and a record. */
final class Builds {
  private Builds() {}

  static ActionKey key(String of) {
    return new ActionKey(Digest.of(of.getBytes(UTF_8)));
  }

  static byte[] noise(long seed, int length) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  /** A build of that many bytes a file. */
  static Share build(Store store, String name, int length, int... seeds) throws IOException {
    try (Transaction put = store.begin()) {
      TreeId tree = tree(put, length, seeds);
      Digest source = put.putVerbatim(new ByteArrayInputStream(noise(-seeds[0], 700)));
      Digest config = put.putMetadata(("{\"of\":\"" + tree + "\"}").getBytes(UTF_8));
      String blob = "{\"mediaType\":\"a/b\",\"size\":1,\"digest\":\"";
      Digest image =
          put.putMetadata(
              ("{\"config\":" + blob + config + "\"},\"layers\":[" + blob + source + "\"}]}")
                  .getBytes(UTF_8));
      Digest recipe = put.putMetadata(("recipe " + tree).getBytes(UTF_8));
      BuildRecord.Part part =
          new BuildRecord.Part(Platform.parse("linux/amd64"), tree, image, List.of(), List.of());
      Digest record =
          put.putMetadata(
              new BuildRecord(
                      image,
                      recipe,
                      new TreeMap<>(),
                      recipe,
                      List.of(source),
                      new TreeMap<>(),
                      List.of(part))
                  .encode());
      put.flush();
      return new Share(
          key(name + List.of(seeds.length, seeds[0])),
          Kind.BUILD,
          name,
          Origin.BUILT,
          record,
          List.of());
    }
  }

  private static TreeId tree(Transaction put, int length, int... seeds) throws IOException {
    TreeMap<Name, Node> top = new TreeMap<>();
    for (int seed : seeds) {
      Digest content = put.put(noise(seed, length));
      TreeMap<Name, Node> inner = new TreeMap<>();
      inner.put(Name.of("f"), new Node.File(content, length, Meta.of(0644, 0, 0)));
      TreeId directory = Trees.put(put, new Tree(inner));
      top.put(Name.of("d" + seed), new Node.Directory(directory, Meta.of(0755, 0, 0)));
    }
    return Trees.put(put, new Tree(top));
  }

  /** A step's tree of that many bytes a file. */
  static Share step(Store store, String name, int length, int... seeds) throws IOException {
    try (Transaction put = store.begin()) {
      TreeId tree = tree(put, length, seeds);
      put.flush();
      return new Share(key(name), Kind.STEP, name, Origin.BUILT, tree.digest(), List.of());
    }
  }

  /** All that a result reaches. */
  static Set<Digest> reached(Store store, Digest result) throws IOException {
    List<Digest> missing = new ArrayList<>();
    Reachable reachable = new Reachable(store.blobs(), (blob, why) -> missing.add(blob));
    reachable.markTold(result, "it");
    if (!missing.isEmpty()) {
      throw new AssertionError("missing: " + missing);
    }
    return new TreeSet<>(reachable.digests());
  }
}
