package dev.imgstore.builder.source.oci;

import dev.imgstore.model.Digest;
import java.io.IOException;
import java.io.InputStream;

/** Where the blobs of an image are: a layout on this machine, or a registry; plugged in. */
public interface ImageBlobs {
  /**
   * The bytes of a blob, not checked; the caller closes them.
   *
   * @throws IOException if there is none, saying where it was looked for
   */
  InputStream open(Digest blob) throws IOException;

  /** As {@link #open}, for a manifest or index, where those are kept apart. */
  default InputStream document(Digest blob) throws IOException {
    return open(blob);
  }

  /** As {@link #open}, for a configuration or a layer. */
  default InputStream layer(Digest blob, long size) throws IOException {
    return open(blob);
  }
}
