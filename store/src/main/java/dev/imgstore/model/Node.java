package dev.imgstore.model;

import java.util.Objects;

/** What a name in a tree stands for. */
public sealed interface Node {
  /** Mode, owner and extended attributes. */
  Meta meta();

  /** The same node with other {@link Meta}. */
  Node withMeta(Meta other);

  /**
   * A regular file.
   *
   * @param content the bytes, in the store
   * @param size their number
   * @param linkGroup 0 for a file with one name; else the files of one root tree with this number
   *     are one inode (see {@link LinkGroups})
   */
  record File(Digest content, long size, long linkGroup, Meta meta) implements Node {
    /** Refuses negative sizes and groups. */
    public File {
      Objects.requireNonNull(content);
      Objects.requireNonNull(meta);
      if (size < 0 || linkGroup < 0) {
        throw new IllegalArgumentException("negative size or link group");
      }
    }

    /** A file with one name. */
    public File(Digest content, long size, Meta meta) {
      this(content, size, 0, meta);
    }

    @Override
    public File withMeta(Meta other) {
      return new File(content, size, linkGroup, other);
    }
  }

  /** A directory; what is in it is a tree of its own. */
  record Directory(TreeId tree, Meta meta) implements Node {
    /** Refuses null. */
    public Directory {
      Objects.requireNonNull(tree);
      Objects.requireNonNull(meta);
    }

    @Override
    public Directory withMeta(Meta other) {
      return new Directory(tree, other);
    }
  }

  /** A symbolic link; the target is kept as it is and never followed by the store. */
  record Symlink(Bytes target, Meta meta) implements Node {
    /** Refuses an empty target, one with a NUL, and one longer than Linux takes. */
    public Symlink {
      Objects.requireNonNull(meta);
      if (target.length() == 0 || target.length() > 4095) {
        throw new IllegalArgumentException("a link target has 1 to 4095 bytes");
      }
      for (int i = 0; i < target.length(); i++) {
        if (target.at(i) == 0) {
          throw new IllegalArgumentException("a link target holds no NUL");
        }
      }
    }

    @Override
    public Symlink withMeta(Meta other) {
      return new Symlink(target, other);
    }
  }

  /** A character or block device; never created on the host's file system. */
  record Device(int major, int minor, boolean block, Meta meta) implements Node {
    /** Refuses negative numbers. */
    public Device {
      Objects.requireNonNull(meta);
      if (major < 0 || minor < 0) {
        throw new IllegalArgumentException("negative device number");
      }
    }

    @Override
    public Device withMeta(Meta other) {
      return new Device(major, minor, block, other);
    }
  }

  /** A named pipe. */
  record Fifo(Meta meta) implements Node {
    /** Refuses null. */
    public Fifo {
      Objects.requireNonNull(meta);
    }

    @Override
    public Fifo withMeta(Meta other) {
      return new Fifo(other);
    }
  }
}
