package dev.imgstore.model;

import java.util.Objects;

/**
 * What an OCI document says of a blob (OCI image-spec 1.1, "Content Descriptors").
 *
 * @param mediaType for instance {@code application/vnd.oci.image.layer.v1.tar+zstd}
 * @param size bytes, as stored and sent
 */
public record Descriptor(String mediaType, Digest digest, long size) {
  /** Refuses null and a negative size. */
  public Descriptor {
    Objects.requireNonNull(mediaType);
    Objects.requireNonNull(digest);
    if (size < 0) {
      throw new IllegalArgumentException("negative size");
    }
  }
}
