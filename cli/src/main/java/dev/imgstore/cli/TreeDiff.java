package dev.imgstore.cli;

import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.Tree;
import dev.imgstore.model.TreeId;
import dev.imgstore.model.TreePath;
import dev.imgstore.store.BlobReader;
import dev.imgstore.store.Trees;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/** Which paths differ between two trees. Equal directories are not read. */
final class TreeDiff {
  /** How a path differs. */
  enum Kind {
    ADDED('+'),
    REMOVED('-'),
    CHANGED('~');

    final char sign;

    Kind(char sign) {
      this.sign = sign;
    }
  }

  /**
   * One path.
   *
   * @param what for changed nodes, what is another: {@code content}, {@code mode}, {@code owner}
   *     ...
   */
  record Change(Kind kind, TreePath path, String what, long sizeBefore, long sizeAfter) {}

  private final BlobReader blobs;
  private final List<Change> changes = new ArrayList<>();

  private TreeDiff(BlobReader blobs) {
    this.blobs = blobs;
  }

  /** All differing paths, in order. */
  static List<Change> between(BlobReader blobs, TreeId before, TreeId after) throws IOException {
    TreeDiff diff = new TreeDiff(blobs);
    diff.directories(TreePath.ROOT, before, after);
    return diff.changes;
  }

  private void directories(TreePath at, TreeId before, TreeId after) throws IOException {
    if (before.equals(after)) {
      return;
    }
    Tree old = Trees.read(blobs, before);
    Tree young = Trees.read(blobs, after);
    TreeSet<Name> names = new TreeSet<>(old.entries().keySet());
    names.addAll(young.entries().keySet());
    for (Name name : names) {
      Optional<Node> was = Optional.ofNullable(old.entries().get(name));
      Optional<Node> is = Optional.ofNullable(young.entries().get(name));
      TreePath path = at.child(name);
      if (was.isPresent() && is.isPresent()) {
        pair(path, was.get(), is.get());
      } else if (is.isPresent()) {
        all(Kind.ADDED, path, is.get());
      } else if (was.isPresent()) {
        all(Kind.REMOVED, path, was.get());
      }
    }
  }

  private void pair(TreePath path, Node was, Node is) throws IOException {
    if (was.getClass() != is.getClass()) {
      all(Kind.REMOVED, path, was);
      all(Kind.ADDED, path, is);
      return;
    }
    String what = difference(was, is);
    if (!what.isEmpty()) {
      changes.add(new Change(Kind.CHANGED, path, what, size(was), size(is)));
    }
    if (was instanceof Node.Directory before && is instanceof Node.Directory after) {
      directories(path, before.tree(), after.tree());
    }
  }

  private static String difference(Node was, Node is) {
    List<String> what = new ArrayList<>();
    if (was instanceof Node.File a && is instanceof Node.File b) {
      if (!a.content().equals(b.content())) {
        what.add("content");
      }
    } else if (!(was instanceof Node.Directory) && !was.withMeta(is.meta()).equals(is)) {
      what.add("target");
    }
    if (was.meta().mode() != is.meta().mode()) {
      what.add("mode %04o to %04o".formatted(was.meta().mode(), is.meta().mode()));
    }
    if (was.meta().uid() != is.meta().uid() || was.meta().gid() != is.meta().gid()) {
      what.add("owner");
    }
    if (!was.meta().xattrs().equals(is.meta().xattrs())) {
      what.add("attributes");
    }
    return String.join(", ", what);
  }

  private void all(Kind kind, TreePath path, Node node) throws IOException {
    boolean added = kind == Kind.ADDED;
    changes.add(new Change(kind, path, "", added ? 0 : size(node), added ? size(node) : 0));
    if (node instanceof Node.Directory directory) {
      for (var entry : Trees.read(blobs, directory.tree()).entries().entrySet()) {
        all(kind, path.child(entry.getKey()), entry.getValue());
      }
    }
  }

  private static long size(Node node) {
    return node instanceof Node.File file ? file.size() : 0;
  }
}
