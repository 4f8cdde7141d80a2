package dev.imgstore.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Signatures of npm registries, and accounts at them. */
@Timeout(120)
final class NpmTrustTest {
  @TempDir Path directory;
  private Desk desk;
  private WebFolder web;
  private WebFolder other;
  private KeyPair key;
  private byte[] tarball = {};

  @BeforeEach
  void prepare() throws IOException, GeneralSecurityException {
    desk = new Desk(directory);
    tarball = new Deb.Tar().file("package/package.json", "{}").end();
    web = new WebFolder();
    other = new WebFolder();
    desk.set("HOME", desk.path("home").toString());
    desk.set("npm_config_globalconfig", desk.path("home/none").toString());
    desk.write("home/.npmrc", "registry = " + web.url("npm") + "\n");
    desk.recipe(
        "web",
        "inputs:\n  modules: {npm: package-lock.json}\nfiles:\n  - {path: /app, input: modules}\n");
    lockFile("one", "@s/two");
    key = key();
  }

  @AfterEach
  void end() {
    web.close();
    other.close();
    desk.verify();
  }

  private static KeyPair key() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    return generator.generateKeyPair();
  }

  private String integrity() {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-512").digest(tarball);
      return "sha512-" + Base64.getEncoder().encodeToString(hash);
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private void lockFile(String... names) throws IOException {
    StringBuilder entries = new StringBuilder();
    for (String name : names) {
      String base = name.substring(name.indexOf('/') + 1);
      web.with("npm/" + name + "/-/" + base + "-1.0.0.tgz", tarball);
      entries.append(
          ", \"node_modules/%s\": {\"version\": \"1.0.0\", \"integrity\": \"%s\"}"
              .formatted(name, integrity()));
    }
    desk.write(
        "web/package-lock.json",
        "{\"lockfileVersion\": 3, \"packages\": {\"\": {}" + entries + "}}");
  }

  private void publish(KeyPair... keys) {
    StringBuilder all = new StringBuilder();
    for (int i = 0; i < keys.length; i++) {
      all.append(i == 0 ? "" : ",")
          .append(
              "{\"keyid\": \"SHA256:%s\", \"keytype\": \"ecdsa-sha2-nistp256\","
                      .formatted(id(keys[i]))
                  + "\"scheme\": \"ecdsa-sha2-nistp256\", \"key\": \"%s\"}"
                      .formatted(
                          Base64.getEncoder().encodeToString(keys[i].getPublic().getEncoded())));
    }
    web.with("npm/-/npm/v1/keys", ("{\"keys\": [" + all + "]}").getBytes(UTF_8));
  }

  private static String id(KeyPair key) {
    return fingerprint(key).substring(7, 27);
  }

  private static String fingerprint(KeyPair key) {
    return Digest.of(key.getPublic().getEncoded()).toString();
  }

  private void sign(KeyPair by, String name, String message) throws GeneralSecurityException {
    Signature signature = Signature.getInstance("SHA256withECDSA");
    signature.initSign(by.getPrivate());
    signature.update(message.getBytes(UTF_8));
    metadata(
        name,
        "[{\"keyid\": \"SHA256:%s\", \"sig\": \"%s\"}]"
            .formatted(id(by), Base64.getEncoder().encodeToString(signature.sign())));
  }

  private void sign(KeyPair by, String name) throws GeneralSecurityException {
    sign(by, name, name + "@1.0.0:" + integrity());
  }

  private void metadata(String name, String signatures) {
    web.with(
        "npm/" + name.replace("/", "%2f") + "/1.0.0",
        "{\"dist\": {\"integrity\": \"%s\", \"signatures\": %s}}"
            .formatted(integrity(), signatures)
            .getBytes(UTF_8));
  }

  private String lock() throws IOException {
    return Files.readString(desk.path("web/recipe.lock"));
  }

  private void refused(String words) throws IOException {
    Files.deleteIfExists(desk.path("web/recipe.lock"));
    Desk.Said said = desk.run("lock", "web").with(1);
    assertTrue(said.err().contains(words), said::toString);
    assertFalse(Files.exists(desk.path("web/recipe.lock")), "no lock is written");
  }

  @Test
  void theLockNamesWhoSigned() throws Exception {
    publish(key);
    sign(key, "one");
    sign(key, "@s/two");
    Desk.Said said = desk.run("lock", "web").with(0);
    assertEquals("", said.err());
    assertEquals(2, lock().lines().filter(line -> line.contains(fingerprint(key))).count(), lock());
    web.forget();
    desk.run("build", "web").with(0);
    assertEquals(List.of(), web.asked(), "the hash decides alone");
  }

  @Test
  void wrongSignaturesAreRefusedByName() throws Exception {
    publish(key);
    sign(key, "one");
    sign(key, "@s/two", "@s/two@1.0.1:" + integrity());
    refused("@s/two 1.0.0: the registry's signature by SHA256:" + id(key) + " is wrong");
    sign(key(), "@s/two");
    refused("is by no key that it publishes");
    metadata("@s/two", "[{\"keyid\": \"SHA256:%s\", \"sig\": \"x\"}]".formatted(id(key)));
    refused("is wrong");
    web.with(
        "npm/@s%2ftwo/1.0.0",
        "{\"dist\": {\"integrity\": \"sha512-xx\", \"signatures\": [{}]}}".getBytes(UTF_8));
    refused("signs other bytes");
    metadata("one", "[{}]");
    refused("; "); // both are told
  }

  @Test
  void whatHasNoSignatureIsSaid() throws Exception {
    Desk.Said none = desk.run("lock", "web").with(0);
    none.complains("publishes no keys");
    publish(key);
    sign(key, "one");
    metadata("@s/two", "[]");
    Desk.Said one = desk.run("lock", "web", "--update").with(0);
    one.complains("1 packages have no signature: @s/two 1.0.0");
  }

  @Test
  void whoSignedBeforeMustSignAgainAndAnotherKeyIsSaid() throws Exception {
    publish(key);
    sign(key, "one");
    sign(key, "@s/two");
    desk.run("lock", "web").with(0);
    KeyPair next = key();
    publish(key, next);
    sign(next, "one");
    Desk.Said said = desk.run("lock", "web", "--update").with(0);
    said.complains("signed by a key that is new: " + fingerprint(next));
    metadata("@s/two", "[]");
    Desk.Said lost = desk.run("lock", "web", "--update").with(1);
    assertTrue(lost.err().contains("@s/two 1.0.0 was signed by"), lost::toString);
    web.without("npm/-/npm/v1/keys");
    desk.run("lock", "web", "--update").with(1);
  }

  private void account(String lines) throws IOException {
    desk.write("home/.npmrc", "registry = " + web.url("npm") + "\n" + lines);
  }

  private String place(WebFolder server) {
    return server.url("npm/").substring("http:".length());
  }

  @Test
  void accountsAreSentToTheirRegistryOnly() throws IOException {
    desk.set("TOKEN", "hush-1");
    String basic = Base64.getEncoder().encodeToString("me:hush-2".getBytes(UTF_8));
    String password = Base64.getEncoder().encodeToString("hush-2".getBytes(UTF_8));
    for (String[] each :
        new String[][] {
          {":_authToken=${TOKEN}\n", "Bearer hush-1"},
          {":_auth=" + basic + "\n", "Basic " + basic},
          {":username=me\n" + place(web) + ":_password=" + password + "\n", "Basic " + basic},
        }) {
      account(place(web) + each[0] + place(other) + ":_authToken=for-the-other\n");
      web.wanting(each[1]);
      desk.run("lock", "web", "--update").with(0);
      assertTrue(web.secrets().contains(each[1]), web.secrets()::toString);
    }
    assertFalse(web.secrets().contains("Bearer for-the-other"));
    assertEquals(Set.of(), other.secrets());
    assertFalse(isAnywhere("hush-1") || isAnywhere("hush-2") || isAnywhere(basic));
  }

  /** Whether a secret is in the recipe's lock or in the store. */
  private boolean isAnywhere(String secret) throws IOException {
    if (lock().contains(secret)) {
      return true;
    }
    try (Stream<Path> files = Files.walk(desk.store())) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        if (new String(Files.readAllBytes(file), java.nio.charset.StandardCharsets.ISO_8859_1)
            .contains(secret)) {
          return true;
        }
      }
    }
    return false;
  }

  @Test
  void aRedirectTakesNoAccountToAnotherServer() throws IOException {
    account(place(web) + ":_authToken=hush\n" + place(other) + ":_authToken=other\n");
    web.wanting("Bearer hush");
    other.with("elsewhere.tgz", tarball).with("npm/elsewhere.tgz", tarball);
    web.redirecting("npm/one/-/one-1.0.0.tgz", other.url("elsewhere.tgz"));
    web.redirecting("npm/@s/two/-/two-1.0.0.tgz", other.url("npm/elsewhere.tgz"));
    desk.run("lock", "web").with(0);
    assertEquals(List.of("/elsewhere.tgz", "/npm/elsewhere.tgz"), other.asked());
    assertEquals(Set.of(), other.secrets(), "not even its own: it was not asked by us");
  }

  @Test
  void aRefusalShowsNoSecret() throws IOException {
    account(place(web) + ":_authToken=hush\n");
    web.answering(403);
    Desk.Said said = desk.run("lock", "web", "-vv").with(1);
    assertTrue(said.err().contains("it answers 403"), said::toString);
    assertFalse(said.err().contains("hush"), said::toString);
  }

  @Test
  void accountsOfNobodyInParticularAreRefusedByName() throws IOException {
    account("_authToken=hush\n");
    Desk.Said said = desk.run("lock", "web").with(1);
    assertTrue(said.err().contains("for no registry in particular (_authToken)"), said::toString);
    assertFalse(said.err().contains("hush"), said::toString);
    account(place(web) + ":_authToken=${NOT_SET}\n");
    Desk.Said unset = desk.run("lock", "web").with(1);
    assertTrue(unset.err().contains("from a variable that is not set"), unset::toString);
  }

  @Test
  void everyPackageThatFailsIsTold() throws IOException {
    web.without("npm/one/-/one-1.0.0.tgz").without("npm/@s/two/-/two-1.0.0.tgz");
    Desk.Said said = desk.run("lock", "web").with(1);
    assertTrue(said.err().contains("no mirror gives one 1.0.0"), said::toString);
    assertTrue(said.err().contains("no mirror gives @s/two 1.0.0"), said::toString);
  }
}
