package dev.imgstore.model;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a file system keeps beside a node's content: the twelve permission bits, the numeric owner,
 * and extended attributes. There is no time.
 */
public record Meta(int mode, int uid, int gid, SortedMap<Name, Bytes> xattrs) {
  /** The permission bits with set-uid, set-gid and sticky. */
  public static final int MODE_MASK = 07777;

  /** Refuses a mode of more than twelve bits and negative owners; copies the attributes in. */
  public Meta {
    if ((mode & ~MODE_MASK) != 0) {
      throw new IllegalArgumentException("a mode has twelve bits: " + Integer.toOctalString(mode));
    }
    if (uid < 0 || gid < 0) {
      throw new IllegalArgumentException("an owner is not negative: " + uid + ":" + gid);
    }
    xattrs = Collections.unmodifiableSortedMap(new TreeMap<>(xattrs));
  }

  /** Without extended attributes. */
  public static Meta of(int mode, int uid, int gid) {
    return new Meta(mode, uid, gid, Collections.emptySortedMap());
  }

  /** The same with another mode. */
  public Meta withMode(int other) {
    return new Meta(other, uid, gid, xattrs);
  }

  /** The same with another owner. */
  public Meta withOwner(int otherUid, int otherGid) {
    return new Meta(mode, otherUid, otherGid, xattrs);
  }
}
