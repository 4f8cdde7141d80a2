package dev.imgstore.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Inputs whose {@code keys} must have signed them, with keys and signatures that GnuPG makes. */
@Tag("tools")
@Timeout(180)
final class PgpInputsTest {
  private static final String JAR = "m2/org/test/lib/2.0/lib-2.0.jar";
  private static final String POM = "m2/org/test/lib/2.0/lib-2.0.pom";

  @TempDir Path directory;
  private Desk desk;
  private WebFolder web;

  @BeforeEach
  void prepare() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/gpg")), "gpg is installed");
    desk = new Desk(directory);
    desk.clock(Instant.now().plusSeconds(60)); // the keys are of today
    desk.set("PATH", "/usr/bin:/bin");
    web = new WebFolder();
    Files.createDirectory(
        desk.path("gpg"),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    for (String name : List.of("good", "evil")) {
      gpg("--passphrase", "", "--quick-gen-key", name + "@test", "ed25519", "sign", "0");
      desk.write("web/keys/" + name + ".asc", gpg("--armor", "--export", name + "@test"));
    }
    desk.set("IMGSTORE_MAVEN", desk.path("maven").toString());
    desk.write(
        "maven/settings.xml",
        "<settings><mirrors><mirror><id>m</id><mirrorOf>*</mirrorOf><url>%s</url></mirror></mirrors></settings>"
            .formatted(web.url("m2")));
    artifact(JAR, "the library");
    artifact(
        POM,
        "<project><modelVersion>4.0.0</modelVersion><groupId>org.test</groupId>"
            + "<artifactId>lib</artifactId><version>2.0</version></project>");
  }

  @AfterEach
  void end() throws Exception {
    if (desk != null) {
      run(List.of("gpgconf", "--homedir", desk.path("gpg").toString(), "--kill", "all"));
      web.close();
      desk.verify();
    }
  }

  private String run(List<String> command) throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
    builder.environment().put("GNUPGHOME", desk.path("gpg").toString());
    builder.environment().put("GIT_CONFIG_GLOBAL", "/dev/null");
    builder.redirectError(desk.path("log").toFile());
    Process process = builder.start();
    process.getOutputStream().close();
    String out = new String(process.getInputStream().readAllBytes(), UTF_8);
    int code = process.waitFor();
    assertEquals(0, code, command + " " + Files.readString(desk.path("log")));
    return out;
  }

  private String gpg(String... words) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(List.of("gpg", "--batch", "--pinentry-mode", "loopback"));
    command.addAll(List.of(words));
    return run(command);
  }

  private void artifact(String path, String text) throws IOException {
    byte[] bytes = text.getBytes(UTF_8);
    web.with(path, bytes).with(path + ".sha1", sha1(bytes).getBytes(UTF_8));
  }

  private static String sha1(byte[] bytes) {
    try {
      return "%040x".formatted(new BigInteger(1, MessageDigest.getInstance("SHA-1").digest(bytes)));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  /** Signs what is there, or other bytes in its place. */
  private void sign(String path, String by, String text) throws Exception {
    desk.write("to-sign", text);
    Files.deleteIfExists(desk.path("to-sign.asc"));
    gpg("-u", by + "@test", "--armor", "--detach-sign", desk.path("to-sign").toString());
    web.with(path + ".asc", Files.readAllBytes(desk.path("to-sign.asc")));
  }

  private void recipe(String keys) throws IOException {
    desk.recipe(
        "web",
        "inputs:\n  libs: {maven: [\"org.test:lib:2.0\"], layout: flat, keys: [%s]}\n"
                .formatted(keys)
            + "files:\n  - {path: /m, input: libs}\n");
  }

  private void refused(String words) throws IOException {
    Desk.Said said = desk.run("lock", "web").with(1);
    assertTrue(said.err().contains(words), said::toString);
    assertFalse(Files.exists(desk.path("web/recipe.lock")), "no lock is written");
  }

  @Test
  void anArtifactMustBeSignedByOneOfTheKeys() throws Exception {
    recipe("keys/good.asc");
    refused("lib-2.0.jar has no signature by one of its keys");
    sign(JAR, "evil", "the library");
    refused("is not in the keyring");
    sign(JAR, "good", "another library");
    refused("does not match the text");
    web.with(JAR + ".asc", "garbage".getBytes(UTF_8));
    refused("lib-2.0.jar");
    sign(JAR, "good", "the library");
    desk.run("build", "web").with(0);
    String lock = Files.readString(desk.path("web/recipe.lock"));
    assertTrue(lock.contains("\"signer\": \"openpgp:"), lock);
    recipe("keys/evil.asc");
    desk.run("build", "web", "--locked").with(2);
    Desk.Said other = desk.run("lock", "web").with(1);
    assertTrue(other.err().contains("is not in the keyring"), other::toString);
  }

  @Test
  void aKeyThatIsTakenAwayMakesTheLockStale() throws Exception {
    recipe("keys/good.asc");
    sign(JAR, "good", "the library");
    desk.run("lock", "web").with(0);
    desk.run("build", "web", "--locked").with(0);
    Files.copy(
        desk.path("web/keys/evil.asc"),
        desk.path("web/keys/good.asc"),
        StandardCopyOption.REPLACE_EXISTING);
    desk.run("build", "web", "--locked").with(2);
    desk.write("web/keys/good.asc", "no key\n");
    Desk.Said said = desk.run("lock", "web").with(2);
    assertTrue(said.err().contains("keys/good.asc holds no OpenPGP key"), said::toString);
  }

  @Test
  void aCommitMustBeSignedByOneOfTheKeys() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/git")), "git is installed");
    desk.write("clone/file", "content\n");
    git("init", "-q");
    git("add", "-A");
    git("commit", "-q", "-m", "a message\n\nwith lines");
    ofCommit(git("rev-parse", "HEAD"));
    refused("it has no signature");
    git("commit", "-q", "--amend", "--no-edit", "-Sevil@test");
    ofCommit(git("rev-parse", "HEAD"));
    refused("is not in the keyring");
    git("commit", "-q", "--amend", "--no-edit", "-Sgood@test");
    String good = git("rev-parse", "HEAD");
    desk.write("text", git("cat-file", "commit", "HEAD").replace("with lines", "with a lie"));
    ofCommit(git("hash-object", "-t", "commit", "-w", desk.path("text").toString()));
    refused("does not match the text");
    ofCommit(good);
    desk.run("build", "web").with(0);
    assertEquals("content\n", desk.run("cat", "web", "/src/file").out());
    assertTrue(Files.readString(desk.path("web/recipe.lock")).contains("\"signer\": \"openpgp:"));
    desk.run("build", "web", "--locked").with(0);
  }

  private void ofCommit(String commit) throws IOException {
    desk.recipe(
        "web",
        "inputs:\n  src: {git: ../clone, commit: %s, keys: [keys/good.asc]}\n"
                .formatted(commit.strip())
            + "files:\n  - {path: /src, input: src}\n");
  }

  private String git(String... words) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                "git",
                "-C",
                desk.path("clone").toString(),
                "-c",
                "user.name=t",
                "-c",
                "user.email=t@t"));
    command.addAll(List.of(words));
    return run(command);
  }
}
