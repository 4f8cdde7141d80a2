package dev.imgstore.store.disk;

import dev.imgstore.model.Digest;
import dev.imgstore.model.Generation;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.Platform;
import dev.imgstore.model.Profile;
import dev.imgstore.model.Tree;
import dev.imgstore.model.TreeId;
import dev.imgstore.store.BuildRecord;
import dev.imgstore.store.Collector;
import dev.imgstore.store.FrameStore.Chunk;
import dev.imgstore.store.Profiles;
import dev.imgstore.store.Retention;
import dev.imgstore.store.Root;
import dev.imgstore.store.Store;
import dev.imgstore.store.Transaction;
import dev.imgstore.store.Trees;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Small images, made as a build makes them: trees, a stitched layer, a fetched input, a record. */
final class Images {
  static final Profiles.Because BECAUSE =
      new Profiles.Because(Instant.parse("2024-03-01T12:00:00Z"), "tester", "test");

  private Images() {}

  /** What was put for an image, and not yet made a generation. */
  record Built(Digest image, Digest record) {}

  /** One file for each seed, in a directory of its own; flushed. */
  static Built build(Store store, int length, int... seeds) throws IOException {
    try (Transaction put = store.begin()) {
      Built built = put(put, length, seeds);
      put.flush();
      return built;
    }
  }

  static Built put(Transaction put, int length, int... seeds) throws IOException {
    TreeMap<Name, Node> top = new TreeMap<>();
    ByteArrayOutputStream layer = new ByteArrayOutputStream();
    List<Digest> parts = new ArrayList<>();
    List<Digest> sources = new ArrayList<>();
    for (int seed : seeds) {
      byte[] bytes = Samples.text(seed, length + seed);
      sources.add(put.putVerbatim(new ByteArrayInputStream(Samples.text(-seed, 200))));
      Digest content = put.put(new ByteArrayInputStream(bytes));
      for (Chunk chunk : put.chunks(content)) {
        parts.add(chunk.digest());
        layer.writeBytes(put.frame(chunk.digest()));
      }
      TreeMap<Name, Node> inner = new TreeMap<>();
      inner.put(Name.of("f"), new Node.File(content, bytes.length, Meta.of(0644, 0, 0)));
      top.put(
          Name.of("d" + seed),
          new Node.Directory(Trees.put(put, new Tree(inner)), Meta.of(0755, 0, 0)));
    }
    TreeId tree = Trees.put(put, new Tree(top));
    Digest stitched = Digest.of(layer.toByteArray());
    put.putStitched(stitched, layer.size(), parts);
    Digest config = put.putMetadata(text("{\"config\":\"" + tree.digest() + "\"}"));
    Digest manifest =
        put.putMetadata(
            text(
                "{\"config\":"
                    + descriptor(config)
                    + ",\"layers\":["
                    + descriptor(stitched)
                    + "]}"));
    Digest recipe = put.putMetadata(text("recipe of " + tree.digest()));
    BuildRecord.Part part =
        new BuildRecord.Part(Platform.parse("linux/amd64"), tree, manifest, List.of(), List.of());
    BuildRecord record =
        new BuildRecord(
            manifest, recipe, new TreeMap<>(), recipe, sources, new TreeMap<>(), List.of(part));
    return new Built(manifest, put.putMetadata(record.encode()));
  }

  private static String descriptor(Digest digest) {
    return "{\"mediaType\":\"m\",\"digest\":\"" + digest + "\",\"size\":2}";
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static Generation commit(Store store, String profile, Built built) throws IOException {
    int current = store.profiles().open(profile).map(Profile::current).orElse(0);
    return store.profiles().commit(profile, current, built.image(), built.record(), BECAUSE);
  }

  /** Builds and commits. */
  static Generation commit(Store store, String profile, int length, int... seeds)
      throws IOException {
    return commit(store, profile, build(store, length, seeds));
  }

  /** Keeps the last few of each profile. */
  static Collector.Policy keepAll(Store store, int count) {
    Retention retention = new Retention(List.of(new Retention.KeepLast(count)));
    return new Collector.Policy() {
      @Override
      public Map<String, List<Retention.Verdict>> judge(List<Root> roots) throws IOException {
        Map<String, List<Retention.Verdict>> verdicts = new HashMap<>();
        for (String name : store.profiles().names()) {
          Profile profile = store.profiles().open(name).orElseThrow();
          verdicts.put(name, retention.judge(profile, roots, BECAUSE.when()));
        }
        return verdicts;
      }

      @Override
      public String rule(String profile) {
        return retention.toString();
      }
    };
  }

  /** Keeps the last few of the profile {@code web}, and all others. */
  static Collector.Policy keep(Store store, int count) {
    Retention retention = new Retention(List.of(new Retention.KeepLast(count)));
    return new Collector.Policy() {
      @Override
      public Map<String, List<Retention.Verdict>> judge(List<Root> roots) throws IOException {
        Map<String, List<Retention.Verdict>> verdicts = new HashMap<>();
        Profile web = store.profiles().open("web").orElse(Profile.empty("web"));
        verdicts.put("web", retention.judge(web, roots, BECAUSE.when()));
        return verdicts;
      }

      @Override
      public String rule(String profile) {
        return retention.toString();
      }
    };
  }
}
