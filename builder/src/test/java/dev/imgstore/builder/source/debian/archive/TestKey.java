package dev.imgstore.builder.source.debian.archive;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.stream.Collectors;
import org.bouncycastle.bcpg.ArmoredOutputStream;
import org.bouncycastle.bcpg.HashAlgorithmTags;
import org.bouncycastle.bcpg.PublicKeyAlgorithmTags;
import org.bouncycastle.bcpg.PublicKeyPacket;
import org.bouncycastle.bcpg.sig.KeyFlags;
import org.bouncycastle.crypto.AsymmetricCipherKeyPair;
import org.bouncycastle.crypto.generators.Ed25519KeyPairGenerator;
import org.bouncycastle.crypto.generators.RSAKeyPairGenerator;
import org.bouncycastle.crypto.params.Ed25519KeyGenerationParameters;
import org.bouncycastle.crypto.params.RSAKeyGenerationParameters;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.PGPKeyPair;
import org.bouncycastle.openpgp.PGPKeyRingGenerator;
import org.bouncycastle.openpgp.PGPPublicKey;
import org.bouncycastle.openpgp.PGPPublicKeyRing;
import org.bouncycastle.openpgp.PGPSignature;
import org.bouncycastle.openpgp.PGPSignatureGenerator;
import org.bouncycastle.openpgp.PGPSignatureSubpacketGenerator;
import org.bouncycastle.openpgp.operator.bc.BcPGPContentSignerBuilder;
import org.bouncycastle.openpgp.operator.bc.BcPGPDigestCalculatorProvider;
import org.bouncycastle.openpgp.operator.bc.BcPGPKeyPair;

/** A key made for a test, and what it signs. */
final class TestKey {
  static final Instant BORN = Instant.parse("2025-01-01T00:00:00Z");

  private final PGPKeyPair pair;
  private final PGPKeyRingGenerator rings;
  private PGPPublicKeyRing ring;

  private TestKey(PGPKeyPair pair, Duration lifetime, int flags) throws PGPException {
    this.pair = pair;
    PGPSignatureSubpacketGenerator hashed = new PGPSignatureSubpacketGenerator();
    hashed.setKeyFlags(true, flags);
    if (!lifetime.isZero()) {
      hashed.setKeyExpirationTime(true, lifetime.toSeconds());
    }
    rings =
        new PGPKeyRingGenerator(
            PGPSignature.POSITIVE_CERTIFICATION,
            pair,
            "imgstore test",
            new BcPGPDigestCalculatorProvider().get(HashAlgorithmTags.SHA1),
            hashed.generate(),
            null,
            new BcPGPContentSignerBuilder(
                pair.getPublicKey().getAlgorithm(), HashAlgorithmTags.SHA256),
            null);
    ring = rings.generatePublicKeyRing();
  }

  static TestKey make() {
    return make(Duration.ZERO, KeyFlags.SIGN_DATA | KeyFlags.CERTIFY_OTHER);
  }

  static TestKey living(Duration lifetime) {
    return make(lifetime, KeyFlags.SIGN_DATA | KeyFlags.CERTIFY_OTHER);
  }

  static TestKey notForSigning() {
    return make(Duration.ZERO, KeyFlags.ENCRYPT_COMMS);
  }

  private static TestKey make(Duration lifetime, int flags) {
    Ed25519KeyPairGenerator generator = new Ed25519KeyPairGenerator();
    generator.init(new Ed25519KeyGenerationParameters(new SecureRandom()));
    return of(PublicKeyAlgorithmTags.EDDSA_LEGACY, generator.generateKeyPair(), lifetime, flags);
  }

  static TestKey rsa(int bits) {
    RSAKeyPairGenerator generator = new RSAKeyPairGenerator();
    generator.init(
        new RSAKeyGenerationParameters(BigInteger.valueOf(65537), new SecureRandom(), bits, 40));
    return of(
        PublicKeyAlgorithmTags.RSA_GENERAL,
        generator.generateKeyPair(),
        Duration.ZERO,
        KeyFlags.SIGN_DATA);
  }

  private static TestKey of(
      int algorithm, AsymmetricCipherKeyPair keys, Duration lifetime, int flags) {
    try {
      return new TestKey(
          new BcPGPKeyPair(PublicKeyPacket.VERSION_4, algorithm, keys, Date.from(BORN)),
          lifetime,
          flags);
    } catch (PGPException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The public key says from now on that it is revoked. */
  TestKey revoked() throws PGPException {
    PGPSignatureGenerator generator =
        new PGPSignatureGenerator(
            new BcPGPContentSignerBuilder(
                pair.getPublicKey().getAlgorithm(), HashAlgorithmTags.SHA256),
            pair.getPublicKey());
    generator.init(PGPSignature.KEY_REVOCATION, pair.getPrivateKey());
    PGPPublicKey key =
        PGPPublicKey.addCertification(
            ring.getPublicKey(), generator.generateCertification(ring.getPublicKey()));
    ring = PGPPublicKeyRing.insertPublicKey(ring, key);
    return this;
  }

  byte[] keyring() throws IOException {
    return ring.getEncoded();
  }

  byte[] armoredKeyring() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ArmoredOutputStream armor = ArmoredOutputStream.builder().build(bytes)) {
      ring.encode(armor);
    }
    return bytes.toByteArray();
  }

  /** A clear-signed message with a good signature. */
  String sign(String text) throws IOException {
    return message(text, signature(text, HashAlgorithmTags.SHA256, BORN, Duration.ZERO));
  }

  static String message(String text, String armor) {
    String escaped =
        text.lines()
            .map(line -> line.startsWith("-") ? "- " + line : line)
            .collect(Collectors.joining("\n"));
    return "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n" + escaped + "\n" + armor;
  }

  /** The armoured signature of a text, its lines without trailing blanks. */
  String signature(String text, int hash, Instant made, Duration lifetime) throws IOException {
    try {
      PGPSignatureGenerator generator =
          new PGPSignatureGenerator(
              new BcPGPContentSignerBuilder(pair.getPublicKey().getAlgorithm(), hash),
              pair.getPublicKey());
      generator.init(PGPSignature.CANONICAL_TEXT_DOCUMENT, pair.getPrivateKey());
      PGPSignatureSubpacketGenerator hashed = new PGPSignatureSubpacketGenerator();
      hashed.setSignatureCreationTime(true, Date.from(made));
      if (!lifetime.isZero()) {
        hashed.setSignatureExpirationTime(true, lifetime.toSeconds());
      }
      generator.setHashedSubpackets(hashed.generate());
      String canonical =
          text.lines().map(String::stripTrailing).collect(Collectors.joining("\r\n"));
      generator.update(canonical.getBytes(UTF_8));
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      try (ArmoredOutputStream armor = ArmoredOutputStream.builder().build(bytes)) {
        generator.generate().encode(armor);
      }
      return bytes.toString(UTF_8);
    } catch (PGPException e) {
      throw new IOException(e);
    }
  }
}
