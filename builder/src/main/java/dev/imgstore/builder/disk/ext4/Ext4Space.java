package dev.imgstore.builder.disk.ext4;

/** How large a file system is to be. */
public sealed interface Ext4Space {
  /** As small as the content allows with at least this many bytes free for more files. */
  record Free(long bytes) implements Ext4Space {
    /** Refuses less than nothing. */
    public Free {
      if (bytes < 0) {
        throw new IllegalArgumentException("free space is not negative: " + bytes);
      }
    }
  }

  /** Exactly this many bytes; what is left of the last 4 KiB stays zero. */
  record Exactly(long bytes) implements Ext4Space {
    /** Refuses nothing and less. */
    public Exactly {
      if (bytes <= 0) {
        throw new IllegalArgumentException("a file system has a size: " + bytes);
      }
    }
  }
}
