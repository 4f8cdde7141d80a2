package dev.imgstore.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.sync.keys.PublicKey;
import dev.imgstore.sync.keys.SigningKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
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
    file = desk.store().resolve("keys/ci");
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
    String secret = Files.readString(file).strip();
    for (String words :
        List.of("key list", "key show ci", "key list --json", "key create ci -vv")) {
      Desk.Said said = desk.run(words.split(" ", -1));
      assertFalse((said.out() + said.err()).contains(secret.substring(15)), said::toString);
    }
    assertNotEquals(line.substring(4), desk.run("key", "show", "other").out().substring(7));
    desk.write("etc/config.yaml", "trust: {keys: {" + line.strip() + "}}\n");
    assertTrue(desk.run("config").with(0).out().contains(line.substring(4).strip()));
    desk.verify();
  }

  @Test
  void aKeySignsWhatItsPublicHalfVerifies() throws IOException {
    SigningKey key = key();
    String line = desk.run("key", "show", "ci").with(0).out();
    PublicKey shown = PublicKey.parse(line.substring(4).strip());
    byte[] message = {1, 2, 3};
    assertTrue(shown.verifies(message, key.sign(message)));
    message[0]++;
    assertFalse(shown.verifies(message, key.sign(new byte[] {1, 2, 3})));
  }

  private SigningKey key() throws IOException {
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
    for (String wrong : List.of("", text.substring(0, 40), text.replace("secret", "Secret"))) {
      Files.writeString(file, wrong);
      Desk.Said said = desk.run("key", "show", "ci", "-vv").with(1);
      assertTrue(said.err().contains("is no key of imgstore, or damaged"), said::err);
      assertFalse(said.err().contains(text.substring(15, 40)), said::err);
      assertEquals(Map.of(), new KeyFiles(desk.store()).publicKeys()); // which is no reason to stop
    }
    desk.run("key", "delete", "ci").with(0);
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
