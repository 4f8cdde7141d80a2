package dev.imgstore.store.disk;

import dev.imgstore.model.Bytes;
import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.TreeId;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A name found in a directory that is imported, and the node made of it. Written by one thread at a
 * time; whoever waits for the thread sees what it wrote.
 */
final class Found implements Comparable<Found> {
  private final Path path;
  private final Name name;
  private final HostStat stat;
  private final Optional<Found> parent;
  private final AtomicInteger awaited = new AtomicInteger();
  private List<Found> children = List.of();
  private Optional<TreeId> known = Optional.empty();
  private SortedMap<Name, Bytes> attributes = Collections.emptySortedMap();
  private @Nullable TreeId tree;
  private @Nullable Node node;

  Found(Path path, Name name, HostStat stat, Optional<Found> parent) {
    this.path = path;
    this.name = name;
    this.stat = stat;
    this.parent = parent;
  }

  Path path() {
    return path;
  }

  Name name() {
    return name;
  }

  HostStat stat() {
    return stat;
  }

  /** What is in it, in order of names, if it is a directory. */
  List<Found> children() {
    return children;
  }

  void setChildren(List<Found> sorted) {
    children = sorted;
  }

  /** The directory it is in; none for the root. */
  Optional<Found> parent() {
    return parent;
  }

  /** The tree of a directory in which nothing has changed. */
  Optional<TreeId> known() {
    return known;
  }

  void setKnown(TreeId tree) {
    known = Optional.of(tree);
  }

  /** One more name in this directory whose node is not made yet. */
  void expect() {
    awaited.incrementAndGet();
  }

  /** A node of this directory was made; true if it was the last one. */
  boolean arrived() {
    return awaited.decrementAndGet() == 0;
  }

  /** The extended attributes of a directory. */
  SortedMap<Name, Bytes> attributes() {
    return attributes;
  }

  void setAttributes(SortedMap<Name, Bytes> found) {
    attributes = found;
  }

  /** What a directory became. */
  TreeId tree() {
    if (tree == null) {
      throw new AssertionError("no tree was made of " + path);
    }
    return tree;
  }

  void setTree(TreeId made) {
    tree = made;
  }

  /** What anything else became. */
  Node node() {
    if (node == null) {
      throw new AssertionError("no node was made of " + path);
    }
    return node;
  }

  void setNode(Node made) {
    node = made;
  }

  @Override
  public int compareTo(Found other) {
    return name.compareTo(other.name);
  }

  @Override
  public boolean equals(Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(this);
  }
}
