package dev.imgstore.sync.keys;

import dev.imgstore.model.Bytes;
import dev.imgstore.model.Digest;
import java.util.Base64;
import org.bouncycastle.crypto.params.Ed25519PublicKeyParameters;
import org.bouncycastle.crypto.signers.Ed25519Signer;

/**
 * A key that anybody may have, of {@link #BYTES} bytes: Ed25519 (RFC 8032, section 5.1). Its text
 * is {@code ed25519:} and base64. Safe for threads.
 */
public record PublicKey(Bytes raw) implements Comparable<PublicKey> {
  /** Bytes of a key. */
  public static final int BYTES = Ed25519PublicKeyParameters.KEY_SIZE;

  /** Bytes of a signature. */
  public static final int SIGNATURE = 64;

  static final String PREFIX = "ed25519:";
  private static final int ID = 16;

  /** Refuses what is no point of the curve. */
  public PublicKey {
    if (raw.length() != BYTES) {
      throw new IllegalArgumentException(
          "a key of " + raw.length() + " bytes; it must have " + BYTES);
    }
    try {
      new Ed25519PublicKeyParameters(raw.toArray());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("these bytes are no key: " + e.getMessage(), e);
    }
  }

  /**
   * Reads its text.
   *
   * @throws IllegalArgumentException saying what is wrong with it, and how it should look
   */
  public static PublicKey parse(String text) {
    if (!text.startsWith(PREFIX)) {
      throw new IllegalArgumentException(
          "a public key begins with " + PREFIX + ", as imgstore key show prints it");
    }
    return new PublicKey(Bytes.of(base64(text.substring(PREFIX.length()))));
  }

  static byte[] base64(String text) {
    byte[] bytes;
    try {
      bytes = Base64.getDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("what follows " + PREFIX + " is no base64", e);
    }
    if (!Base64.getEncoder().encodeToString(bytes).equals(text)) {
      throw new IllegalArgumentException("what follows " + PREFIX + " has another spelling");
    }
    return bytes;
  }

  /** Short, for names of files and tags: the first 16 digits of the key's SHA-256. */
  public String id() {
    return Digest.of(raw.toArray()).hex().substring(0, ID);
  }

  /** True if this key's owner signed these bytes. */
  public boolean verifies(byte[] message, byte[] signature) {
    if (signature.length != SIGNATURE) {
      return false;
    }
    Ed25519Signer verifier = new Ed25519Signer();
    verifier.init(false, new Ed25519PublicKeyParameters(raw.toArray()));
    verifier.update(message, 0, message.length);
    return verifier.verifySignature(signature);
  }

  @Override
  public int compareTo(PublicKey other) {
    return raw.compareTo(other.raw);
  }

  /** Its text. */
  @Override
  public String toString() {
    return PREFIX + Base64.getEncoder().encodeToString(raw.toArray());
  }
}
