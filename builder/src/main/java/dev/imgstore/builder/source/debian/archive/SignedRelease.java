package dev.imgstore.builder.source.debian.archive;

import dev.imgstore.builder.source.debian.DebianException.Untrusted;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.bouncycastle.bcpg.ArmoredInputStream;
import org.bouncycastle.bcpg.HashAlgorithmTags;
import org.bouncycastle.bcpg.PublicKeyAlgorithmTags;
import org.bouncycastle.bcpg.sig.KeyFlags;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.PGPPublicKey;
import org.bouncycastle.openpgp.PGPPublicKeyRing;
import org.bouncycastle.openpgp.PGPPublicKeyRingCollection;
import org.bouncycastle.openpgp.PGPSignature;
import org.bouncycastle.openpgp.PGPSignatureList;
import org.bouncycastle.openpgp.PGPSignatureSubpacketVector;
import org.bouncycastle.openpgp.PGPUtil;
import org.bouncycastle.openpgp.bc.BcPGPObjectFactory;
import org.bouncycastle.openpgp.operator.bc.BcKeyFingerprintCalculator;
import org.bouncycastle.openpgp.operator.bc.BcPGPContentVerifierBuilderProvider;

/**
 * Checks a clear-signed text (RFC 9580, section 7) against a keyring. Only the text that the
 * signature covers is handed out; anything before or after the signed message is refused.
 */
public final class SignedRelease {
  private static final String BEGIN = "-----BEGIN PGP SIGNED MESSAGE-----";
  private static final String SIGNATURE = "-----BEGIN PGP SIGNATURE-----";
  private static final String END = "-----END PGP SIGNATURE-----";
  private static final int MAX_SIGNATURES = 32;
  private static final Set<Integer> HASHES =
      Set.of(
          HashAlgorithmTags.SHA256,
          HashAlgorithmTags.SHA384,
          HashAlgorithmTags.SHA512,
          HashAlgorithmTags.SHA224);

  /** Numbers 1 to 3 are RSA (RFC 9580, section 9.1). */
  private static final int LAST_RSA = 3;

  private static final int MIN_RSA_BITS = 2048;

  private final String what;
  private final Instant now;

  private SignedRelease(String what, Instant now) {
    this.what = what;
    this.now = now;
  }

  /**
   * The text that at least one key of the keyring has signed.
   *
   * @param what names the text in complaints
   * @param keyring OpenPGP public keys, binary or armored
   * @param now keys that are expired by then do not count
   * @throws Untrusted if no good signature of a good key of the ring covers the text
   */
  public static String verify(String what, byte[] file, byte[] keyring, Instant now)
      throws IOException {
    return new SignedRelease(what, now).verify(file, keyring);
  }

  private String verify(byte[] file, byte[] keyring) throws IOException {
    List<String> lines = new String(file, StandardCharsets.ISO_8859_1).lines().toList();
    if (lines.isEmpty() || !lines.get(0).stripTrailing().equals(BEGIN)) {
      throw new Untrusted(what, "it does not begin with a signed message");
    }
    int at = 1;
    while (at < lines.size() && !lines.get(at).isBlank()) {
      if (!lines.get(at).startsWith("Hash: ")) {
        throw new Untrusted(what, "its signed message has an unknown header");
      }
      at++;
    }
    List<String> text = new ArrayList<>();
    for (at++; at < lines.size() && !lines.get(at).stripTrailing().equals(SIGNATURE); at++) {
      text.add(unescaped(lines.get(at)));
    }
    StringBuilder armor = new StringBuilder();
    boolean ended = false;
    for (; at < lines.size(); at++) {
      String line = lines.get(at).stripTrailing();
      if (ended && !line.isEmpty()) {
        throw new Untrusted(what, "there is text after its signature");
      }
      armor.append(line).append('\n');
      ended |= line.equals(END);
    }
    if (!ended) {
      throw new Untrusted(what, "its signature is cut off or missing");
    }
    check(text, signatures(armor.toString()), keys(keyring));
    byte[] covered = String.join("\n", text).getBytes(StandardCharsets.ISO_8859_1);
    return new String(covered, StandardCharsets.UTF_8) + "\n";
  }

  /** Without dash-escaping and without trailing white space, which no signature covers. */
  private String unescaped(String line) throws Untrusted {
    String plain = line;
    if (line.startsWith("-")) {
      if (!line.startsWith("- ")) {
        throw new Untrusted(what, "its signed message has another message inside");
      }
      plain = line.substring(2);
    }
    int end = plain.length();
    while (end > 0 && " \t\r".indexOf(plain.charAt(end - 1)) >= 0) {
      end--;
    }
    return plain.substring(0, end);
  }

  private List<PGPSignature> signatures(String armor) throws IOException {
    List<PGPSignature> all = new ArrayList<>();
    try (ArmoredInputStream in =
        new ArmoredInputStream(
            new ByteArrayInputStream(armor.getBytes(StandardCharsets.ISO_8859_1)))) {
      BcPGPObjectFactory objects = new BcPGPObjectFactory(in);
      for (Object next = objects.nextObject(); next != null; next = objects.nextObject()) {
        if (next instanceof PGPSignatureList list) {
          list.forEach(all::add);
        }
        if (all.size() > MAX_SIGNATURES) {
          throw new Untrusted(what, "it has more than " + MAX_SIGNATURES + " signatures");
        }
      }
    } catch (IOException | RuntimeException e) {
      if (e instanceof Untrusted known) {
        throw known;
      }
      throw new Untrusted(what, "its signature cannot be read (" + e.getMessage() + ")");
    }
    return all;
  }

  private PGPPublicKeyRingCollection keys(byte[] keyring) throws IOException {
    try {
      return new PGPPublicKeyRingCollection(
          PGPUtil.getDecoderStream(new ByteArrayInputStream(keyring)),
          new BcKeyFingerprintCalculator());
    } catch (PGPException | RuntimeException e) {
      throw new Untrusted(what, "the keyring cannot be read (" + e.getMessage() + ")");
    }
  }

  private void check(
      List<String> text, List<PGPSignature> signatures, PGPPublicKeyRingCollection keys)
      throws IOException {
    byte[] covered = String.join("\r\n", text).getBytes(StandardCharsets.ISO_8859_1);
    List<String> reasons = new ArrayList<>();
    for (PGPSignature signature : signatures) {
      String reason = fault(signature, covered, keys);
      if (reason.isEmpty()) {
        return;
      }
      reasons.add(reason);
    }
    throw new Untrusted(
        what,
        reasons.isEmpty()
            ? "it has no signature"
            : "no signature on it counts: " + String.join("; ", reasons));
  }

  private String fault(PGPSignature signature, byte[] covered, PGPPublicKeyRingCollection keys) {
    String id = Long.toHexString(signature.getKeyID());
    try {
      PGPPublicKey key = keys.getPublicKey(signature.getKeyID());
      if (key == null) {
        return "key " + id + " is not in the keyring";
      }
      if (!HASHES.contains(signature.getHashAlgorithm())) {
        return "the one by key " + id + " uses a weak hash";
      }
      if (signature.getSignatureType() != PGPSignature.CANONICAL_TEXT_DOCUMENT
          && signature.getSignatureType() != PGPSignature.BINARY_DOCUMENT) {
        return "the one by key " + id + " signs something else";
      }
      String bad = badKey(key, keys.getPublicKeyRing(signature.getKeyID()));
      if (!bad.isEmpty()) {
        return "key " + id + " " + bad;
      }
      Instant end = end(signature);
      if (end.isBefore(now)) {
        return "the one by key " + id + " expired on " + end;
      }
      signature.init(new BcPGPContentVerifierBuilderProvider(), key);
      signature.update(
          signature.getSignatureType() == PGPSignature.BINARY_DOCUMENT
              ? new String(covered, StandardCharsets.ISO_8859_1)
                  .replace("\r\n", "\n")
                  .getBytes(StandardCharsets.ISO_8859_1)
              : covered);
      return signature.verify() ? "" : "the one by key " + id + " does not match the text";
    } catch (PGPException | RuntimeException e) {
      return "the one by key " + id + " cannot be checked (" + e.getMessage() + ")";
    }
  }

  private static Instant end(PGPSignature signature) {
    PGPSignatureSubpacketVector hashed = signature.getHashedSubPackets();
    long seconds = hashed == null ? 0 : hashed.getSignatureExpirationTime();
    return seconds == 0
        ? Instant.MAX
        : signature.getCreationTime().toInstant().plusSeconds(seconds);
  }

  /**
   * Whether what its owner says of a key forbids it to sign; a key of which nothing is said may.
   */
  private static boolean isNotForSigning(PGPPublicKey key, PGPPublicKeyRing ring) {
    boolean said = false;
    Iterator<PGPSignature> own = key.getSignaturesForKeyID(ring.getPublicKey().getKeyID());
    while (own.hasNext()) {
      PGPSignatureSubpacketVector hashed = own.next().getHashedSubPackets();
      int flags = hashed == null ? 0 : hashed.getKeyFlags();
      if ((flags & KeyFlags.SIGN_DATA) != 0) {
        return false;
      }
      said |= flags != 0;
    }
    return said;
  }

  private String badKey(PGPPublicKey key, PGPPublicKeyRing ring) {
    if (isNotForSigning(key, ring)) {
      return "is not for signing";
    }
    List<PGPPublicKey> chain = new ArrayList<>(List.of(key));
    if (!key.isMasterKey()) {
      chain.add(ring.getPublicKey());
    }
    for (PGPPublicKey each : chain) {
      if (each.hasRevocation()) {
        return "is revoked";
      }
      long seconds = each.getValidSeconds();
      if (seconds > 0 && each.getCreationTime().toInstant().plusSeconds(seconds).isBefore(now)) {
        return "expired on " + each.getCreationTime().toInstant().plusSeconds(seconds);
      }
      boolean rsa = each.getAlgorithm() <= LAST_RSA;
      if (each.getAlgorithm() == PublicKeyAlgorithmTags.DSA
          || (rsa && each.getBitStrength() < MIN_RSA_BITS)) {
        return "is too weak";
      }
    }
    return "";
  }
}
