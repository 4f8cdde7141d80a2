package dev.imgstore.builder.source.signature;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.function.Consumer;
import org.bouncycastle.bcpg.ArmoredOutputStream;
import org.bouncycastle.bcpg.HashAlgorithmTags;
import org.bouncycastle.bcpg.PublicKeyAlgorithmTags;
import org.bouncycastle.bcpg.PublicKeyPacket;
import org.bouncycastle.bcpg.sig.KeyFlags;
import org.bouncycastle.crypto.AsymmetricCipherKeyPairGenerator;
import org.bouncycastle.crypto.generators.DSAKeyPairGenerator;
import org.bouncycastle.crypto.generators.DSAParametersGenerator;
import org.bouncycastle.crypto.generators.Ed25519KeyPairGenerator;
import org.bouncycastle.crypto.generators.RSAKeyPairGenerator;
import org.bouncycastle.crypto.params.DSAKeyGenerationParameters;
import org.bouncycastle.crypto.params.Ed25519KeyGenerationParameters;
import org.bouncycastle.crypto.params.RSAKeyGenerationParameters;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.PGPKeyPair;
import org.bouncycastle.openpgp.PGPPublicKey;
import org.bouncycastle.openpgp.PGPSignature;
import org.bouncycastle.openpgp.PGPSignatureGenerator;
import org.bouncycastle.openpgp.PGPSignatureSubpacketGenerator;
import org.bouncycastle.openpgp.operator.bc.BcKeyFingerprintCalculator;
import org.bouncycastle.openpgp.operator.bc.BcPGPContentSignerBuilder;
import org.bouncycastle.openpgp.operator.bc.BcPGPKeyPair;

/** An OpenPGP key of a test: a primary key, or a subkey that one vouches for. */
public final class TestKey {
  public static final Instant MADE = Instant.parse("2020-01-01T00:00:00Z");
  private static final SecureRandom RANDOM = new SecureRandom();

  private final PGPKeyPair pair;
  private final List<PGPPublicKey> ring = new ArrayList<>();

  private TestKey(PGPKeyPair pair) {
    this.pair = pair;
  }

  public static TestKey rsa(int bits) {
    RSAKeyPairGenerator generator = new RSAKeyPairGenerator();
    generator.init(new RSAKeyGenerationParameters(BigInteger.valueOf(0x10001), RANDOM, bits, 20));
    return of(PublicKeyAlgorithmTags.RSA_GENERAL, generator);
  }

  public static TestKey ed25519() {
    Ed25519KeyPairGenerator generator = new Ed25519KeyPairGenerator();
    generator.init(new Ed25519KeyGenerationParameters(RANDOM));
    return of(PublicKeyAlgorithmTags.EDDSA_LEGACY, generator);
  }

  public static TestKey dsa() {
    DSAParametersGenerator parameters = new DSAParametersGenerator();
    parameters.init(1024, 20, RANDOM);
    DSAKeyPairGenerator generator = new DSAKeyPairGenerator();
    generator.init(new DSAKeyGenerationParameters(RANDOM, parameters.generateParameters()));
    return of(PublicKeyAlgorithmTags.DSA, generator);
  }

  private static TestKey of(int algorithm, AsymmetricCipherKeyPairGenerator generator) {
    try {
      return new TestKey(
          new BcPGPKeyPair(
              PublicKeyPacket.VERSION_4, algorithm, generator.generateKeyPair(), Date.from(MADE)));
    } catch (PGPException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A primary key that says this of itself, and may sign unless it says otherwise. */
  public TestKey primary(Consumer<PGPSignatureSubpacketGenerator> says) {
    PGPSignature self =
        statement(
            PGPSignature.POSITIVE_CERTIFICATION,
            says,
            generator -> generator.generateCertification("test", pair.getPublicKey()));
    ring.add(PGPPublicKey.addCertification(pair.getPublicKey(), "test", self));
    return this;
  }

  /** An ordinary primary key. */
  public TestKey primary() {
    return primary(says -> says.setKeyFlags(KeyFlags.CERTIFY_OTHER | KeyFlags.SIGN_DATA));
  }

  /** A primary key that says nothing of itself. */
  public TestKey bare() {
    ring.add(pair.getPublicKey());
    return this;
  }

  /** Adds another key as a subkey, of which {@code vouching} says this. */
  public TestKey with(
      TestKey sub, TestKey vouching, Consumer<PGPSignatureSubpacketGenerator> says) {
    PGPPublicKey key = sub.subkey();
    PGPSignature binding =
        vouching.statement(
            PGPSignature.SUBKEY_BINDING,
            says,
            generator -> generator.generateCertification(pair.getPublicKey(), key));
    ring.add(PGPPublicKey.addCertification(key, binding));
    return this;
  }

  /** Adds a signing subkey. */
  public TestKey with(TestKey sub) {
    return with(sub, this, says -> says.setKeyFlags(KeyFlags.SIGN_DATA));
  }

  /** Revokes the newest key of the ring. */
  public TestKey revoked() {
    PGPPublicKey key = ring.remove(ring.size() - 1);
    PGPSignature revocation =
        key.isMasterKey()
            ? statement(
                PGPSignature.KEY_REVOCATION, s -> {}, each -> each.generateCertification(key))
            : statement(
                PGPSignature.SUBKEY_REVOCATION,
                s -> {},
                each -> each.generateCertification(pair.getPublicKey(), key));
    ring.add(PGPPublicKey.addCertification(key, revocation));
    return this;
  }

  private PGPPublicKey subkey() {
    try {
      return pair.asSubkey(new BcKeyFingerprintCalculator()).getPublicKey();
    } catch (PGPException e) {
      throw new IllegalStateException(e);
    }
  }

  private interface Making {
    PGPSignature of(PGPSignatureGenerator generator) throws PGPException;
  }

  private PGPSignature statement(
      int type, Consumer<PGPSignatureSubpacketGenerator> says, Making making) {
    return made(HashAlgorithmTags.SHA256, type, says, making);
  }

  private PGPSignature made(
      int hash, int type, Consumer<PGPSignatureSubpacketGenerator> says, Making making) {
    try {
      PGPSignatureGenerator generator =
          new PGPSignatureGenerator(
              new BcPGPContentSignerBuilder(pair.getPublicKey().getAlgorithm(), hash),
              pair.getPublicKey());
      generator.init(type, pair.getPrivateKey());
      PGPSignatureSubpacketGenerator claims = new PGPSignatureSubpacketGenerator();
      claims.setSignatureCreationTime(Date.from(MADE));
      claims.setIssuerKeyID(false, pair.getKeyID());
      says.accept(claims);
      generator.setHashedSubpackets(claims.generate());
      return making.of(generator);
    } catch (PGPException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The ring, as a binary keyring. */
  public byte[] keyring() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      for (PGPPublicKey key : ring) {
        key.encode(bytes);
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return bytes.toByteArray();
  }

  /** The ring, as an armored block. */
  public byte[] armored() {
    return armored(keyring()).getBytes(StandardCharsets.US_ASCII);
  }

  /** A signature of this kind on the lines. */
  public PGPSignature signature(
      int hash, int type, Consumer<PGPSignatureSubpacketGenerator> says, String... lines) {
    byte[] text = String.join("\r\n", lines).getBytes(StandardCharsets.UTF_8);
    return made(
        hash,
        type,
        says,
        generator -> {
          generator.update(text);
          return generator.generate();
        });
  }

  /** An ordinary signature on lines without white space at their ends. */
  public PGPSignature signature(String... lines) {
    return signature(
        HashAlgorithmTags.SHA512, PGPSignature.CANONICAL_TEXT_DOCUMENT, says -> {}, lines);
  }

  /** A clear-signed message of lines as they are, dashes escaped. */
  public static String message(List<String> lines, PGPSignature... signatures) {
    StringBuilder text = new StringBuilder();
    text.append("-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n");
    for (String line : lines) {
      text.append(line.startsWith("-") ? "- " + line : line).append('\n');
    }
    ByteArrayOutputStream packets = new ByteArrayOutputStream();
    for (PGPSignature each : signatures) {
      try {
        each.encode(packets);
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }
    return text + armored(packets.toByteArray());
  }

  /** The message of one ordinary signature. */
  public String message(String... lines) {
    return message(Arrays.asList(lines), signature(lines));
  }

  private static String armored(byte[] packets) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ArmoredOutputStream armor = new ArmoredOutputStream(bytes)) {
      armor.write(packets);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return bytes.toString(StandardCharsets.US_ASCII).replace("\r\n", "\n");
  }
}
