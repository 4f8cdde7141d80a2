package dev.imgstore.builder.source.debian.archive;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.builder.source.debian.DebianException.Untrusted;
import dev.imgstore.builder.source.signature.TestKey;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.bouncycastle.bcpg.HashAlgorithmTags;
import org.bouncycastle.bcpg.sig.KeyFlags;
import org.bouncycastle.openpgp.PGPSignature;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class SignedReleaseTest {
  private static final Instant NOW = Instant.parse("2024-06-01T00:00:00Z");
  private static final String[] LINES = {"Suite: test", "Description: a ä", "SHA256:", " x 1 y"};
  private static final String TEXT = String.join("\n", LINES) + "\n";

  private static TestKey rsa;
  private static TestKey edwards;

  @BeforeAll
  static void makeKeys() {
    rsa = TestKey.rsa(3072).primary();
    edwards = TestKey.ed25519().primary();
  }

  private static String verified(String message, byte[] keyring) throws IOException {
    return SignedRelease.verify("the test", message.getBytes(StandardCharsets.UTF_8), keyring, NOW);
  }

  private static void refused(String because, String message, byte[] keyring) {
    Untrusted refusal = assertThrows(Untrusted.class, () -> verified(message, keyring));
    assertTrue(
        String.valueOf(refusal.getMessage()).startsWith("the test is not trusted: "),
        refusal.getMessage());
    assertTrue(String.valueOf(refusal.getMessage()).contains(because), refusal.getMessage());
  }

  private static byte[] join(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    Arrays.stream(parts).forEach(all::writeBytes);
    return all.toByteArray();
  }

  @Test
  void aGoodSignatureGivesTheText() throws IOException {
    assertEquals(TEXT, verified(rsa.message(LINES), rsa.keyring()));
    assertEquals(TEXT, verified(edwards.message(LINES), edwards.keyring()));
  }

  @Test
  void keyringsMayBeArmoredAndHoldManyKeys() throws IOException {
    byte[] binary = join(edwards.keyring(), rsa.keyring());
    assertEquals(TEXT, verified(rsa.message(LINES), binary));
    byte[] armored = join(edwards.armored(), "\n".getBytes(StandardCharsets.UTF_8), rsa.armored());
    assertEquals(TEXT, verified(rsa.message(LINES), armored));
    assertEquals(TEXT, verified(edwards.message(LINES), armored));
  }

  @Test
  void aSigningSubkeyCounts() throws IOException {
    TestKey sub = TestKey.ed25519();
    assertEquals(
        TEXT, verified(sub.message(LINES), TestKey.ed25519().primary().with(sub).keyring()));
  }

  @Test
  void aPrimaryKeyThatOnlyCertifiesLetsItsSubkeySign() throws IOException {
    TestKey sub = TestKey.ed25519();
    TestKey primary =
        TestKey.ed25519().primary(says -> says.setKeyFlags(KeyFlags.CERTIFY_OTHER)).with(sub);
    assertEquals(TEXT, verified(sub.message(LINES), primary.keyring()));
    refused("is not for signing", primary.message(LINES), primary.keyring());
  }

  @Test
  void aSubkeyThatIsNotVouchedForDoesNotCount() {
    TestKey sub = TestKey.ed25519();
    TestKey primary = TestKey.ed25519().primary();
    byte[] keyring =
        primary.with(sub, edwards, says -> says.setKeyFlags(KeyFlags.SIGN_DATA)).keyring();
    refused("is not vouched for by its primary key", sub.message(LINES), keyring);
  }

  @Test
  void aSubkeyForEncryptionDoesNotCount() {
    TestKey sub = TestKey.rsa(2048);
    TestKey primary = TestKey.ed25519().primary();
    primary.with(sub, primary, says -> says.setKeyFlags(KeyFlags.ENCRYPT_STORAGE));
    refused("is not for signing", sub.message(LINES), primary.keyring());
  }

  @Test
  void aKeyThatDoesNotVouchForItselfDoesNotCount() {
    TestKey bare = TestKey.ed25519().bare();
    refused("is not vouched for", bare.message(LINES), bare.keyring());
  }

  @Test
  void expiredKeysDoNotCount() throws IOException {
    long untilNow = NOW.getEpochSecond() - TestKey.MADE.getEpochSecond();
    TestKey expired = TestKey.ed25519().primary(says -> says.setKeyExpirationTime(untilNow));
    refused("expired on 2024-06-01T00:00:00Z", expired.message(LINES), expired.keyring());
    TestKey valid = TestKey.ed25519().primary(says -> says.setKeyExpirationTime(untilNow + 1));
    assertEquals(TEXT, verified(valid.message(LINES), valid.keyring()));
    TestKey sub = TestKey.ed25519();
    TestKey primary = TestKey.ed25519().primary();
    primary.with(sub, primary, says -> says.setKeyExpirationTime(untilNow));
    refused("expired on", sub.message(LINES), primary.keyring());
    TestKey young = TestKey.ed25519();
    refused("expired on", young.message(LINES), expired.with(young).keyring());
  }

  @Test
  void revokedKeysDoNotCount() {
    TestKey revoked = TestKey.ed25519().primary().revoked();
    refused("is revoked", revoked.message(LINES), revoked.keyring());
    TestKey sub = TestKey.ed25519();
    refused("is revoked", sub.message(LINES), revoked.with(sub).keyring());
    TestKey gone = TestKey.ed25519();
    TestKey primary = TestKey.ed25519().primary().with(gone).revoked();
    refused("is revoked", gone.message(LINES), primary.keyring());
  }

  @Test
  void weakKeysDoNotCount() {
    TestKey shortKey = TestKey.rsa(1024).primary();
    refused("is too weak", shortKey.message(LINES), shortKey.keyring());
    TestKey old = TestKey.dsa().primary();
    PGPSignature signature =
        old.signature(
            HashAlgorithmTags.SHA256, PGPSignature.CANONICAL_TEXT_DOCUMENT, says -> {}, LINES);
    refused("is too weak", TestKey.message(List.of(LINES), signature), old.keyring());
  }

  @Test
  void weakHashesDoNotCount() {
    for (int hash : new int[] {HashAlgorithmTags.SHA1, HashAlgorithmTags.MD5}) {
      PGPSignature signature =
          rsa.signature(hash, PGPSignature.CANONICAL_TEXT_DOCUMENT, says -> {}, LINES);
      refused("uses a weak hash", TestKey.message(List.of(LINES), signature), rsa.keyring());
    }
  }

  @Test
  void signaturesOfOtherKindsDoNotCount() {
    int sha = HashAlgorithmTags.SHA256;
    for (int type : new int[] {PGPSignature.BINARY_DOCUMENT, PGPSignature.STAND_ALONE}) {
      PGPSignature signature = edwards.signature(sha, type, says -> {}, LINES);
      refused("something else", TestKey.message(List.of(LINES), signature), edwards.keyring());
    }
    PGPSignature expired =
        edwards.signature(
            sha,
            PGPSignature.CANONICAL_TEXT_DOCUMENT,
            says -> says.setSignatureExpirationTime(60),
            LINES);
    refused("expired on", TestKey.message(List.of(LINES), expired), edwards.keyring());
    PGPSignature strange =
        edwards.signature(
            sha,
            PGPSignature.CANONICAL_TEXT_DOCUMENT,
            says -> says.addNotationData(true, true, "only@example.org", "on Sundays"),
            LINES);
    refused("insists on", TestKey.message(List.of(LINES), strange), edwards.keyring());
  }

  @Test
  void anotherKeysSignatureDoesNotCount() {
    TestKey other = TestKey.ed25519().primary();
    refused("is not in the keyring", other.message(LINES), edwards.keyring());
    refused("the keyring is of no use", other.message(LINES), new byte[] {1, 2, 3});
    refused("is not in the keyring", other.message(LINES), new byte[0]);
  }

  @Test
  void oneGoodSignatureOfSeveralIsEnough() throws IOException {
    TestKey other = TestKey.ed25519().primary();
    PGPSignature bad = edwards.signature("something else");
    String message =
        TestKey.message(List.of(LINES), other.signature(LINES), bad, rsa.signature(LINES), bad);
    assertEquals(TEXT, verified(message, join(edwards.keyring(), rsa.keyring())));
    refused("does not match the text", message, edwards.keyring());
  }

  @Test
  void tooManySignaturesAreRefused() {
    PGPSignature good = edwards.signature(LINES);
    PGPSignature[] many = Collections.nCopies(5000, good).toArray(PGPSignature[]::new);
    refused("more than 32 signatures", TestKey.message(List.of(LINES), many), edwards.keyring());
  }

  /** Every byte counts: the framing, the text, the armor. White space at ends of lines does not. */
  @Test
  void anyChangedByteIsNoticedOrChangesNothing() throws IOException {
    String message = edwards.message(LINES);
    byte[] bytes = message.getBytes(StandardCharsets.UTF_8);
    byte[] keyring = edwards.keyring();
    int refused = 0;
    for (int i = 0; i < bytes.length; i++) {
      for (byte to : new byte[] {'\n', '\r', ' ', '-', (byte) (bytes[i] ^ 1), (byte) 0xff}) {
        byte[] changed = bytes.clone();
        changed[i] = to;
        try {
          assertEquals(TEXT, SignedRelease.verify("the test", changed, keyring, NOW));
        } catch (Untrusted e) {
          refused++;
        }
      }
    }
    assertTrue(refused > 5 * bytes.length, refused + " of " + 6 * bytes.length);
  }

  @Test
  void anyCutIsNoticed() {
    String message = edwards.message(LINES);
    String end = "-----END PGP SIGNATURE-----";
    int whole = message.indexOf(end) + end.length();
    for (int cut = 0; cut < whole; cut++) {
      refused("", message.substring(0, cut), edwards.keyring());
    }
  }

  @Test
  void textOutsideTheMessageIsRefused() {
    String message = edwards.message(LINES);
    byte[] keyring = edwards.keyring();
    refused("does not begin with", "Suite: evil\n" + message, keyring);
    refused("does not begin with", "\n" + message, keyring);
    refused("text after", message + "Suite: evil\n", keyring);
    refused("text after", message + message, keyring);
    refused("unknown header", message.replace("Hash: SHA512", "Suite: evil"), keyring);
    refused("does not begin with", TEXT, keyring);
  }

  @Test
  void aMessageInTheMessageIsRefused() {
    String inner = edwards.message(LINES);
    String outer = edwards.message(inner.split("\n", -1));
    String unescaped = outer.replace("\n- -----BEGIN PGP SIGNED", "\n-----BEGIN PGP SIGNED");
    refused("another message inside", unescaped, edwards.keyring());
    // A second signature block puts the first one into the text.
    String block = inner.substring(inner.indexOf("-----BEGIN PGP SIGNATURE"));
    refused("", inner.replace("SHA256:\n", block + "SHA256:\n"), edwards.keyring());
  }

  @Test
  void dashesAreEscaped() throws IOException {
    String[] lines = {"- a", "-----BEGIN PGP SIGNATURE-----", "-", "--"};
    assertEquals(
        String.join("\n", lines) + "\n", verified(edwards.message(lines), edwards.keyring()));
  }

  @Test
  void whiteSpaceAndLineEndsDoNotMatter() throws IOException {
    String[] spaced = Arrays.stream(LINES).map(line -> line + " \t ").toArray(String[]::new);
    String message = TestKey.message(List.of(spaced), edwards.signature(LINES));
    assertEquals(TEXT, verified(message, edwards.keyring()));
    String windows = edwards.message(LINES).replace("\n", "\r\n");
    assertEquals(TEXT, verified(windows, edwards.keyring()));
    String open = edwards.message(LINES).stripTrailing();
    assertEquals(TEXT, verified(open, edwards.keyring()));
    assertEquals("\n", verified(edwards.message(""), edwards.keyring()));
  }

  @Test
  void aLoneCarriageReturnEndsNoLine() {
    refused(
        "carriage return", edwards.message(LINES).replace("test\n", "test\r"), edwards.keyring());
  }

  @Test
  void damagedArmorIsRefused() {
    String message = edwards.message(LINES);
    int armor = message.indexOf("-----BEGIN PGP SIGNATURE");
    int end = message.indexOf("-----END PGP");
    String empty = "-----BEGIN PGP SIGNATURE-----\n\n";
    refused(
        "its signature cannot be read",
        message.substring(0, armor) + empty + message.substring(end),
        edwards.keyring());
    refused(
        "cannot be read",
        message.substring(0, armor) + empty + "AAAA\n" + message.substring(end),
        edwards.keyring());
  }
}
