package dev.imgstore.builder.source.dpkg;

import dev.imgstore.model.Bytes;
import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.TreePath;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Links to directories, and where paths below them really are. */
final class Aliases {
  private static final int MOST_STEPS = 40;
  private static final List<String> MERGED =
      List.of("bin", "lib", "lib32", "lib64", "libo32", "libx32", "sbin");

  private final SortedMap<TreePath, TreePath> links = new TreeMap<>();
  private int longest;

  /** The links of a merged /usr. */
  static Aliases mergedUsr() {
    Aliases aliases = new Aliases();
    for (String name : MERGED) {
      aliases.add(TreePath.of(name), TreePath.of("usr/" + name));
    }
    return aliases;
  }

  /** Adds a link; false if it is known already. */
  boolean add(TreePath link, TreePath target) {
    longest = Math.max(longest, link.names().size());
    return links.putIfAbsent(link, target) == null;
  }

  boolean contains(TreePath link) {
    return links.containsKey(link);
  }

  /** Where a directory at this path really is. */
  TreePath directory(TreePath path) {
    TreePath at = path;
    for (int step = 0; step < MOST_STEPS; step++) {
      Optional<TreePath> next = once(at);
      if (next.isEmpty()) {
        return at;
      }
      at = next.get();
    }
    return at;
  }

  /** Where something at this path really is: a link itself stays. */
  TreePath leaf(TreePath path) {
    return path.isRoot() ? path : directory(path.parent()).child(lastOf(path));
  }

  private Optional<TreePath> once(TreePath path) {
    for (int length = 1; length <= Math.min(longest, path.names().size()); length++) {
      TreePath target = links.get(new TreePath(path.names().subList(0, length)));
      if (target != null) {
        List<Name> names = new ArrayList<>(target.names());
        names.addAll(path.names().subList(length, path.names().size()));
        return Optional.of(new TreePath(names));
      }
    }
    return Optional.empty();
  }

  /** Where a link at this path points to, by its text alone; empty if it cannot be a place. */
  static Optional<TreePath> target(TreePath link, Node.Symlink node) {
    TreePath at = node.target().at(0) == '/' ? TreePath.ROOT : link.parent();
    byte[] raw = node.target().toArray();
    int start = 0;
    for (int i = 0; i <= raw.length; i++) {
      if (i == raw.length || raw[i] == '/') {
        Bytes part = Bytes.of(Arrays.copyOfRange(raw, start, i));
        start = i + 1;
        if (part.equals(Bytes.utf8(".."))) {
          at = at.parent();
        } else if (part.length() > Name.MAX_LENGTH) {
          return Optional.empty();
        } else if (part.length() > 0 && !part.equals(Bytes.utf8("."))) {
          at = at.child(new Name(part));
        }
      }
    }
    return Optional.of(at);
  }

  Map<TreePath, TreePath> links() {
    return links;
  }

  private static Name lastOf(TreePath path) {
    return path.names().get(path.names().size() - 1);
  }
}
