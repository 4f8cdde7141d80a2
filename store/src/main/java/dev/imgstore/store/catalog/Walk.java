package dev.imgstore.store.catalog;

import dev.imgstore.model.Bytes;
import dev.imgstore.model.Name;
import dev.imgstore.model.TreePath;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Follows one path in many trees at once, name by name, as a running system would: a symbolic link
 * in the middle is followed, within the tree; the last name is not.
 *
 * @param <T> what stands for a directory
 */
final class Walk<T> {
  /** As many as Linux follows in one path (path_resolution(7)). */
  private static final int MAX_LINKS = 40;

  private static final Bytes UP = Bytes.utf8("..");

  private final Directories<T> directories;

  Walk(Directories<T> directories) {
    this.directories = directories;
  }

  /** What a directory has under a name; {@code child} where that is a directory itself. */
  record Entry<T>(Item item, Optional<T> child) {}

  /** Where names are looked up. */
  interface Directories<T> {
    /** The entries of this name, by directory; left out where there is none. */
    Map<T, Entry<T>> named(Set<T> within, Name name) throws IOException;
  }

  /** What the path led to. */
  record End(TreePath path, Item item) {}

  /** Somewhere on the way: the directories from the root to here, their names, what is to come. */
  private record Cursor<T>(T root, List<T> open, List<Name> names, List<Bytes> rest, int links) {
    T here() {
      return open.get(open.size() - 1);
    }

    Cursor<T> up() {
      int last = Math.max(1, open.size() - 1);
      return new Cursor<>(
          root,
          open.subList(0, last),
          names.subList(0, last - 1),
          rest.subList(1, rest.size()),
          links);
    }

    Cursor<T> down(T directory, Name name) {
      return new Cursor<>(
          root, with(open, directory), with(names, name), rest.subList(1, rest.size()), links);
    }

    Cursor<T> along(Bytes target) {
      List<Bytes> components = components(target);
      components.addAll(rest.subList(1, rest.size()));
      boolean absolute = target.at(0) == '/';
      return new Cursor<>(
          root,
          absolute ? open.subList(0, 1) : open,
          absolute ? List.of() : names,
          components,
          links + 1);
    }
  }

  private static <E> List<E> with(List<E> list, E last) {
    List<E> longer = new ArrayList<>(list);
    longer.add(last);
    return longer;
  }

  private static List<Bytes> components(Bytes target) {
    List<Bytes> components = new ArrayList<>();
    byte[] raw = target.toArray();
    int start = 0;
    for (int i = 0; i <= raw.length; i++) {
      if (i == raw.length || raw[i] == '/') {
        boolean dot = i - start == 1 && raw[start] == '.';
        if (i > start && !dot) {
          components.add(Bytes.of(raw, start, i - start));
        }
        start = i + 1;
      }
    }
    return components;
  }

  /** Where the path leads, by root; left out where it leads nowhere. */
  Map<T, End> find(Set<T> roots, TreePath path) throws IOException {
    Map<T, End> ends = new HashMap<>();
    List<Bytes> names = path.names().stream().map(Name::bytes).toList();
    List<Cursor<T>> cursors = new ArrayList<>();
    roots.forEach(root -> cursors.add(new Cursor<>(root, List.of(root), List.of(), names, 0)));
    List<Cursor<T>> now = cursors;
    while (!now.isEmpty()) {
      now = step(now, ends);
    }
    return ends;
  }

  private List<Cursor<T>> step(List<Cursor<T>> cursors, Map<T, End> ends) throws IOException {
    List<Cursor<T>> next = new ArrayList<>();
    Map<Name, List<Cursor<T>>> wanted = new HashMap<>();
    for (Cursor<T> each : cursors) {
      Bytes name = each.rest().get(0);
      if (name.equals(UP)) {
        next.add(each.up());
      } else if (name.length() <= Name.MAX_LENGTH) {
        wanted.computeIfAbsent(new Name(name), key -> new ArrayList<>()).add(each);
      }
    }
    for (Map.Entry<Name, List<Cursor<T>>> group : wanted.entrySet()) {
      Set<T> within = new HashSet<>();
      group.getValue().forEach(each -> within.add(each.here()));
      Map<T, Entry<T>> found = directories.named(within, group.getKey());
      for (Cursor<T> each : group.getValue()) {
        Entry<T> entry = found.get(each.here());
        if (entry != null) {
          arrive(each, group.getKey(), entry, next, ends);
        }
      }
    }
    return next;
  }

  private void arrive(
      Cursor<T> at, Name name, Entry<T> entry, List<Cursor<T>> next, Map<T, End> ends) {
    if (at.rest().size() == 1) {
      ends.put(at.root(), new End(new TreePath(with(at.names(), name)), entry.item()));
    } else if (entry.child().isPresent()) {
      next.add(at.down(entry.child().get(), name));
    } else if (entry.item().kind() == Item.Kind.SYMLINK && at.links() < MAX_LINKS) {
      next.add(at.along(entry.item().target()));
    }
  }
}
