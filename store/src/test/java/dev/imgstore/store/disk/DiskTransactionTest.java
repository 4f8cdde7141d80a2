package dev.imgstore.store.disk;

import dev.imgstore.store.Transaction;
import dev.imgstore.testkit.BlobStoreContract;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;

final class DiskTransactionTest extends BlobStoreContract {
  @TempDir Path home;
  private @Nullable DiskBlobs blobs;

  @Override
  protected Transaction begin() throws IOException {
    Filesystem files = new DiskFilesystem(home);
    files.makeDirectories(DiskBlobs.DIRECTORY);
    DiskBlobs opened = new DiskBlobs(files);
    blobs = opened;
    return opened.begin();
  }

  @Override
  protected void end() throws IOException {
    try (DiskBlobs opened = blobs) {
      blobs = null;
    }
  }
}
