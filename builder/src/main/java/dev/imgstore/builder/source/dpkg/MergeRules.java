package dev.imgstore.builder.source.dpkg;

import java.util.List;

/**
 * How packages are merged.
 *
 * @param diversions in any order; each path is diverted once at most
 */
public record MergeRules(Layout layout, List<Diversion> diversions) {
  /** Whether /bin, /sbin and the /lib directories are links into /usr. */
  public enum Layout {
    /** They are: Debian 12 and later. */
    MERGED_USR,
    /** They are directories of their own. */
    SPLIT_USR
  }

  /** Copies in. */
  public MergeRules {
    diversions = List.copyOf(diversions);
  }
}
