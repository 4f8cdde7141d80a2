package dev.imgstore.builder.pack;

import dev.imgstore.model.Bytes;
import dev.imgstore.model.Digest;
import dev.imgstore.model.LinkGroups;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.Tree;
import dev.imgstore.model.TreeCodec;
import dev.imgstore.model.TreeId;
import dev.imgstore.model.TreePath;
import dev.imgstore.store.BlobStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;

/** Entries of every kind with names and numbers at the edges of what a tar can say. */
final class RandomTrees {
  static final TreeId NOTHING = TreeCodec.id(Tree.EMPTY);

  private final Random random;
  private final BlobStore blobs;
  private final SortedMap<TreePath, Node> entries = new TreeMap<>();
  private final List<TreePath> directories = new ArrayList<>(List.of(TreePath.ROOT));

  private RandomTrees(Random random, BlobStore blobs) {
    this.random = random;
    this.blobs = blobs;
  }

  static SortedMap<TreePath, Node> entries(long seed, int count, BlobStore blobs)
      throws IOException {
    RandomTrees trees = new RandomTrees(new Random(seed), blobs);
    for (int i = 0; i < count; i++) {
      trees.add();
    }
    return trees.entries;
  }

  static SortedMap<TreePath, Long> times(long seed, SortedMap<TreePath, Node> entries) {
    Random random = new Random(seed);
    SortedMap<TreePath, Long> times = new TreeMap<>();
    for (TreePath path : entries.keySet()) {
      boolean linked = entries.get(path) instanceof Node.File f && f.linkGroup() != 0;
      if (!linked && random.nextInt(4) == 0) {
        times.put(path, random.nextBoolean() ? random.nextInt() : random.nextLong() >> 20);
      }
    }
    return times;
  }

  private void add() throws IOException {
    TreePath path = directories.get(random.nextInt(directories.size())).child(name());
    if (entries.containsKey(path)) {
      return;
    }
    switch (random.nextInt(8)) {
      case 0 -> {
        entries.put(path, new Node.Directory(NOTHING, meta()));
        directories.add(path);
      }
      case 1 -> entries.put(path, new Node.Symlink(target(), meta()));
      case 2 ->
          entries.put(
              path,
              new Node.Device(
                  random.nextInt(4096), random.nextInt(1 << 20), random.nextBoolean(), meta()));
      case 3 -> entries.put(path, new Node.Fifo(meta()));
      case 4 -> link(path);
      default -> entries.put(path, file(0));
    }
  }

  private void link(TreePath path) throws IOException {
    TreePath other = directories.get(random.nextInt(directories.size())).child(name());
    if (other.equals(path) || entries.containsKey(other)) {
      return;
    }
    Node.File file = file(LinkGroups.of(path.compareTo(other) < 0 ? path : other));
    entries.put(path, file);
    entries.put(other, file);
  }

  private Node.File file(long group) throws IOException {
    byte[] content =
        new byte[random.nextInt(10) == 0 ? random.nextInt(200_000) : random.nextInt(1500)];
    for (int i = 0; i < content.length; i++) {
      content[i] = (byte) (random.nextInt(4) + (i >> 9));
    }
    Digest digest = blobs.put(content);
    return new Node.File(digest, content.length, group, meta());
  }

  private Meta meta() {
    SortedMap<Name, Bytes> xattrs = new TreeMap<>();
    if (random.nextInt(5) == 0) {
      byte[] value = new byte[1 + random.nextInt(random.nextInt(4) == 0 ? 2000 : 20)];
      random.nextBytes(value);
      xattrs.put(Name.of("security.capability"), Bytes.of(value));
      xattrs.put(Name.of("user.\u00e9" + random.nextInt(10)), Bytes.of(value));
    }
    return new Meta(random.nextInt(010000), owner(), owner(), xattrs);
  }

  private int owner() {
    return switch (random.nextInt(4)) {
      case 0 -> 3_000_000 + random.nextInt(1000);
      case 1 -> 2_097_151 + random.nextInt(2);
      case 2 -> random.nextInt() & Integer.MAX_VALUE;
      default -> random.nextInt(100);
    };
  }

  private Bytes target() {
    byte[] target = new byte[1 + random.nextInt(random.nextBoolean() ? 20 : 4095)];
    for (int i = 0; i < target.length; i++) {
      target[i] = (byte) (1 + random.nextInt(255));
    }
    return Bytes.of(target);
  }

  private Name name() {
    byte[] name = new byte[1 + random.nextInt(random.nextBoolean() ? 10 : 255)];
    for (int i = 0; i < name.length; i++) {
      name[i] =
          (byte) (random.nextInt(3) == 0 ? 128 + random.nextInt(128) : 'a' + random.nextInt(26));
    }
    return new Name(Bytes.of(name));
  }
}
