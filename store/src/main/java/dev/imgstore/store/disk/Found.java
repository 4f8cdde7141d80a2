package dev.imgstore.store.disk;

import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A name found in a directory that is imported, and the node made of it. Written by one thread at a
 * time; whoever waits for the thread sees what it wrote.
 */
final class Found implements Comparable<Found> {
  private final Path path;
  private final Name name;
  private final HostStat stat;
  private List<Found> children = List.of();
  private @Nullable Node node;

  Found(Path path, Name name, HostStat stat) {
    this.path = path;
    this.name = name;
    this.stat = stat;
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

  /** What it became. */
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
