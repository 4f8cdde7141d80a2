package dev.imgstore.model;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/** One directory: names in order of their unsigned bytes, and what each stands for. No times. */
public record Tree(SortedMap<Name, Node> entries) {
  /** A directory with nothing in it. */
  public static final Tree EMPTY = new Tree(Collections.emptySortedMap());

  /** Copies the entries in. */
  public Tree {
    entries = Collections.unmodifiableSortedMap(new TreeMap<>(entries));
  }
}
