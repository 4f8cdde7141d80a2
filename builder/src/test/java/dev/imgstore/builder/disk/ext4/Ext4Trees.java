package dev.imgstore.builder.disk.ext4;

import dev.imgstore.builder.tree.TreeEditor;
import dev.imgstore.model.Bytes;
import dev.imgstore.model.Digest;
import dev.imgstore.model.LinkGroups;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.TreeId;
import dev.imgstore.model.TreePath;
import dev.imgstore.store.BlobStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Random trees of every kind of entry, with names, numbers and attributes at the edges of what ext4
 * and Linux take.
 */
public final class Ext4Trees {
  private static final byte[] CAPABILITY = {
    1, 0, 0, 2, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
  };

  private final Random random;
  private final TreeEditor editor;
  private final List<TreePath> directories = new ArrayList<>(List.of(TreePath.ROOT));

  private Ext4Trees(Random random, TreeEditor editor) {
    this.random = random;
    this.editor = editor;
  }

  /** So many entries, the same ones for the same seed. */
  public static TreeId random(long seed, int count, BlobStore blobs) throws IOException {
    TreeEditor editor = TreeEditor.empty(blobs);
    Ext4Trees trees = new Ext4Trees(new Random(seed), editor);
    for (int i = 0; i < count; i++) {
      trees.add();
    }
    return editor.write();
  }

  /** A request with the identity of the tree and a plain root. */
  static Ext4Request request(TreeId tree, Ext4Space space) {
    return new Ext4Request(
        tree, Meta.of(0755, 0, 0), space, new Ext4Identity(tree.digest(), "root", 315_532_800L));
  }

  private void add() throws IOException {
    TreePath path = free();
    switch (random.nextInt(9)) {
      case 0, 1 -> {
        editor.putDirectory(path, Meta.of(random.nextInt(010000), owner(), owner()));
        editor.setMeta(path, meta(true));
        directories.add(path);
      }
      case 2 -> editor.put(path, new Node.Symlink(target(), Meta.of(0777, owner(), owner())));
      case 3 ->
          editor.put(
              path,
              new Node.Device(number(4096), number(1 << 20), random.nextBoolean(), meta(false)));
      case 4 -> editor.put(path, new Node.Fifo(meta(false)));
      case 5 -> link(path);
      default -> editor.put(path, file(0));
    }
  }

  private int number(int limit) {
    return random.nextInt(random.nextBoolean() ? 256 : limit);
  }

  private TreePath free() throws IOException {
    TreePath path = TreePath.ROOT;
    while (path.isRoot() || editor.exists(path)) {
      path = directories.get(random.nextInt(directories.size())).child(name());
    }
    return path;
  }

  private void link(TreePath path) throws IOException {
    TreePath other = free();
    if (!other.equals(path)) {
      Node.File file = file(LinkGroups.of(path.compareTo(other) < 0 ? path : other));
      editor.put(path, file);
      editor.put(other, file);
    }
  }

  private Node.File file(long group) throws IOException {
    byte[] content =
        new byte[random.nextInt(10) == 0 ? random.nextInt(3_000_000) : random.nextInt(9000)];
    for (int i = 0; i < content.length; i++) {
      content[i] = (byte) (random.nextInt(4) + (i >> 9));
    }
    Digest digest = editor.blobs().put(content);
    return new Node.File(digest, content.length, group, meta(true));
  }

  /** User attributes can only be read of files and directories. */
  private Meta meta(boolean user) {
    SortedMap<Name, Bytes> xattrs = new TreeMap<>();
    if (random.nextInt(3) == 0) {
      byte[] value = new byte[1 + random.nextInt(random.nextInt(4) == 0 ? 2000 : 20)];
      random.nextBytes(value);
      xattrs.put(Name.of("trusted.t" + random.nextInt(10)), Bytes.of(value));
      if (user) {
        xattrs.put(Name.of("user.\u00e9" + random.nextInt(10)), Bytes.of(value));
        xattrs.put(Name.of("security.capability"), Bytes.of(CAPABILITY));
      }
    }
    return new Meta(random.nextInt(010000), owner(), owner(), xattrs);
  }

  private int owner() {
    return switch (random.nextInt(4)) {
      case 0 -> 65_534 + random.nextInt(4);
      case 1 -> random.nextInt() & Integer.MAX_VALUE;
      default -> random.nextInt(100);
    };
  }

  private Bytes target() {
    int[] lengths = {1, 59, 60, 61, 4095, 1 + random.nextInt(100)};
    byte[] target = new byte[lengths[random.nextInt(lengths.length)]];
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

  /** A name of 255 bytes that ends in a number. */
  public static Name longName(int number) {
    byte[] name = "x".repeat(255).getBytes(StandardCharsets.US_ASCII);
    byte[] digits = Integer.toString(number).getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(digits, 0, name, name.length - digits.length, digits.length);
    return new Name(Bytes.of(name));
  }
}
