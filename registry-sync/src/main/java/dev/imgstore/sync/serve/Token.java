package dev.imgstore.sync.serve;

import dev.imgstore.model.Digest;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/**
 * Who somebody is and what they may do. The secret itself is not kept, and not printed.
 *
 * @param name for the journal and the access log
 * @param writes whether they may write; all may read
 * @param secret the hash of it
 */
public record Token(String name, boolean writes, Digest secret) {
  private static final int LEAST = 8;

  /** Refuses a name that a header cannot say. */
  public Token {
    if (!name.matches("[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")) {
      throw new IllegalArgumentException(
          "a name has 1 to 64 letters, digits, '.', '_', '@' or '-'");
    }
  }

  /**
   * Of a secret as given.
   *
   * @throws IllegalArgumentException if it is too short to be one
   */
  public static Token of(String name, boolean writes, String secret) {
    if (secret.length() < LEAST) {
      throw new IllegalArgumentException("a secret has at least " + LEAST + " characters");
    }
    return new Token(name, writes, hash(secret));
  }

  private static Digest hash(String secret) {
    return Digest.of(secret.getBytes(StandardCharsets.UTF_8));
  }

  /** True if this is the secret; takes the same time whatever is wrong with it. */
  boolean isSecret(String said) {
    return MessageDigest.isEqual(hash(said).raw(), secret.raw());
  }

  /** Without the secret. */
  @Override
  public String toString() {
    return name + (writes ? " (write)" : " (read)");
  }
}
