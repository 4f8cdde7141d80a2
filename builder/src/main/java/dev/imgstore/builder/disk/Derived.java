package dev.imgstore.builder.disk;

import dev.imgstore.model.Digest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.UUID;

/**
 * Identifiers that other tools draw by chance, made from a digest and a label instead: the same
 * digest gives the same ones, another digest or label gives others.
 */
public final class Derived {
  private static final long VERSION = 0xf000L;
  private static final long CUSTOM = 0x8000L;
  private static final long VARIANT = 0xc000_0000_0000_0000L;
  private static final long IETF = 0x8000_0000_0000_0000L;

  private Derived() {}

  /** 32 bytes for this label: the SHA-256 of the raw seed followed by the label in UTF-8. */
  public static byte[] bytes(Digest seed, String label) {
    MessageDigest hash = Digest.sha256();
    hash.update(seed.raw());
    return hash.digest(label.getBytes(StandardCharsets.UTF_8));
  }

  /** A UUID of version 8, the one whose bits are the application's (RFC 9562, 5.8). */
  public static UUID uuid(Digest seed, String label) {
    ByteBuffer bytes = ByteBuffer.wrap(bytes(seed, label));
    return new UUID((bytes.getLong() & ~VERSION) | CUSTOM, (bytes.getLong() & ~VARIANT) | IETF);
  }

  /** Thirty-two bits. */
  public static int number(Digest seed, String label) {
    return ByteBuffer.wrap(bytes(seed, label)).getInt();
  }
}
