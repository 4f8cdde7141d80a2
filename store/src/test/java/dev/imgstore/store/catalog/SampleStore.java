package dev.imgstore.store.catalog;

import dev.imgstore.model.Digest;
import dev.imgstore.model.Generation;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.Platform;
import dev.imgstore.model.Profile;
import dev.imgstore.model.Switch;
import dev.imgstore.model.Tree;
import dev.imgstore.model.TreeId;
import dev.imgstore.model.TreePath;
import dev.imgstore.store.BlobReader;
import dev.imgstore.store.BuildRecord;
import dev.imgstore.store.BuildRecord.InstalledPackage;
import dev.imgstore.store.Journal;
import dev.imgstore.store.StoreException;
import dev.imgstore.store.Trees;
import dev.imgstore.testkit.Facts;
import dev.imgstore.testkit.MemoryBlobStore;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** What a catalog is made from, in memory, to be changed and damaged at will. */
final class SampleStore implements Truth {
  static final Platform AMD = Platform.parse("linux/amd64");
  static final Platform ARM = Platform.parse("linux/arm64");
  private static final Meta DIRECTORY = Meta.of(0755, 0, 0);

  private final MemoryBlobStore blobs = new MemoryBlobStore();
  private final SortedMap<String, Profile> profiles = new TreeMap<>();
  private final List<Journal.Entry> journal = new ArrayList<>();
  private final Set<Digest> gone = new HashSet<>();
  private final String name;

  /** Stores of different names have different journals. */
  SampleStore(String name) {
    this.name = name;
  }

  /** What a part is made of: packages as {@code name version}, nodes by path. */
  record Content(List<String> packages, SortedMap<String, Node> nodes) {}

  static Content content(List<String> packages, Map<String, Node> nodes) {
    return new Content(packages, new TreeMap<>(nodes));
  }

  Node file(String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return new Node.File(blobs.put(bytes), bytes.length, Meta.of(0644, 1, 2));
  }

  static Node link(String target) {
    return new Node.Symlink(dev.imgstore.model.Bytes.utf8(target), Meta.of(0777, 0, 0));
  }

  TreeId tree(SortedMap<String, Node> nodes) throws IOException {
    SortedMap<TreePath, Node> paths = new TreeMap<>();
    nodes.forEach((path, node) -> paths.put(TreePath.of(path), node));
    return tree(paths, TreePath.ROOT);
  }

  private TreeId tree(SortedMap<TreePath, Node> paths, TreePath at) throws IOException {
    SortedMap<Name, Node> entries = new TreeMap<>();
    int depth = at.names().size();
    for (Map.Entry<TreePath, Node> each : paths.entrySet()) {
      if (each.getKey().startsWith(at) && each.getKey().names().size() > depth) {
        Name name = each.getKey().names().get(depth);
        if (each.getKey().names().size() == depth + 1) {
          entries.put(name, each.getValue());
        } else if (!entries.containsKey(name)) {
          entries.put(name, new Node.Directory(tree(paths, at.child(name)), DIRECTORY));
        }
      }
    }
    return Trees.put(blobs, new Tree(entries));
  }

  /** Commits a generation. */
  Generation commit(String profile, SortedMap<Platform, Content> parts) throws IOException {
    List<BuildRecord.Part> made = new ArrayList<>();
    for (Map.Entry<Platform, Content> each : parts.entrySet()) {
      TreeId tree = tree(each.getValue().nodes());
      Digest manifest = blobs.put(manifest(tree).getBytes(StandardCharsets.UTF_8));
      List<InstalledPackage> packages = new ArrayList<>();
      for (String one : each.getValue().packages()) {
        String[] words = one.split(" ", -1);
        packages.add(new InstalledPackage(words[0], words[1], each.getKey().architecture()));
      }
      made.add(new BuildRecord.Part(each.getKey(), tree, manifest, packages, List.of()));
    }
    Digest image = made.get(0).manifest();
    Digest any = Facts.digest("recipe");
    BuildRecord record =
        new BuildRecord(
            image,
            any,
            Collections.emptySortedMap(),
            any,
            List.of(),
            Collections.emptySortedMap(),
            made);
    Profile before = profiles.getOrDefault(profile, Profile.empty(profile));
    Generation generation =
        new Generation(
            before.next(),
            image,
            blobs.put(record.encode()),
            now(),
            "ann",
            "why 'not'\\ \u00e9",
            Duration.ofMillis(1500));
    List<Generation> generations = new ArrayList<>(before.generations());
    generations.add(generation);
    int next = before.next() + 1;
    profiles.put(
        profile,
        new Profile(
            profile,
            generation.number(),
            next,
            generations,
            history(before, Switch.Kind.BUILD, generation.number())));
    journal("generation", profile);
    return generation;
  }

  private List<Switch> history(Profile before, Switch.Kind kind, int to) {
    List<Switch> history = new ArrayList<>(before.history());
    history.add(new Switch(kind, before.current(), to, now(), "ann", "because"));
    return history;
  }

  /** Commits a generation of one platform. */
  Generation commit(String profile, List<String> packages, Map<String, Node> nodes)
      throws IOException {
    return commit(profile, new TreeMap<>(Map.of(AMD, content(packages, nodes))));
  }

  private static String manifest(TreeId tree) {
    return "{\"config\":{\"mediaType\":\"c\",\"digest\":\""
        + tree
        + "\",\"size\":3},\"layers\":[{\"mediaType\":\"l\",\"digest\":\""
        + tree
        + "\",\"size\":1000}]}";
  }

  private Instant now() {
    return Instant.parse("2026-01-02T03:04:05.123456789Z").plusSeconds(journal.size());
  }

  private void journal(String kind, String subject) {
    long sequence = journal.size() + 1L;
    String hash = Facts.digest(name + sequence + kind + subject).hex();
    journal.add(new Journal.Entry(sequence, hash, now(), "ann", "", kind, subject, "{}"));
  }

  /** Makes another generation current. */
  void makeCurrent(String profile, int number) {
    Profile before = profiles.getOrDefault(profile, Profile.empty(profile));
    profiles.put(
        profile,
        new Profile(
            profile,
            number,
            before.next(),
            before.generations(),
            history(before, Switch.Kind.SWITCH, number)));
    journal("switch", profile);
  }

  /** Drops generations; which is none of the current ones. */
  void drop(String profile, Set<Integer> numbers) {
    Profile before = profiles.getOrDefault(profile, Profile.empty(profile));
    List<Generation> left =
        before.generations().stream().filter(each -> !numbers.contains(each.number())).toList();
    profiles.put(
        profile, new Profile(profile, before.current(), before.next(), left, before.history()));
    journal("drop", profile);
  }

  /** Removes a whole profile. */
  void remove(String profile) {
    profiles.remove(profile);
    journal("drop", profile);
  }

  /** Forgets the last entries of the journal. */
  void forget(int entries) {
    for (int i = 0; i < entries; i++) {
      journal.remove(journal.size() - 1);
    }
  }

  /** From now on a blob is missing. */
  void lose(Digest blob) {
    gone.add(blob);
  }

  /** The blob is there again. */
  void find(Digest blob) {
    gone.remove(blob);
  }

  @Override
  public List<Journal.Entry> journal() {
    return List.copyOf(journal);
  }

  @Override
  public List<String> names() {
    return List.copyOf(profiles.keySet());
  }

  @Override
  public Optional<Profile> profile(String profile) {
    return Optional.ofNullable(profiles.get(profile));
  }

  @Override
  public BlobReader blobs() {
    return new BlobReader() {
      @Override
      public boolean has(Digest blob) {
        return !gone.contains(blob) && blobs.has(blob);
      }

      @Override
      public long size(Digest blob) throws IOException {
        require(blob);
        return blobs.size(blob);
      }

      @Override
      public InputStream open(Digest blob) throws IOException {
        require(blob);
        return blobs.open(blob);
      }

      private void require(Digest blob) throws IOException {
        if (gone.contains(blob)) {
          throw new StoreException.MissingBlob(blob);
        }
      }
    };
  }
}
