package dev.imgstore.builder.export;

import dev.imgstore.builder.pack.ImageDocument;
import dev.imgstore.store.BlobReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * An archive in a file: written beside it and moved to its name when it is whole, so that whoever
 * looks finds the old file or the new one, and a full disk leaves nothing. What is no regular file
 * (a pipe, a terminal, {@code /dev/null}) is written to as it stands.
 */
public final class ArchiveFile {
  private ArchiveFile() {}

  /**
   * Exports to {@code target}, replacing a file that is there. Not synced: a power cut right after
   * may lose the new file.
   *
   * @param ref the image's name in the archive; empty for none
   */
  public static Exported write(
      ArchiveExporter exporter, ImageDocument image, String ref, BlobReader blobs, Path target)
      throws IOException {
    if (Files.isDirectory(target)) {
      throw new IOException(
          "cannot export an archive to " + target + ": it is a directory; name a file in it");
    }
    if (Files.exists(target) && !Files.isRegularFile(target)) {
      try (OutputStream out = Temporary.open(target)) {
        return exporter.write(image, ref, blobs, out);
      }
    }
    Path real = Temporary.real(target);
    Path parent = Temporary.parent(real);
    try {
      Path temporary = Temporary.fileIn(parent);
      try {
        Exported exported;
        try (OutputStream out = Temporary.open(temporary)) {
          exported = exporter.write(image, ref, blobs, out);
        }
        Temporary.moveTo(real, temporary);
        return exported;
      } finally {
        Temporary.remove(temporary);
      }
    } catch (IOException e) {
      throw Temporary.failed(target, e);
    }
  }
}
