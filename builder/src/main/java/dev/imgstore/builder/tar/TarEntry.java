package dev.imgstore.builder.tar;

import dev.imgstore.model.Bytes;
import dev.imgstore.model.Meta;
import java.util.Objects;

/**
 * One entry as its headers tell it, nothing judged yet.
 *
 * @param path as written, never empty
 * @param size bytes of content; 0 for all but files
 * @param target of a symbolic or hard link; empty for all else
 * @param major of a device, else 0
 * @param minor of a device, else 0
 */
public record TarEntry(
    Kind kind, Bytes path, long size, Bytes target, Meta meta, int major, int minor) {
  /** What an entry is. */
  public enum Kind {
    /** A regular file. */
    FILE,
    /** One more name of an earlier entry. */
    HARD_LINK,
    /** A symbolic link. */
    SYMLINK,
    /** A character device. */
    CHARACTER_DEVICE,
    /** A block device. */
    BLOCK_DEVICE,
    /** A directory. */
    DIRECTORY,
    /** A named pipe. */
    FIFO
  }

  /** Refuses null. */
  public TarEntry {
    Objects.requireNonNull(kind);
    Objects.requireNonNull(path);
    Objects.requireNonNull(target);
    Objects.requireNonNull(meta);
  }
}
