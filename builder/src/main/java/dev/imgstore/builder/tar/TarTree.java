package dev.imgstore.builder.tar;

import dev.imgstore.builder.tar.UnpackLimits.Devices;
import dev.imgstore.builder.tree.TreeEditor;
import dev.imgstore.builder.tree.TreeFault;
import dev.imgstore.model.Bytes;
import dev.imgstore.model.LinkGroups;
import dev.imgstore.model.Node;
import dev.imgstore.model.TreeId;
import dev.imgstore.model.TreePath;
import dev.imgstore.store.BlobStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A tar archive as a tree of the store. Refused, because tools disagree about them: absolute names,
 * {@code ..}, a name twice (but for a directory told twice alike), an entry below anything but a
 * directory, and a hard link to what is not there before it. Nothing is ever written anywhere but
 * into the store, so there is no link to follow and no place to escape to.
 */
public final class TarTree {
  private final TarReader tar;
  private final TreeEditor tree;
  private final UnpackLimits limits;
  private final Set<TreePath> toldDirectories = new HashSet<>();
  private final Map<TreePath, List<TreePath>> links = new HashMap<>();
  private final Map<TreePath, TreePath> firstName = new HashMap<>();

  private TarTree(TarReader tar, BlobStore blobs, UnpackLimits limits) {
    this.tar = tar;
    this.tree = TreeEditor.empty(blobs);
    this.limits = limits;
  }

  /**
   * Reads the archive to its end and stores its files and directories. An entry for the root itself
   * only has its name read; directories that are not told are 0755 and root's. The caller closes
   * the reader.
   *
   * @throws HostileArchive if the archive is damaged, ambiguous or over a limit
   */
  public static TreeId unpack(TarReader tar, BlobStore blobs, UnpackLimits limits)
      throws IOException {
    TarTree unpacking = new TarTree(tar, blobs, limits);
    int count = 0;
    for (Optional<TarEntry> next = tar.next(); next.isPresent(); next = tar.next()) {
      if (++count > limits.entries()) {
        throw new HostileArchive(
            tar.archive(), "", "it has more than " + limits.entries() + " entries");
      }
      unpacking.take(next.get());
    }
    unpacking.joinLinks();
    return unpacking.tree.write();
  }

  private void take(TarEntry entry) throws IOException {
    TreePath path = path(entry, entry.path());
    try {
      if (entry.kind() == TarEntry.Kind.DIRECTORY) {
        putDirectory(entry, path);
      } else {
        putLeaf(entry, path);
      }
    } catch (TreeFault e) {
      throw fault(entry, "it lies below " + e.path() + ", which is no directory");
    } catch (IllegalArgumentException e) {
      throw fault(entry, String.valueOf(e.getMessage()));
    }
  }

  private void putDirectory(TarEntry entry, TreePath path) throws IOException {
    if (path.isRoot()) {
      return;
    }
    if (tree.leaf(path).isPresent()
        || (!toldDirectories.add(path) && !tree.meta(path).equals(Optional.of(entry.meta())))) {
      throw fault(entry, "the name is there twice");
    }
    tree.putDirectory(path, entry.meta());
  }

  private void putLeaf(TarEntry entry, TreePath path) throws IOException {
    if (path.isRoot()) {
      throw fault(entry, "the root is no directory");
    }
    if (tree.exists(path)) {
      throw fault(entry, "the name is there twice");
    }
    tree.put(path, node(entry, path));
  }

  private Node node(TarEntry entry, TreePath path) throws IOException {
    return switch (entry.kind()) {
      case FILE -> new Node.File(tree.blobs().put(tar.content()), entry.size(), entry.meta());
      case SYMLINK -> new Node.Symlink(entry.target(), entry.meta());
      case FIFO -> new Node.Fifo(entry.meta());
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
    return new Node.Device(entry.major(), entry.minor(), block, entry.meta());
  }

  private Node hardLink(TarEntry entry, TreePath path) throws IOException {
    if (entry.target().length() == 0) {
      throw fault(entry, "it is a hard link to nothing");
    }
    TreePath target = path(entry, entry.target());
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
    try {
      return TreePath.parse(path);
    } catch (IllegalArgumentException e) {
      throw fault(entry, String.valueOf(e.getMessage()));
    }
  }

  private HostileArchive fault(TarEntry entry, String why) {
    return new HostileArchive(tar.archive(), entry.path().text(), why);
  }
}
