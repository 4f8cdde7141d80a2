package dev.imgstore.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Inputs by npm, from a registry of this test. */
@Timeout(120)
final class NpmInputsTest {
  @TempDir Path directory;
  private Desk desk;
  private WebFolder web;

  @BeforeEach
  void prepare() throws IOException {
    desk = new Desk(directory);
    web = new WebFolder();
    desk.set("HOME", desk.path("home").toString());
    desk.set("npm_config_globalconfig", desk.path("home/none").toString());
    desk.write("home/.npmrc", "; mine\nregistry = ${REGISTRY}\n");
    desk.set("REGISTRY", web.url("npm"));
    desk.recipe(
        "web",
        """
        platforms: [linux/amd64, linux/arm64]
        inputs:
          modules: {npm: package-lock.json}
        files:
          - {path: /app, input: modules}
        """);
    lockFile(
        entry(
            "node_modules/tool",
            "tool",
            "1.0.0",
            "\"bin\": {\"tool\": \"cli.js\"}, \"hasInstallScript\": true"),
        entry("node_modules/tool/node_modules/@s/dep", "@s/dep", "2.0.0", ""),
        entry(
            "node_modules/only-arm",
            "only-arm",
            "1.0.0",
            "\"cpu\": [\"arm64\"], \"optional\": true"),
        entry("node_modules/for-tests", "for-tests", "1.0.0", "\"dev\": true"));
  }

  @AfterEach
  void end() {
    web.close();
    desk.verify();
  }

  static byte[] tarball(String name) throws IOException {
    byte[] tar =
        new Deb.Tar()
            .file("package/package.json", "{\"name\": \"" + name + "\"}")
            .file("package/cli.js", "// " + name + "\n")
            .link("package/out", "/etc")
            .end();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(tar);
    }
    return out.toByteArray();
  }

  /** An entry of the lock file; its tarball is on the registry. */
  private String entry(String location, String name, String version, String more)
      throws IOException {
    byte[] file = tarball(name);
    String base = name.substring(name.indexOf('/') + 1);
    web.with("npm/" + name + "/-/" + base + "-" + version + ".tgz", file);
    return "\"%s\": {\"version\": \"%s\", \"integrity\": \"sha512-%s\"%s}"
        .formatted(location, version, sha512(file), more.isEmpty() ? "" : ", " + more);
  }

  static String sha512(byte[] bytes) {
    try {
      return Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-512").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  private void lockFile(String... entries) throws IOException {
    desk.write(
        "web/package-lock.json",
        "{\"lockfileVersion\": 3, \"packages\": {\"\": {\"dependencies\": {\"tool\": \"1\"}},\n"
            + String.join(",\n", entries)
            + "}}\n");
  }

  private String lock() throws IOException {
    return Files.readString(desk.path("web/recipe.lock"));
  }

  private void checkout(String platform) {
    desk.run("checkout", "web", "out-" + platform, "--platform", "linux/" + platform).with(0);
  }

  @Test
  void theTreeIsLaidOutAsTheLockFileSays() throws IOException {
    Desk.Said built = desk.run("build", "web").with(0);
    assertTrue(
        built.err().contains("install scripts, which are not run: tool 1.0.0"), built::toString);
    checkout("amd64");
    checkout("arm64");
    Path modules = desk.path("out-amd64/app/node_modules");
    assertEquals("// tool\n", Files.readString(modules.resolve(".bin/tool")));
    assertTrue(Files.isExecutable(modules.resolve("tool/cli.js")));
    assertEquals(
        "// @s/dep\n", Files.readString(modules.resolve("tool/node_modules/@s/dep/cli.js")));
    assertFalse(Files.exists(modules.resolve("only-arm")));
    assertFalse(Files.exists(modules.resolve("for-tests")));
    assertFalse(Files.isSymbolicLink(modules.resolve("tool/out")), "npm takes no links");
    assertTrue(Files.exists(desk.path("out-arm64/app/node_modules/only-arm/cli.js")));
    assertFalse(lock().contains("127.0.0.1"), lock());
    assertTrue(lock().contains("\"path\": \"@s/dep/-/dep-2.0.0.tgz\""), lock());
  }

  @Test
  void rebuildingNeedsNobody() throws IOException {
    String image = desk.run("build", "web").with(0).image();
    web.answering(500).forget();
    Bits.remove(desk.store().resolve("actions"));
    assertEquals(image, desk.run("build", "web", "--offline", "--no-switch").with(0).image());
    assertEquals(List.of(), web.asked());
  }

  @Test
  void editingTheLockFileMakesTheLockStale() throws IOException {
    desk.run("build", "web").with(0);
    lockFile(entry("node_modules/tool", "tool", "1.0.0", ""));
    desk.run("build", "web", "--locked").with(2);
    desk.run("build", "web").with(0);
    assertEquals(2, lock().lines().filter(line -> line.contains("\"npm\"")).count(), lock());
  }

  @Test
  void packagesForDevelopmentComeWhenAskedFor() throws IOException {
    Path recipe = desk.path("web/recipe.yaml");
    String text = Files.readString(recipe);
    Files.writeString(recipe, text.replace("package-lock.json}", "package-lock.json, dev: true}"));
    desk.run("build", "web").with(0);
    desk.run("cat", "web", "/app/node_modules/for-tests/cli.js", "--platform", "linux/amd64")
        .with(0);
  }

  private void refused(String words) {
    Desk.Said said = desk.run("lock", "web").with(1);
    assertTrue(said.err().contains(words), said::toString);
    assertFalse(Files.exists(desk.path("web/recipe.lock")));
  }

  @Test
  void otherBytesThanTheIntegrityAreRefused() throws IOException {
    web.with("npm/tool/-/tool-1.0.0.tgz", tarball("evil"));
    refused("it should be what its integrity says, sha512-");
  }

  @Test
  void weakOrMissingIntegrityIsRefused() throws IOException {
    String entry = entry("node_modules/tool", "tool", "1.0.0", "");
    lockFile(entry.replace("sha512-", "sha1-"));
    refused("no integrity of SHA-256 or better");
    lockFile("\"node_modules/tool\": {\"version\": \"1.0.0\"}");
    refused("no integrity of SHA-256 or better");
  }

  @Test
  void whatComesFromNoRegistryIsRefusedByName() throws IOException {
    lockFile("\"node_modules/x\": {\"version\": \"1.0.0\", \"resolved\": \"git+ssh://git@h/x\"}");
    refused("node_modules/x: it comes from git+ssh://git@h/x");
    lockFile("\"node_modules/x\": {\"resolved\": \"packages/x\", \"link\": true}");
    refused("node_modules/x: it lies beside the lock file");
    lockFile("\"node_modules/../../x\": {\"version\": \"1.0.0\"}");
    refused("it lies beside the lock file");
    lockFile("\"node_modules/x\": {\"version\": \"../../1\"}");
    refused("none of a registry");
    desk.write("web/package-lock.json", "{\"lockfileVersion\": 1}");
    refused("lockfileVersion 1");
    desk.write("web/package-lock.json", "{");
    refused("is no JSON");
  }

  @Test
  void aPackageForAnotherPlatformIsRefusedUnlessItIsOptional() throws IOException {
    lockFile(entry("node_modules/tool", "tool", "1.0.0", "\"cpu\": [\"!x64\"]"));
    Desk.Said said = desk.run("build", "web").with(1);
    assertTrue(said.err().contains("tool is not made for linux/amd64"), said::toString);
  }

  @Test
  void whatADiskLostIsFetchedAgainFromWhereNpmHadIt() throws IOException {
    byte[] file = new Deb.Tar().file("package/package.json", "{}".repeat(3000)).end();
    web.with("elsewhere/tool.tgz", file);
    lockFile(
        "\"node_modules/tool\": {\"version\": \"1.0.0\", \"integrity\": \"sha512-%s\", \"resolved\": \"%s\"}"
            .formatted(sha512(file), web.url("elsewhere/tool.tgz")));
    web.with("npm/tool/-/tool-1.0.0.tgz", file);
    desk.write("home/.npmrc", "registry = " + web.url("gone") + "\n");
    desk.write("web/.npmrc", "registry = " + web.url("npm") + "\n");
    desk.run("build", "web").with(0);
    Bits.Body body = Bits.body(desk.store(), file);
    Bits.zero(body.segment(), body.at(), 40);
    desk.run("verify").with(3);
    web.forget();
    Desk.Said said = desk.run("verify", "--repair").with(0);
    assertTrue(said.out().contains("fetched again"), said::toString);
    assertEquals(List.of("/elsewhere/tool.tgz", "/gone/tool/-/tool-1.0.0.tgz"), web.asked());
  }
}
