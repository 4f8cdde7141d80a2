package dev.imgstore.store.disk;

import dev.imgstore.testkit.FilesystemContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** The disk keeps the contract that its fake keeps. */
final class DiskFilesystemContractTest extends FilesystemContract {
  @TempDir Path home;

  @Override
  protected Filesystem files() throws IOException {
    return new DiskFilesystem(Files.createTempDirectory(home, "store"));
  }
}
