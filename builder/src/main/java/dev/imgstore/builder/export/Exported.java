package dev.imgstore.builder.export;

import dev.imgstore.model.Digest;
import java.util.Objects;

/**
 * What an export wrote.
 *
 * @param digest by which a client that reads it knows the image: manifest or index of the OCI
 *     forms; of a docker archive the configuration's, since docker makes a manifest of its own
 * @param bytes written, without the padding of archives
 */
public record Exported(Digest digest, long bytes) {
  /** Refuses null. */
  public Exported {
    Objects.requireNonNull(digest);
  }
}
