package dev.imgstore.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Keys are made once, shown by their public half only, and for their owner alone. */
final class KeyCommandTest {
  @TempDir Path directory;
  private Desk desk;
  private Path file;

  @BeforeEach
  void prepare() throws IOException {
    desk = new Desk(directory);
    file = desk.store().resolve("keys/ci.pem");
  }

  @Test
  void aKeyIsForItsOwnerAndOnlyItsPublicHalfIsShown() throws IOException {
    String line = desk.run("key", "create", "ci").with(0).out();
    assertTrue(line.matches("ci: ed25519:[A-Za-z0-9+/]{43}=\n"), line);
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    assertEquals(
        "rwx------",
        PosixFilePermissions.toString(Files.getPosixFilePermissions(file.getParent())));
    assertEquals(line, desk.run("key", "show", "ci").with(0).out());
    desk.run("key", "create", "other").with(0);
    String secret = Files.readString(file).lines().skip(1).findFirst().orElseThrow();
    for (String words :
        List.of("key list", "key show ci", "key list --json", "key create ci -vv")) {
      Desk.Said said = desk.run(words.split(" ", -1));
      assertFalse((said.out() + said.err()).contains(secret.substring(24)), said::toString);
    }
    assertNotEquals(line.substring(4), desk.run("key", "show", "other").out().substring(7));
    desk.write("etc/config.yaml", "trust: {keys: {" + line.strip() + "}}\n");
    assertTrue(desk.run("config").with(0).out().contains(line.substring(4).strip()));
    desk.verify();
  }

  @Test
  void aKeySignsWhatItsPublicHalfVerifies() throws IOException, GeneralSecurityException {
    KeyFiles.Signing key = key();
    Signature signature = Signature.getInstance("Ed25519");
    signature.initSign(key.secret());
    signature.update(new byte[] {1});
    byte[] signed = signature.sign();
    byte[] raw = Base64.getDecoder().decode(key.text().substring("ed25519:".length()));
    byte[] encoded = new byte[44];
    byte[] head = {0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};
    System.arraycopy(head, 0, encoded, 0, head.length); // RFC 8410, section 4
    System.arraycopy(raw, 0, encoded, head.length, raw.length);
    signature.initVerify(
        KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded)));
    signature.update(new byte[] {1});
    assertTrue(signature.verify(signed));
  }

  private KeyFiles.Signing key() throws IOException {
    desk.run("key", "create", "ci").with(0);
    return new KeyFiles(desk.store()).open("ci");
  }

  @Test
  void noKeyReplacesAnother() throws IOException {
    key();
    byte[] before = Files.readAllBytes(file);
    desk.run("key", "create", "ci").with(2).complains("there is a key ci already");
    assertEquals(
        new String(before, StandardCharsets.UTF_8), Files.readString(file, StandardCharsets.UTF_8));
    desk.run("key", "create", "../ci").with(2).complains("is no name for a key");
  }

  @Test
  void whatOthersCouldReadOrIsDamagedIsRefused() throws IOException {
    key();
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
    desk.run("key", "show", "ci").with(1).complains("may be read or changed by others");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    String text = Files.readString(file);
    Files.writeString(file, text.substring(0, 60));
    desk.run("key", "show", "ci").with(1).complains("is no key of imgstore, or damaged");
    Files.writeString(file, text.replace("MC4CAQ", "MC4CAA"));
    Desk.Said said = desk.run("-vv", "key", "show", "ci").with(1);
    assertFalse(said.err().contains(text.lines().skip(1).findFirst().orElseThrow().substring(24)));
  }

  @Test
  void aDeletedKeyIsGone() throws IOException {
    key();
    desk.run("key", "delete", "ci").with(0);
    assertFalse(Files.exists(file));
    desk.run("key", "show", "ci").with(5).complains("there is no key ci; imgstore key create");
    desk.run("key", "create", "build").with(0);
    desk.run("key", "delete", "biuld").with(5).complains("did you mean build?");
  }
}
