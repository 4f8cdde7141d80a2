package dev.imgstore.store.disk;

import java.util.List;

/**
 * What became of a tree that was checked out.
 *
 * @param files written, those with several names once
 * @param leftOut what Java cannot make: devices, pipes, links with strange slashes
 * @param owners names whose owner is another than in the tree
 * @param attributes extended attributes that were not written: only {@code user.*} can be
 */
public record CheckedOut(long files, List<String> leftOut, long owners, long attributes) {
  /** Copies in. */
  public CheckedOut {
    leftOut = leftOut.stream().sorted().toList();
  }
}
