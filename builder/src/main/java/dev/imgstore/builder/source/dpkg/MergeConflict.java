package dev.imgstore.builder.source.dpkg;

import java.io.IOException;
import java.util.List;

/** Packages that cannot be in one image; nothing of them was merged. */
public final class MergeConflict extends IOException {
  private static final long serialVersionUID = 1L;
  private static final int MOST = 10;
  private final transient List<String> conflicts;

  /**
   * All of them.
   *
   * @param conflicts a sentence each, naming packages and path, without a full stop
   */
  public MergeConflict(List<String> conflicts) {
    super(message(conflicts));
    this.conflicts = List.copyOf(conflicts);
  }

  private static String message(List<String> conflicts) {
    String first = String.join("; ", conflicts.subList(0, Math.min(MOST, conflicts.size())));
    int more = conflicts.size() - MOST;
    return "the packages cannot be merged: " + first + (more > 0 ? "; and " + more + " more" : "");
  }

  /** A sentence each. */
  public List<String> conflicts() {
    return conflicts;
  }
}
