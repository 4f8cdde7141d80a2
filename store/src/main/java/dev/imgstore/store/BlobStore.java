package dev.imgstore.store;

import dev.imgstore.model.Digest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Bytes in, digest out. Cannot delete. Safe for many threads; putting twice stores once. */
public interface BlobStore extends BlobReader {
  /** Stores what the stream gives up to its end, which the caller closes. */
  Digest put(InputStream bytes) throws IOException;

  /** Stores the array, which the caller may change afterwards. */
  default Digest put(byte[] bytes) throws IOException {
    return put(new ByteArrayInputStream(bytes));
  }

  /**
   * As {@link #put(byte[])}, for what the store and the builder themselves write and read back
   * first: trees, records, configs, manifests. A store may keep them apart from the content of
   * files; digest and bytes are the same, and either method finds what the other put.
   */
  default Digest putMetadata(byte[] bytes) throws IOException {
    return put(bytes);
  }
}
