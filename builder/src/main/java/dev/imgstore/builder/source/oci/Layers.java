package dev.imgstore.builder.source.oci;

import dev.imgstore.builder.tar.Decompression;
import dev.imgstore.builder.tar.HeldNames;
import dev.imgstore.builder.tar.HostileArchive;
import dev.imgstore.builder.tar.TarEntry;
import dev.imgstore.builder.tar.TarReader;
import dev.imgstore.builder.tar.UnpackLimits;
import dev.imgstore.builder.tree.TreeEditor;
import dev.imgstore.builder.tree.TreeFault;
import dev.imgstore.model.Bytes;
import dev.imgstore.model.Digest;
import dev.imgstore.model.LinkGroups;
import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.TreeId;
import dev.imgstore.model.TreePath;
import dev.imgstore.store.BlobStore;
import java.io.IOException;
import java.io.InputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Layers upon each other as one tree (OCI image-spec 1.1, layer.md): entries replace what is below,
 * whiteouts remove it. Links on the way to an entry are followed inside the tree and nowhere else.
 * A layer's entries are put once all of it was read: whiteouts speak of lower layers only, wherever
 * they stand.
 */
final class Layers {
  private static final String WHITEOUT = ".wh.";
  private static final String OPAQUE = ".wh..wh..opq";
  private static final Decompression.Bounds BOUNDS =
      new Decompression.Bounds(64L << 30, 1000, 1L << 30);

  private static final Digest NOTHING = Digest.of(new byte[0]);

  private final String archive;
  private final BlobStore blobs;
  private final TreeEditor tree;
  private final HeldNames held;
  private int layer;
  private int entries;

  Layers(String archive, BlobStore blobs) {
    this.archive = archive;
    this.blobs = blobs;
    this.tree = TreeEditor.empty(blobs);
    this.held = new HeldNames(archive);
  }

  /**
   * An entry whose bytes are stored.
   *
   * @param content of a file
   */
  private record Taken(TarEntry entry, Digest content) {}

  /** Something with the tree. */
  private interface Change {
    void make() throws IOException;
  }

  private static void guarded(String name, TarEntry entry, Change change) throws IOException {
    try {
      change.make();
    } catch (TreeFault | IllegalArgumentException e) {
      throw new HostileArchive(name, entry.path().text(), String.valueOf(e.getMessage()));
    }
  }

  /** Does something with an entry. */
  private interface Taker {
    void take(TarEntry entry, InputStream content) throws IOException;
  }

  /**
   * Puts a layer on top.
   *
   * @param blob compressed or not
   * @param tar what its tar must be
   */
  void add(Digest blob, Digest tar) throws IOException {
    layer++;
    String name = archive + ", layer " + layer;
    List<Taken> taken = new ArrayList<>();
    read(
        name,
        blob,
        tar,
        (entry, content) -> {
          remove(name, entry);
          boolean file = entry.kind() == TarEntry.Kind.FILE;
          taken.add(new Taken(entry, file ? blobs.put(content) : NOTHING));
        });
    Set<TreePath> seen = new HashSet<>();
    for (Taken each : taken) {
      guarded(name, each.entry(), () -> put(name, each, seen));
    }
  }

  TreeId write() throws IOException {
    return tree.write();
  }

  private void read(String name, Digest blob, Digest tar, Taker taker) throws IOException {
    MessageDigest hash = sha256();
    try (InputStream packed = blobs.open(blob);
        InputStream plain = Decompression.detect(name, packed, BOUNDS);
        TarReader reader = new TarReader(name, new DigestInputStream(plain, hash))) {
      for (Optional<TarEntry> next = reader.next(); next.isPresent(); next = reader.next()) {
        if (++entries > UnpackLimits.MOST_ENTRIES) {
          throw new HostileArchive(name, "", "the image has too many entries");
        }
        TarEntry entry = next.get();
        guarded(name, entry, () -> taker.take(entry, reader.content()));
      }
    }
    if (!Digest.fromRaw(hash.digest()).equals(tar)) {
      throw new IOException(name + " is not the tar " + tar + " that its config names");
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e); // every Java has it
    }
  }

  private TreePath path(String name, TarEntry entry, Bytes path) throws HostileArchive {
    if (path.length() == 0 || path.at(0) == '/') {
      throw new HostileArchive(name, entry.path().text(), "the name " + path + " is absolute");
    }
    held.checkDepth(entry, path);
    return TreePath.parse(path);
  }

  private void remove(String name, TarEntry entry) throws IOException {
    TreePath path = path(name, entry, entry.path());
    String last = path.last().map(each -> each.bytes().text()).orElse("");
    if (!last.startsWith(WHITEOUT)) {
      return;
    }
    TreePath directory = tree.resolve(path.parent());
    if (!tree.isDirectory(directory)) {
      return;
    }
    if (last.equals(OPAQUE)) {
      for (Name each : Set.copyOf(tree.list(directory))) {
        tree.remove(directory.child(each));
      }
      return;
    }
    byte[] raw = path.last().orElseThrow().bytes().toArray();
    int length = raw.length - WHITEOUT.length();
    if (length > 0) {
      tree.remove(directory.child(new Name(Bytes.of(raw, WHITEOUT.length(), length))));
    }
  }

  private void put(String name, Taken taken, Set<TreePath> seen) throws IOException {
    TarEntry entry = taken.entry();
    TreePath told = path(name, entry, entry.path());
    if (told.isRoot() || told.last().orElseThrow().bytes().text().startsWith(WHITEOUT)) {
      return;
    }
    TreePath path = tree.resolveParent(told);
    held.add(entry, 0);
    boolean directory = entry.kind() == TarEntry.Kind.DIRECTORY;
    if (!seen.add(path) && !(directory && tree.isDirectory(path))) {
      throw new HostileArchive(name, entry.path().text(), "the name is there twice");
    }
    if (directory) {
      if (!tree.isDirectory(path)) {
        tree.remove(path);
      }
      tree.putDirectory(path, entry.meta());
      return;
    }
    Node node = node(name, taken);
    tree.remove(path);
    tree.put(path, node);
  }

  private Node node(String name, Taken taken) throws IOException {
    TarEntry entry = taken.entry();
    return switch (entry.kind()) {
      case FILE -> new Node.File(taken.content(), entry.size(), entry.meta());
      case SYMLINK -> new Node.Symlink(entry.target(), entry.meta());
      case FIFO -> new Node.Fifo(entry.meta());
      case HARD_LINK -> linked(name, entry);
      case CHARACTER_DEVICE, BLOCK_DEVICE ->
          new Node.Device(
              entry.major(),
              entry.minor(),
              entry.kind() == TarEntry.Kind.BLOCK_DEVICE,
              entry.meta());
      case DIRECTORY -> throw new AssertionError("a directory is no leaf");
    };
  }

  /** The file's other name; both get a number that no other layer gives. */
  private Node linked(String name, TarEntry entry) throws IOException {
    TreePath target = tree.resolveParent(path(name, entry, entry.target()));
    Node there =
        tree.leaf(target)
            .orElseThrow(
                () ->
                    new HostileArchive(
                        name,
                        entry.path().text(),
                        "it is a hard link to " + target + ", which is no file before"));
    if (!(there instanceof Node.File file)) {
      return there;
    }
    if (file.linkGroup() != 0) {
      return file;
    }
    long group = LinkGroups.of(target.child(Name.of("layer " + layer)));
    Node.File joined = new Node.File(file.content(), file.size(), group, file.meta());
    tree.put(target, joined);
    return joined;
  }
}
