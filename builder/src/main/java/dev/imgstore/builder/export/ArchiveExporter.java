package dev.imgstore.builder.export;

import dev.imgstore.builder.pack.ImageDocument;
import dev.imgstore.store.BlobReader;
import java.io.IOException;
import java.io.OutputStream;

/** An export that is one stream of bytes, the same ones each time. Memory is bounded. */
public interface ArchiveExporter {
  /**
   * Writes the whole archive; the caller closes the target.
   *
   * @param ref the image's name in the archive; empty for none
   * @throws IllegalArgumentException if the name is none that the form allows
   */
  Exported write(ImageDocument image, String ref, BlobReader blobs, OutputStream out)
      throws IOException;
}
