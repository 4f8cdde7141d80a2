package dev.imgstore.testkit;

import dev.imgstore.store.Transaction;

final class MemoryBlobStoreTest extends BlobStoreContract {
  @Override
  protected Transaction begin() {
    return new MemoryBlobStore();
  }
}
