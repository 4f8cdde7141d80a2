package dev.imgstore.testkit;

/** The calls of a {@link dev.imgstore.store.disk.Filesystem}, and writing to one of its streams. */
public enum Call {
  /** Reading from the beginning. */
  READ(false),
  /** Opening for random reading. */
  OPEN(false),
  /** Making a file. */
  CREATE(true),
  /** Opening to write at the end; changes nothing yet. */
  APPEND(false),
  /** One write to a stream. */
  WRITE(true),
  /** Cutting. */
  TRUNCATE(true),
  /** Syncing a file or directory. */
  SYNC(true),
  /** Renaming; the path is the source. */
  MOVE(true),
  /** Removing. */
  DELETE(true),
  /** Listing. */
  LIST(false),
  /** Asking what a name stands for. */
  STAT(false),
  /** Making directories. */
  MAKE_DIRECTORIES(true),
  /** Making a symbolic link. */
  LINK(true),
  /** Making read-only. */
  MAKE_READ_ONLY(true),
  /** Setting a number that all see. */
  SET(true),
  /** Taking a lock, or trying to. */
  LOCK(false);

  private final boolean changes;

  Call(boolean changes) {
    this.changes = changes;
  }

  /** True if it changes what the disk holds. */
  public boolean changes() {
    return changes;
  }
}
