package dev.imgstore.builder.tree;

import dev.imgstore.model.Bytes;
import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.TreePath;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Follows symbolic links as a kernel would whose root directory is the tree's: absolute targets
 * start at the tree's root, and {@code ..} at the root stays there.
 */
final class LinkWalk {
  /** As many as Linux follows. */
  private static final int MOST_LINKS = 40;

  private LinkWalk() {}

  static TreePath resolve(TreeEditor tree, TreePath path) throws IOException {
    Deque<Bytes> todo = new ArrayDeque<>();
    path.names().forEach(name -> todo.addLast(name.bytes()));
    TreePath at = TreePath.ROOT;
    int links = 0;
    while (!todo.isEmpty()) {
      Bytes next = todo.removeFirst();
      if (next.equals(Bytes.utf8(".."))) {
        at = at.parent();
        continue;
      }
      if (next.length() > Name.MAX_LENGTH) {
        throw new TreeFault(path, "has a link on its way with too long a name in it");
      }
      TreePath child = at.child(new Name(next));
      if (!(tree.leaf(child).orElse(null) instanceof Node.Symlink link)) {
        at = child;
        continue;
      }
      if (++links > MOST_LINKS) {
        throw new TreeFault(path, "has too many links on its way");
      }
      if (link.target().at(0) == '/') {
        at = TreePath.ROOT;
      }
      List<Bytes> parts = split(link.target());
      for (int i = parts.size() - 1; i >= 0; i--) {
        todo.addFirst(parts.get(i));
      }
    }
    return at;
  }

  private static List<Bytes> split(Bytes target) {
    byte[] raw = target.toArray();
    List<Bytes> parts = new ArrayList<>();
    int start = 0;
    for (int i = 0; i <= raw.length; i++) {
      if (i == raw.length || raw[i] == '/') {
        Bytes part = Bytes.of(raw, start, i - start);
        if (part.length() > 0 && !part.equals(Bytes.utf8("."))) {
          parts.add(part);
        }
        start = i + 1;
      }
    }
    return parts;
  }
}
