package dev.imgstore.store;

import dev.imgstore.model.Digest;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * A place from which lost blobs may come again: another store, the mirrors they were fetched from,
 * a build. The store asks one after the other, and asks again as long as something comes: only a
 * tree that is back says what was in it. Used by one thread.
 */
public interface Mender {
  /** Where from, for people, after "mended": {@code from the mirrors}. */
  String name();

  /**
   * Puts what it can get of the lost into {@code into}; passes over what it cannot. A store hashes
   * what it takes, so nothing wrong can come this way.
   *
   * @throws IOException if nothing can come from here at all; says why, and the next one is asked
   */
  void mend(Losses losses, Transaction into) throws IOException;

  /**
   * What is missed.
   *
   * @param blobs those that something kept needs, and nobody can read
   * @param generations those that need one of them
   */
  record Losses(SortedSet<Digest> blobs, List<Root.OfGeneration> generations) {
    /** Copies in. */
    public Losses {
      blobs = Collections.unmodifiableSortedSet(new TreeSet<>(blobs));
      generations = List.copyOf(generations);
    }
  }
}
