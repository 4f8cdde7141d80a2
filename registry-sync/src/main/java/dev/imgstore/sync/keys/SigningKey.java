package dev.imgstore.sync.keys;

import dev.imgstore.model.Bytes;
import java.util.Base64;
import java.util.random.RandomGenerator;
import org.bouncycastle.crypto.params.Ed25519PrivateKeyParameters;
import org.bouncycastle.crypto.signers.Ed25519Signer;

/**
 * A key that only its owner has: Ed25519 (RFC 8032, section 5.1). It shows itself only when {@link
 * #secret} is asked for. Safe for threads.
 */
public final class SigningKey {
  private static final String PREFIX = "secret-" + PublicKey.PREFIX;

  private final Ed25519PrivateKeyParameters key;
  private final PublicKey shown;

  private SigningKey(byte[] seed) {
    this.key = new Ed25519PrivateKeyParameters(seed);
    this.shown = new PublicKey(Bytes.of(key.generatePublicKey().getEncoded()));
  }

  /**
   * A new one.
   *
   * @param chance that nobody can guess: a {@code SecureRandom}
   */
  public static SigningKey create(RandomGenerator chance) {
    byte[] seed = new byte[Ed25519PrivateKeyParameters.KEY_SIZE];
    chance.nextBytes(seed);
    return new SigningKey(seed);
  }

  /**
   * Reads {@link #secret}.
   *
   * @throws IllegalArgumentException saying what is wrong, never what was read
   */
  public static SigningKey parse(String secret) {
    if (!secret.startsWith(PREFIX)) {
      throw new IllegalArgumentException("a secret key begins with " + PREFIX);
    }
    byte[] seed = PublicKey.base64(secret.substring(PREFIX.length()));
    if (seed.length != Ed25519PrivateKeyParameters.KEY_SIZE) {
      throw new IllegalArgumentException(
          "a secret key of "
              + seed.length
              + " bytes; it must have "
              + Ed25519PrivateKeyParameters.KEY_SIZE);
    }
    return new SigningKey(seed);
  }

  /** The text to keep where nobody else can read: {@code secret-ed25519:} and base64. */
  public String secret() {
    return PREFIX + Base64.getEncoder().encodeToString(key.getEncoded());
  }

  /** What others know it by. */
  public PublicKey shown() {
    return shown;
  }

  /** Signs; the same bytes get the same signature. */
  public byte[] sign(byte[] message) {
    Ed25519Signer signer = new Ed25519Signer();
    signer.init(true, key);
    signer.update(message, 0, message.length);
    return signer.generateSignature();
  }

  /** The public key alone. */
  @Override
  public String toString() {
    return "the key of " + shown;
  }
}
