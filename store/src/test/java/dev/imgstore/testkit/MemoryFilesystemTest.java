package dev.imgstore.testkit;

import dev.imgstore.store.disk.Filesystem;

/** The fake keeps the contract that the disk keeps. */
final class MemoryFilesystemTest extends FilesystemContract {
  @Override
  protected Filesystem files() {
    return new MemoryFilesystem();
  }
}
