package dev.imgstore.model;

/**
 * How the names of one inode are told in a tree. All files of a root tree with the same non-zero
 * {@link Node.File#linkGroup} are one inode. The number is made from the smallest of their paths at
 * the time the group was formed, so that trees of several packages can be joined without
 * renumbering.
 */
public final class LinkGroups {
  private LinkGroups() {}

  /**
   * The group whose smallest path is {@code first}: 62 bits of the SHA-256 of the path, never 0.
   */
  public static long of(TreePath first) {
    byte[] hash = Digest.of(first.bytes().toArray()).raw();
    long number = 0;
    for (int i = 0; i < Long.BYTES; i++) {
      number = number << 8 | (hash[i] & 0xff);
    }
    number &= Long.MAX_VALUE >> 1;
    return number == 0 ? 1 : number;
  }
}
