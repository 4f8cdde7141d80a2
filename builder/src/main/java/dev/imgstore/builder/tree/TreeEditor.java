package dev.imgstore.builder.tree;

import dev.imgstore.builder.tree.Slot.Dir;
import dev.imgstore.builder.tree.Slot.Leaf;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.Tree;
import dev.imgstore.model.TreeId;
import dev.imgstore.model.TreePath;
import dev.imgstore.store.BlobStore;
import dev.imgstore.store.Trees;
import java.io.IOException;
import java.util.Collections;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A tree being changed in memory. Directories are read from the store when someone looks into them,
 * and {@link #write} stores only those that changed. Not for several threads at once.
 *
 * <p>Paths are taken as they are: no link is followed, and a link or file where a directory is
 * needed is a {@link TreeFault}. Whoever wants links followed says so with {@link #resolve} or
 * {@link #resolveParent}, which never leave the tree.
 */
public final class TreeEditor {
  /** A directory without anything special: 0755, owned by root. */
  public static final Meta PLAIN_DIRECTORY = Meta.of(0755, 0, 0);

  private final BlobStore blobs;
  private final Dir root;

  private TreeEditor(BlobStore blobs, Dir root) {
    this.blobs = blobs;
    this.root = root;
  }

  /** Begins with nothing. */
  public static TreeEditor empty(BlobStore blobs) {
    return new TreeEditor(blobs, Dir.empty(PLAIN_DIRECTORY));
  }

  /** Begins with a stored tree. */
  public static TreeEditor of(BlobStore blobs, TreeId root) {
    return new TreeEditor(blobs, Dir.stored(root, PLAIN_DIRECTORY));
  }

  /** Where content is read from and stored. */
  public BlobStore blobs() {
    return blobs;
  }

  /** True if there is anything at the path; no link is followed. */
  public boolean exists(TreePath path) throws IOException {
    return slot(path).isPresent();
  }

  /** True if a directory, not a link to one, is at the path. */
  public boolean isDirectory(TreePath path) throws IOException {
    return slot(path).filter(Dir.class::isInstance).isPresent();
  }

  /** What is at the path unless it is a directory; no link is followed. */
  public Optional<Node> leaf(TreePath path) throws IOException {
    return slot(path)
        .flatMap(slot -> slot instanceof Leaf leaf ? Optional.of(leaf.node()) : none());
  }

  private static Optional<Node> none() {
    return Optional.empty();
  }

  /** Mode, owner and attributes of what is at the path; the root has plain ones. */
  public Optional<Meta> meta(TreePath path) throws IOException {
    return slot(path).map(slot -> slot instanceof Leaf leaf ? leaf.node().meta() : dirMeta(slot));
  }

  private static Meta dirMeta(Slot slot) {
    return ((Dir) slot).meta();
  }

  /**
   * The names in a directory.
   *
   * @throws TreeFault if there is no directory at the path
   */
  public SortedSet<Name> list(TreePath path) throws IOException {
    return Collections.unmodifiableSortedSet(new TreeSet<>(existing(path).entries(blobs).keySet()));
  }

  /**
   * The bytes of a file; links are followed.
   *
   * @param limit more bytes than this are refused
   * @throws TreeFault if there is no file at the path
   */
  public byte[] read(TreePath path, int limit) throws IOException {
    TreePath real = resolve(path);
    if (leaf(real).orElse(null) instanceof Node.File file) {
      return blobs.read(file.content(), limit);
    }
    throw new TreeFault(path, "is no file");
  }

  /** The path with every link in it followed. What is missing is kept as it is. */
  public TreePath resolve(TreePath path) throws IOException {
    return LinkWalk.resolve(this, path);
  }

  /** The path with every link but the last name followed: where something new would go. */
  public TreePath resolveParent(TreePath path) throws IOException {
    Optional<Name> last = path.last();
    return last.isEmpty() ? path : resolve(path.parent()).child(last.get());
  }

  /**
   * Puts a node, in place of whatever is there; a directory replaces all that is below. Missing
   * directories above are made with {@link #PLAIN_DIRECTORY}.
   *
   * @throws TreeFault if something on the way is no directory, or the path is the root
   */
  public void put(TreePath path, Node node) throws IOException {
    Slot slot =
        node instanceof Node.Directory directory
            ? Dir.stored(directory.tree(), directory.meta())
            : new Leaf(node);
    parentForChange(path).put(lastOf(path), slot);
  }

  /** Stores the bytes and puts a file of them, as {@link #put} does. */
  public void putFile(TreePath path, byte[] bytes, Meta meta) throws IOException {
    put(path, new Node.File(blobs.put(bytes), bytes.length, meta));
  }

  /**
   * Makes a directory, with those above it, unless there is one; its mode and owner become these.
   *
   * @throws TreeFault if something else is there
   */
  public void putDirectory(TreePath path, Meta meta) throws IOException {
    if (path.isRoot()) {
      return;
    }
    NavigableMap<Name, Slot> siblings = parentForChange(path);
    Slot there = siblings.get(lastOf(path));
    if (there == null) {
      siblings.put(lastOf(path), Dir.empty(meta));
    } else if (there instanceof Dir dir) {
      dir.setMeta(meta);
    } else {
      throw new TreeFault(path, "is no directory");
    }
  }

  /** Makes a directory and those above it where they are missing; changes none that is there. */
  public void makeDirectories(TreePath path) throws IOException {
    if (!isDirectory(path)) {
      putDirectory(path, PLAIN_DIRECTORY);
    }
  }

  /** Takes away what is at the path, with all below it; false if nothing was there. */
  public boolean remove(TreePath path) throws IOException {
    return exists(path) && parentForChange(path).remove(lastOf(path)) != null;
  }

  /**
   * Changes mode, owner and attributes. Where a file has several names, all of them change, for
   * they are one file.
   *
   * @throws TreeFault if nothing is there
   */
  public void setMeta(TreePath path, Meta meta) throws IOException {
    Slot slot = slot(path).orElseThrow(() -> new TreeFault(path, "does not exist"));
    if (slot instanceof Dir) {
      putDirectory(path, meta);
    } else if (((Leaf) slot).node() instanceof Node.File file && file.linkGroup() != 0) {
      setLinked(TreePath.ROOT, file.linkGroup(), meta);
    } else {
      put(path, ((Leaf) slot).node().withMeta(meta));
    }
  }

  private void setLinked(TreePath at, long group, Meta meta) throws IOException {
    for (Name name : list(at)) {
      TreePath path = at.child(name);
      if (isDirectory(path)) {
        setLinked(path, group, meta);
      } else if (leaf(path).orElse(null) instanceof Node.File file && file.linkGroup() == group) {
        put(path, file.withMeta(meta));
      }
    }
  }

  /** Sees what is in a tree. */
  public interface Visitor {
    /** A directory, before what is in it. */
    void directory(TreePath path, Meta meta) throws IOException;

    /** Anything else. */
    void leaf(TreePath path, Node node) throws IOException;
  }

  /** Visits all below the root, in order of paths. The visitor must not change the tree. */
  public void walk(Visitor visitor) throws IOException {
    walk(TreePath.ROOT, root, visitor);
  }

  private void walk(TreePath at, Dir dir, Visitor visitor) throws IOException {
    checkDepth(at);
    for (Map.Entry<Name, Slot> entry : dir.entries(blobs).entrySet()) {
      TreePath path = at.child(entry.getKey());
      if (entry.getValue() instanceof Dir below) {
        visitor.directory(path, below.meta());
        walk(path, below, visitor);
      } else {
        visitor.leaf(path, ((Leaf) entry.getValue()).node());
      }
    }
  }

  /** Stores what changed; the editor can be used on. */
  public TreeId write() throws IOException {
    return root.write(blobs);
  }

  /**
   * Stores what is below a directory.
   *
   * @throws TreeFault if there is no directory at the path
   */
  public TreeId subtree(TreePath path) throws IOException {
    return existing(path).write(blobs);
  }

  /** Stores one directory made of these, for results that are several trees. */
  public static TreeId join(BlobStore blobs, Map<Name, TreeId> trees) throws IOException {
    SortedMap<Name, Node> nodes = new TreeMap<>();
    trees.forEach((name, id) -> nodes.put(name, new Node.Directory(id, PLAIN_DIRECTORY)));
    return Trees.put(blobs, new Tree(nodes));
  }

  private Optional<Slot> slot(TreePath path) throws IOException {
    Slot at = root;
    for (Name name : path.names()) {
      if (!(at instanceof Dir dir)) {
        return Optional.empty();
      }
      Slot next = dir.entries(blobs).get(name);
      if (next == null) {
        return Optional.empty();
      }
      at = next;
    }
    return Optional.of(at);
  }

  private Dir existing(TreePath path) throws IOException {
    if (slot(path).orElse(null) instanceof Dir dir) {
      return dir;
    }
    throw new TreeFault(path, "is no directory");
  }

  private NavigableMap<Name, Slot> parentForChange(TreePath path) throws IOException {
    checkDepth(path);
    if (path.isRoot()) {
      throw new TreeFault(path, "the root cannot be replaced");
    }
    Dir dir = root;
    NavigableMap<Name, Slot> entries = dir.change(blobs);
    for (int i = 0; i < path.names().size() - 1; i++) {
      Name name = path.names().get(i);
      Slot next = entries.get(name);
      if (next == null) {
        next = Dir.empty(PLAIN_DIRECTORY);
        entries.put(name, next);
      }
      if (!(next instanceof Dir below)) {
        throw new TreeFault(
            new TreePath(path.names().subList(0, i + 1)),
            "is no directory, so " + path + " is not");
      }
      entries = below.change(blobs);
    }
    return entries;
  }

  private static void checkDepth(TreePath path) throws TreeFault {
    if (path.names().size() > Trees.MAX_DEPTH) {
      throw new TreeFault(path, "is nested deeper than " + Trees.MAX_DEPTH + " directories");
    }
  }

  private static Name lastOf(TreePath path) {
    return path.names().get(path.names().size() - 1);
  }
}
