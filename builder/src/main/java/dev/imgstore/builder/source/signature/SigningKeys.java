package dev.imgstore.builder.source.signature;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.bouncycastle.bcpg.ArmoredInputStream;
import org.bouncycastle.bcpg.HashAlgorithmTags;
import org.bouncycastle.bcpg.PublicKeyAlgorithmTags;
import org.bouncycastle.bcpg.SignatureSubpacketTags;
import org.bouncycastle.bcpg.sig.KeyFlags;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.PGPPublicKey;
import org.bouncycastle.openpgp.PGPPublicKeyRing;
import org.bouncycastle.openpgp.PGPPublicKeyRingCollection;
import org.bouncycastle.openpgp.PGPSignature;
import org.bouncycastle.openpgp.PGPSignatureSubpacketVector;
import org.bouncycastle.openpgp.operator.bc.BcKeyFingerprintCalculator;
import org.bouncycastle.openpgp.operator.bc.BcPGPContentVerifierBuilderProvider;

/**
 * The keys of a keyring, and which of them may sign a text at a given time. A key counts if its
 * primary key vouches for it, allows it to sign, and both are neither expired, revoked nor weak.
 */
public final class SigningKeys {
  private static final String ARMOR = "-----BEGIN PGP PUBLIC KEY BLOCK-----";
  private static final Set<Integer> HASHES =
      Set.of(
          HashAlgorithmTags.SHA224,
          HashAlgorithmTags.SHA256,
          HashAlgorithmTags.SHA384,
          HashAlgorithmTags.SHA512);

  /** A signature that insists on anything else does not count (RFC 9580, section 5.2.3.7). */
  private static final Set<Integer> UNDERSTOOD =
      Set.of(
          SignatureSubpacketTags.CREATION_TIME,
          SignatureSubpacketTags.EXPIRE_TIME,
          SignatureSubpacketTags.ISSUER_KEY_ID,
          SignatureSubpacketTags.ISSUER_FINGERPRINT,
          SignatureSubpacketTags.SIGNER_USER_ID);

  /** Numbers 1 to 3 are RSA (RFC 9580, section 9.1). */
  private static final int LAST_RSA = 3;

  private static final int MIN_RSA_BITS = 2048;
  private static final BcPGPContentVerifierBuilderProvider VERIFIER =
      new BcPGPContentVerifierBuilderProvider();

  private final PGPPublicKeyRingCollection rings;
  private final Instant now;

  private SigningKeys(PGPPublicKeyRingCollection rings, Instant now) {
    this.rings = rings;
    this.now = now;
  }

  /**
   * Reads a keyring.
   *
   * @param keyring binary, or one or more armored blocks
   * @throws IOException if it is neither
   */
  public static SigningKeys read(byte[] keyring, Instant now) throws IOException {
    List<PGPPublicKeyRing> rings = new ArrayList<>();
    String text = new String(keyring, StandardCharsets.ISO_8859_1);
    try {
      int block = text.indexOf(ARMOR);
      if (block < 0) {
        add(new ByteArrayInputStream(keyring), rings);
      }
      for (; block >= 0; block = text.indexOf(ARMOR, block + 1)) {
        byte[] rest = Arrays.copyOfRange(keyring, block, keyring.length);
        add(new ArmoredInputStream(new ByteArrayInputStream(rest)), rings);
      }
      return new SigningKeys(new PGPPublicKeyRingCollection(rings), now);
    } catch (PGPException | RuntimeException e) {
      throw new IOException("it cannot be read (" + e.getMessage() + ")", e);
    }
  }

  private static void add(InputStream in, List<PGPPublicKeyRing> rings)
      throws IOException, PGPException {
    new PGPPublicKeyRingCollection(in, new BcKeyFingerprintCalculator()).forEach(rings::add);
  }

  /** What is signed; opened for each signature. */
  public interface Content {
    /** The bytes from their beginning; closed by who opens them. */
    InputStream open() throws IOException;
  }

  /** The primary keys, each as {@code openpgp:} and its fingerprint. */
  public SortedSet<String> names() {
    SortedSet<String> names = new TreeSet<>();
    rings.forEach(ring -> names.add(name(ring)));
    return names;
  }

  /** The primary key that a signature names; empty if it is none of these. */
  public String name(PGPSignature signature) {
    PGPPublicKeyRing ring = rings.getPublicKeyRing(signature.getKeyID());
    return ring == null ? "" : name(ring);
  }

  private static String name(PGPPublicKeyRing ring) {
    return "openpgp:" + HexFormat.of().formatHex(ring.getPublicKey().getFingerprint());
  }

  /** Why a signature on canonical text does not count; empty if it does. */
  public String fault(PGPSignature signature, byte[] canonicalText) {
    try {
      return fault(
          signature,
          PGPSignature.CANONICAL_TEXT_DOCUMENT,
          () -> new ByteArrayInputStream(canonicalText));
    } catch (IOException e) {
      throw new UncheckedIOException(e); // of bytes in memory
    }
  }

  /** Why a signature on bytes as they are does not count; empty if it does. */
  public String fault(PGPSignature signature, Content content) throws IOException {
    return fault(signature, PGPSignature.BINARY_DOCUMENT, content);
  }

  private String fault(PGPSignature signature, int type, Content content) throws IOException {
    String id = HexFormat.of().toHexDigits(signature.getKeyID());
    try {
      PGPPublicKey key = rings.getPublicKey(signature.getKeyID());
      if (key == null) {
        return "key " + id + " is not in the keyring";
      }
      String bad = fault(signature, type);
      if (!bad.isEmpty()) {
        return "the one by key " + id + " " + bad;
      }
      PGPPublicKey primary = rings.getPublicKeyRing(signature.getKeyID()).getPublicKey();
      bad = fault(primary, primary, key.isMasterKey());
      if (bad.isEmpty() && !key.isMasterKey()) {
        bad = fault(key, primary, true);
      }
      if (!bad.isEmpty()) {
        return "key " + id + " " + bad;
      }
      signature.init(VERIFIER, key);
      try (InputStream in = content.open()) {
        byte[] buffer = new byte[1 << 16];
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
          signature.update(buffer, 0, read);
        }
      }
      return signature.verify() ? "" : "the one by key " + id + " does not match the text";
    } catch (PGPException | RuntimeException e) {
      return "the one by key " + id + " cannot be checked (" + e.getMessage() + ")";
    }
  }

  private String fault(PGPSignature signature, int type) {
    PGPSignatureSubpacketVector claims = signature.getHashedSubPackets();
    if (!HASHES.contains(signature.getHashAlgorithm())) {
      return "uses a weak hash";
    }
    if (signature.getSignatureType() != type) {
      return "signs something else than "
          + (type == PGPSignature.BINARY_DOCUMENT ? "bytes" : "a text");
    }
    if (claims == null) {
      return "does not say when it was made";
    }
    for (int tag : claims.getCriticalTags()) {
      if (!UNDERSTOOD.contains(tag)) {
        return "insists on something unknown (" + tag + ")";
      }
    }
    long seconds = claims.getSignatureExpirationTime();
    Instant end = signature.getCreationTime().toInstant().plusSeconds(seconds);
    return seconds > 0 && !now.isBefore(end) ? "expired on " + end : "";
  }

  private String fault(PGPPublicKey key, PGPPublicKey primary, boolean signs) {
    if (key.hasRevocation()) {
      return "is revoked";
    }
    boolean rsa = key.getAlgorithm() <= LAST_RSA;
    if (key.getAlgorithm() == PublicKeyAlgorithmTags.DSA
        || (rsa && key.getBitStrength() < MIN_RSA_BITS)) {
      return "is too weak";
    }
    Optional<PGPSignature> statement = statement(key, primary);
    if (statement.isEmpty()) {
      return "is not vouched for by its primary key";
    }
    PGPSignatureSubpacketVector says = statement.get().getHashedSubPackets();
    if (signs
        && says.hasSubpacket(SignatureSubpacketTags.KEY_FLAGS)
        && (says.getKeyFlags() & KeyFlags.SIGN_DATA) == 0) {
      return "is not for signing";
    }
    long seconds = says.getKeyExpirationTime();
    Instant end = key.getCreationTime().toInstant().plusSeconds(seconds);
    return seconds > 0 && !now.isBefore(end) ? "expired on " + end : "";
  }

  /** The newest thing the primary key says about a key of its ring: what for, how long. */
  private static Optional<PGPSignature> statement(PGPPublicKey key, PGPPublicKey primary) {
    List<PGPSignature> good = new ArrayList<>();
    if (key.isMasterKey()) {
      key.getRawUserIDs()
          .forEachRemaining(
              id ->
                  keep(
                      key.getSignaturesForID(id),
                      each ->
                          PGPSignature.isCertification(each.getSignatureType())
                              && each.getKeyID() == key.getKeyID()
                              && verifies(each, key, () -> each.verifyCertification(id, key)),
                      good));
      keep(
          key.getSignaturesOfType(PGPSignature.DIRECT_KEY),
          each ->
              each.getKeyID() == key.getKeyID()
                  && verifies(each, key, () -> each.verifyCertification(key)),
          good);
    } else {
      keep(
          key.getSignaturesOfType(PGPSignature.SUBKEY_BINDING),
          each -> verifies(each, primary, () -> each.verifyCertification(primary, key)),
          good);
    }
    return good.stream().max(Comparator.comparing(PGPSignature::getCreationTime));
  }

  private static void keep(
      Iterator<PGPSignature> all,
      java.util.function.Predicate<PGPSignature> good,
      List<PGPSignature> kept) {
    all.forEachRemaining(
        each -> {
          if (each.getHashedSubPackets() != null && good.test(each)) {
            kept.add(each);
          }
        });
  }

  private interface Check {
    boolean passes() throws PGPException;
  }

  private static boolean verifies(PGPSignature signature, PGPPublicKey by, Check check) {
    try {
      signature.init(VERIFIER, by);
      return check.passes();
    } catch (PGPException | RuntimeException e) {
      return false; // what cannot be checked vouches for nothing
    }
  }
}
