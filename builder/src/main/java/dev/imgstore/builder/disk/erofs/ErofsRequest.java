package dev.imgstore.builder.disk.erofs;

import dev.imgstore.builder.disk.Derived;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Meta;
import dev.imgstore.model.TreeId;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.UUID;

/**
 * The file system that is wanted.
 *
 * @param tree what is in it
 * @param root mode, owner and attributes of its root directory
 * @param seed names the content; the UUID is made from it
 * @param label at most 15 bytes of UTF-8 without NUL; empty for none
 * @param time of everything in it, in seconds since 1970
 */
public record ErofsRequest(TreeId tree, Meta root, Digest seed, String label, long time) {
  private static final int LABEL = 15;

  /** Refuses null, a label that is too long, and a time before 1970. */
  public ErofsRequest {
    Objects.requireNonNull(tree);
    Objects.requireNonNull(root);
    Objects.requireNonNull(seed);
    if (label.getBytes(StandardCharsets.UTF_8).length > LABEL || label.indexOf(0) >= 0) {
      throw new IllegalArgumentException(
          "the label of an EROFS file system has at most " + LABEL + " bytes: " + label);
    }
    if (time < 0) {
      throw new IllegalArgumentException("a time before 1970: " + time);
    }
  }

  /** The file system's UUID (RFC 9562, version 8). */
  public UUID uuid() {
    return Derived.uuid(seed, "erofs");
  }
}
