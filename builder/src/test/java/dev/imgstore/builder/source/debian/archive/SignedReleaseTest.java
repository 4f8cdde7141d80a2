package dev.imgstore.builder.source.debian.archive;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.builder.source.debian.DebianException.Untrusted;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import org.bouncycastle.bcpg.HashAlgorithmTags;
import org.bouncycastle.openpgp.PGPException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SignedReleaseTest {
  private static final TestKey KEY = TestKey.make();
  private static final Instant NOW = TestKey.BORN.plus(Duration.ofDays(10));
  private static final String TEXT = "Suite: stable\nNote: a - b  \n- dash: é\n-----x\n";

  private static String verify(String message, byte[] keyring) throws IOException {
    return SignedRelease.verify("the release", message.getBytes(UTF_8), keyring, NOW);
  }

  private static String refusal(String message, byte[] keyring) {
    return assertThrows(Untrusted.class, () -> verify(message, keyring)).toString();
  }

  private static void refused(String part, String message, byte[] keyring) {
    String refusal = refusal(message, keyring);
    assertTrue(refusal.contains(part), refusal);
    assertEquals(-1, refusal.indexOf('\n'), "one sentence");
  }

  @Test
  void givesTheSignedTextWithoutTrailingBlanks() throws IOException {
    String signed = "Suite: stable\nNote: a - b\n- dash: é\n-----x\n";
    assertEquals(signed, verify(KEY.sign(TEXT), KEY.keyring()));
    assertEquals(signed, verify(KEY.sign(TEXT), KEY.armoredKeyring()));
    assertEquals(signed, verify(KEY.sign(TEXT).replace("\n", "\r\n"), KEY.keyring()));
  }

  @Test
  void takesRsaKeysThatAreLongEnough() throws IOException {
    TestKey rsa = TestKey.rsa(2048);
    assertEquals("a\n", verify(rsa.sign("a\n"), rsa.keyring()));
    TestKey small = TestKey.rsa(1024);
    refused("too weak", small.sign("a\n"), small.keyring());
  }

  @Test
  void refusesEveryChangedByteOfTheText() throws IOException {
    String message = KEY.sign("Suite: stable\nSize: 1\n");
    int begin = message.indexOf("Suite");
    int end = message.indexOf("-----BEGIN PGP SIGNATURE");
    for (int i = begin; i < end - 1; i++) {
      StringBuilder changed = new StringBuilder(message);
      changed.setCharAt(i, (char) (message.charAt(i) ^ 1));
      refusal(changed.toString(), KEY.keyring());
    }
  }

  @Test
  void refusesEveryChangedByteOfTheSignature() throws IOException {
    String message = KEY.sign("Suite: stable\n");
    int begin = message.indexOf("\n\n", message.indexOf("BEGIN PGP SIGNATURE")) + 2;
    int end = message.indexOf("-----END") - 6;
    for (int i = begin; i < end; i++) {
      if (message.charAt(i) != '\n') {
        StringBuilder changed = new StringBuilder(message);
        changed.setCharAt(i, message.charAt(i) == 'A' ? 'B' : 'A');
        if (!changed.toString().equals(message)) {
          assertUntrustedOrSame(changed.toString());
        }
      }
    }
  }

  /** What is not signed, such as the hint which key it was, may change. */
  private static void assertUntrustedOrSame(String message) throws IOException {
    try {
      assertEquals("Suite: stable\n", verify(message, KEY.keyring()));
    } catch (Untrusted refused) {
      assertTrue(refused.toString().contains("the release"), refused::toString);
    }
  }

  @Test
  void refusesAKeyThatIsNotInTheKeyring() throws IOException {
    refused("not in the keyring", KEY.sign(TEXT), TestKey.make().keyring());
  }

  @Test
  void oneGoodSignatureAmongOthersIsEnough() throws IOException {
    TestKey other = TestKey.make();
    String both =
        TestKey.message(
            "a\n",
            joined(
                other.signature("a\n", HashAlgorithmTags.SHA256, TestKey.BORN, Duration.ZERO),
                KEY.signature("a\n", HashAlgorithmTags.SHA256, TestKey.BORN, Duration.ZERO)));
    assertEquals("a\n", verify(both, KEY.keyring()));
    assertEquals("a\n", verify(both, other.keyring()));
    refused("not in the keyring", both, TestKey.make().keyring());
  }

  /** Two signatures in one armour. */
  private static String joined(String first, String second) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (var armor = org.bouncycastle.bcpg.ArmoredOutputStream.builder().build(bytes)) {
      for (String text : new String[] {first, second}) {
        armor.write(
            org.bouncycastle.openpgp.PGPUtil.getDecoderStream(
                    new java.io.ByteArrayInputStream(text.getBytes(UTF_8)))
                .readAllBytes());
      }
    }
    return bytes.toString(UTF_8);
  }

  @ParameterizedTest
  @ValueSource(ints = {HashAlgorithmTags.SHA1, HashAlgorithmTags.MD5, HashAlgorithmTags.RIPEMD160})
  void refusesWeakHashes(int hash) throws IOException {
    TestKey rsa = TestKey.rsa(2048);
    String armor = rsa.signature("a\n", hash, TestKey.BORN, Duration.ZERO);
    refused("weak hash", TestKey.message("a\n", armor), rsa.keyring());
  }

  @Test
  void refusesAnExpiredKey() throws IOException {
    TestKey shortLived = TestKey.living(Duration.ofDays(5));
    refused("expired on", shortLived.sign(TEXT), shortLived.keyring());
    TestKey longLived = TestKey.living(Duration.ofDays(50));
    verify(longLived.sign(TEXT), longLived.keyring());
  }

  @Test
  void refusesARevokedKey() throws IOException, PGPException {
    TestKey key = TestKey.make();
    String message = key.sign(TEXT);
    verify(message, key.keyring());
    refused("is revoked", message, key.revoked().keyring());
  }

  @Test
  void refusesAKeyThatMayNotSign() throws IOException {
    TestKey key = TestKey.notForSigning();
    refused("not for signing", key.sign(TEXT), key.keyring());
  }

  @Test
  void refusesAnExpiredSignature() throws IOException {
    String armor = KEY.signature("a\n", HashAlgorithmTags.SHA256, TestKey.BORN, Duration.ofDays(1));
    refused("expired on", TestKey.message("a\n", armor), KEY.keyring());
    String living =
        KEY.signature("a\n", HashAlgorithmTags.SHA256, TestKey.BORN, Duration.ofDays(100));
    verify(TestKey.message("a\n", living), KEY.keyring());
  }

  @ParameterizedTest
  @ValueSource(strings = {"Suite: evil\n", "\n", " ", "-----BEGIN PGP SIGNED MESSAGE-----\n"})
  void refusesTextBeforeTheMessage(String prefix) throws IOException {
    refusal(prefix + KEY.sign("a\n"), KEY.keyring());
  }

  @ParameterizedTest
  @ValueSource(strings = {"Suite: evil\n", "\nx", "-----BEGIN PGP SIGNATURE-----\n"})
  void refusesTextAfterTheMessage(String suffix) throws IOException {
    refusal(KEY.sign("a\n") + suffix, KEY.keyring());
  }

  @Test
  void refusesTwoMessages() throws IOException {
    refusal(KEY.sign("a\n") + KEY.sign("b\n"), KEY.keyring());
    refusal(TestKey.message(KEY.sign("a\n"), ""), KEY.keyring());
  }

  @Test
  void refusesWhatIsNotSigned() throws IOException {
    refusal("Suite: stable\n", KEY.keyring());
    refusal("", KEY.keyring());
    String message = KEY.sign("a\n");
    refusal(message.substring(0, message.indexOf("-----BEGIN PGP SIGNATURE")), KEY.keyring());
    refusal(message.substring(0, message.indexOf("-----END")), KEY.keyring());
    refusal(TestKey.message("a\n", armorOf("")), KEY.keyring());
    refusal(TestKey.message("a\n", armorOf("AAAA\n=njUN\n")), KEY.keyring());
  }

  private static String armorOf(String body) {
    return "-----BEGIN PGP SIGNATURE-----\n\n" + body + "-----END PGP SIGNATURE-----\n";
  }

  @Test
  void refusesAnInjectedHeader() throws IOException {
    refusal(
        KEY.sign("a\n").replace("Hash: SHA256\n", "Hash: SHA256\nSuite: evil\n"), KEY.keyring());
  }

  @Test
  void refusesAKeyringThatIsNone() throws IOException {
    String message = KEY.sign("a\n");
    refusal(message, new byte[0]);
    refusal(message, "nonsense".getBytes(UTF_8));
  }
}
