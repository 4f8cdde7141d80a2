package dev.imgstore.store.disk;

import dev.imgstore.model.Digest;
import dev.imgstore.store.Mender;
import dev.imgstore.store.StoreException;
import dev.imgstore.store.Transaction;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Takes what is lost from another store, whose bytes are hashed like any. */
public final class StoreMender implements Mender, Closeable {
  private final String shown;
  private final DiskBlobs blobs;

  private StoreMender(String shown, DiskBlobs blobs) {
    this.shown = shown;
    this.blobs = blobs;
  }

  /**
   * Opens another store to take from; nothing in it is changed.
   *
   * @throws StoreException.UnknownFormat if there is none, or one of another layout
   */
  public static StoreMender open(Path home) throws IOException {
    if (!Files.isRegularFile(home.resolve(StoreFormat.FILE.value()))) {
      throw new StoreException.UnknownFormat(home + " is no store: it has no file format");
    }
    Filesystem files = new DiskFilesystem(home);
    StoreFormat.requireOurs(files);
    return new StoreMender(home.toString(), new DiskBlobs(files));
  }

  @Override
  public String name() {
    return "from " + shown;
  }

  @Override
  public void mend(Losses losses, Transaction into) throws IOException {
    for (Digest each : losses.blobs()) {
      try {
        take(each, into);
      } catch (StoreException e) {
        // damaged there as well; if nobody has it, the report says that it is lost
      }
    }
  }

  private void take(Digest blob, Transaction into) throws IOException {
    if (into instanceof DiskTransaction transaction) {
      new Transplant(transaction).take(blob, blobs.segments());
    } else if (blobs.reader().has(blob)) {
      try (InputStream bytes = blobs.reader().open(blob)) {
        into.put(bytes);
      }
    }
  }

  @Override
  public void close() throws IOException {
    blobs.close();
  }
}
