package dev.imgstore.builder.tar;

import dev.imgstore.builder.tar.UnpackLimits.Devices;
import dev.imgstore.builder.tree.TreeEditor;
import dev.imgstore.builder.tree.TreeFault;
import dev.imgstore.model.Bytes;
import dev.imgstore.model.LinkGroups;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.TreeId;
import dev.imgstore.model.TreePath;
import dev.imgstore.store.BlobStore;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The entries of an archive, whatever its format, as a tree of the store. Refused, because tools
 * disagree about them: absolute names, {@code ..}, a name twice (but for a directory told twice
 * alike), an entry below anything but a directory, and a hard link to what is not there before it.
 * Nothing is ever written anywhere but into the store, so there is no link to follow and no place
 * to escape to. Names are bytes and kept as they are. One thread at a time.
 */
public final class EntryTree {
  private final String archive;
  private final TreeEditor tree;
  private final UnpackLimits limits;
  private final Shape shape;
  private final HeldNames held;
  private final Set<TreePath> toldDirectories = new HashSet<>();
  private final Map<TreePath, List<TreePath>> links = new HashMap<>();
  private final Map<TreePath, TreePath> firstName = new HashMap<>();
  private List<Name> top = List.of();
  private int count;

  /**
   * What is changed on the way.
   *
   * @param strip names to take away at the beginning of each path; all entries must have the same
   */
  public record Shape(int strip, Owners owners) {
    /** Nothing. */
    public static final Shape AS_TOLD = new Shape(0, Owners.AS_TOLD);

    /** Whose the entries are. */
    public enum Owners {
      /** The archive's. */
      AS_TOLD,
      /** Root's, whoever packed it. */
      ROOT
    }
  }

  /**
   * Begins with nothing.
   *
   * @param archive its name as a person knows it, for complaints
   */
  public EntryTree(String archive, BlobStore blobs, UnpackLimits limits, Shape shape) {
    this.archive = archive;
    this.tree = TreeEditor.empty(blobs);
    this.limits = limits;
    this.shape = shape;
    this.held = new HeldNames(archive);
  }

  /**
   * Stores the tree of all that was taken. Directories that were not told are 0755 and root's.
   *
   * @throws HostileArchive if nothing was told above what is stripped
   */
  public TreeId write() throws IOException {
    joinLinks();
    return tree.write();
  }

  /** The path that is left; empty for a directory that is taken away. */
  private Optional<TreePath> strip(TarEntry entry, TreePath path) throws HostileArchive {
    List<Name> names = path.names();
    int kept = Math.min(shape.strip(), names.size());
    for (int i = 0; i < kept; i++) {
      if (i == top.size()) {
        top = names.subList(0, i + 1);
      } else if (!top.get(i).equals(names.get(i))) {
        throw fault(
            entry,
            "it is not below "
                + new TreePath(top)
                + ", so nothing can be stripped; use strip: "
                + i);
      }
    }
    if (names.size() > shape.strip() || shape.strip() == 0) {
      return Optional.of(new TreePath(names.subList(kept, names.size())));
    }
    if (entry.kind() != TarEntry.Kind.DIRECTORY) {
      throw fault(entry, "strip: " + shape.strip() + " leaves nothing of its name");
    }
    return Optional.empty();
  }

  private Meta meta(TarEntry entry) {
    return shape.owners() == Shape.Owners.ROOT ? entry.meta().withOwner(0, 0) : entry.meta();
  }

  /**
   * Takes one entry.
   *
   * @param content of a file, read to its end
   * @throws HostileArchive if the entry is ambiguous or over a limit
   */
  public void take(TarEntry entry, InputStream content) throws IOException {
    if (++count > limits.entries()) {
      throw new HostileArchive(archive, "", "it has more than " + limits.entries() + " entries");
    }
    TreePath whole = path(entry, entry.path());
    Optional<TreePath> stripped = strip(entry, whole);
    if (stripped.isEmpty()) {
      return;
    }
    TreePath path = stripped.get();
    try {
      held.add(entry, missing(path.parent()));
      if (entry.kind() == TarEntry.Kind.DIRECTORY) {
        putDirectory(entry, path);
      } else {
        putLeaf(entry, path, content);
      }
    } catch (TreeFault e) {
      throw fault(entry, "it lies below " + e.path() + ", which is no directory");
    } catch (IllegalArgumentException e) {
      throw fault(entry, String.valueOf(e.getMessage()));
    }
  }

  /** How many directories there are not yet on the way to this one, and it. */
  private int missing(TreePath directory) throws IOException {
    int missing = 0;
    TreePath at = directory;
    while (!at.isRoot() && !tree.exists(at)) {
      missing++;
      at = at.parent();
    }
    return missing;
  }

  private void putDirectory(TarEntry entry, TreePath path) throws IOException {
    if (path.isRoot()) {
      return;
    }
    if (tree.leaf(path).isPresent()
        || (!toldDirectories.add(path) && !tree.meta(path).equals(Optional.of(meta(entry))))) {
      throw fault(entry, "the name is there twice");
    }
    tree.putDirectory(path, meta(entry));
  }

  private void putLeaf(TarEntry entry, TreePath path, InputStream content) throws IOException {
    if (path.isRoot()) {
      throw fault(entry, "the root is no directory");
    }
    if (tree.exists(path)) {
      throw fault(entry, "the name is there twice");
    }
    tree.put(path, node(entry, path, content));
  }

  private Node node(TarEntry entry, TreePath path, InputStream content) throws IOException {
    return switch (entry.kind()) {
      case FILE -> new Node.File(tree.blobs().put(content), entry.size(), meta(entry));
      case SYMLINK -> new Node.Symlink(entry.target(), meta(entry));
      case FIFO -> new Node.Fifo(meta(entry));
      case HARD_LINK -> hardLink(entry, path);
      case CHARACTER_DEVICE, BLOCK_DEVICE -> device(entry);
      case DIRECTORY -> throw new AssertionError("a directory is no leaf");
    };
  }

  private Node device(TarEntry entry) throws HostileArchive {
    if (limits.devices() == Devices.REFUSED) {
      throw fault(entry, "device nodes are refused here");
    }
    boolean block = entry.kind() == TarEntry.Kind.BLOCK_DEVICE;
    return new Node.Device(entry.major(), entry.minor(), block, meta(entry));
  }

  private Node hardLink(TarEntry entry, TreePath path) throws IOException {
    if (entry.target().length() == 0) {
      throw fault(entry, "it is a hard link to nothing");
    }
    TreePath target =
        strip(entry, path(entry, entry.target()))
            .orElseThrow(() -> fault(entry, "it is a hard link to a directory"));
    Node there =
        tree.leaf(target)
            .orElseThrow(
                () -> fault(entry, "it is a hard link to " + target + ", which is no file before"));
    if (there instanceof Node.File) {
      TreePath first = firstName.getOrDefault(target, target);
      firstName.put(path, first);
      links.computeIfAbsent(first, key -> new ArrayList<>(List.of(key))).add(path);
    }
    return there;
  }

  /** Gives all names of one file the number of the smallest of them. */
  private void joinLinks() throws IOException {
    for (List<TreePath> paths : links.values()) {
      long group = LinkGroups.of(Collections.min(paths));
      for (TreePath path : paths) {
        if (tree.leaf(path).orElse(null) instanceof Node.File file) {
          tree.put(path, new Node.File(file.content(), file.size(), group, file.meta()));
        }
      }
    }
  }

  private TreePath path(TarEntry entry, Bytes path) throws HostileArchive {
    if (path.at(0) == '/') {
      throw fault(entry, "the name " + path + " is absolute");
    }
    held.checkDepth(entry, path);
    try {
      return TreePath.parse(path);
    } catch (IllegalArgumentException e) {
      throw fault(entry, String.valueOf(e.getMessage()));
    }
  }

  private HostileArchive fault(TarEntry entry, String why) {
    return new HostileArchive(archive, entry.path().text(), why);
  }
}
