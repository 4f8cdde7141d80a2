package dev.imgstore.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The first mirror has not what is asked for, is busy, gives garbage or closes the connection: the
 * second helps when locking and when building, and that is told once. (How long silence is borne is
 * a matter of FetcherTest and its neighbours.)
 */
@Timeout(240)
final class MirrorFaultsTest {
  private static final List<WebFolder.Fault> FAULTS =
      Stream.of(WebFolder.Fault.values()).filter(each -> each != WebFolder.Fault.NONE).toList();

  @TempDir Path directory;
  private Desk desk;
  private WebFolder bad;
  private WebFolder good;

  @BeforeEach
  void prepare() throws IOException {
    desk = new Desk(directory);
    bad = new WebFolder();
    good = new WebFolder();
  }

  @AfterEach
  void end() {
    bad.close();
    good.close();
  }

  /** Locks and builds with each fault, each in a store of its own, and then from the lock alone. */
  private void theSecondHelps() throws IOException {
    for (WebFolder.Fault fault : FAULTS) {
      bad.failing(fault);
      desk.set("IMGSTORE_HOME", desk.path("locking-" + fault).toString());
      Files.deleteIfExists(desk.path("web/recipe.lock"));
      toldOnce(fault, desk.run("lock", "web").with(0));
      bad.forget();
      desk.set("IMGSTORE_HOME", desk.path("building-" + fault).toString());
      toldOnce(fault, desk.run("build", "web", "--locked").with(0));
      assertTrue(!bad.asked().isEmpty(), "the first was asked first");
      desk.run("verify").with(0);
    }
  }

  private void toldOnce(WebFolder.Fault fault, Desk.Said said) {
    List<String> told = said.err().lines().filter(line -> line.contains("helped")).toList();
    assertEquals(1, told.size(), () -> fault + ": " + said);
    String host = bad.url("").replaceFirst("http://(.*)/", "$1");
    assertTrue(told.get(0).contains(host), () -> fault + ": " + told);
  }

  @Test
  void ofDebian() throws IOException {
    Mirror mirror = new Mirror(desk).with("aa", "1", "").with("bb", "2", "").with("cc", "3", "");
    Path sources = desk.path("apt/sources.list");
    desk.write(
        "apt/sources.list",
        "deb " + bad.url("debian/") + " test main\n" + Files.readString(sources));
    assertTrue(Files.exists(mirror.file("aa")));
    desk.recipe("web", "debian: {suites: [test], keyring: test}\npackages: [aa, bb, cc]\n");
    theSecondHelps();
  }

  @Test
  void ofAddresses() throws IOException {
    StringBuilder recipe = new StringBuilder("inputs:\n");
    for (String each : List.of("one", "two", "three")) {
      good.with(each, each.getBytes(UTF_8));
      recipe.append(
          "  %s: {urls: [\"%s\", \"%s\"], sha256: %s}\n"
              .formatted(
                  each, bad.url(each), good.url(each), Digest.of(each.getBytes(UTF_8)).hex()));
    }
    recipe.append(
        "files: [{path: /a, input: one}, {path: /b, input: two}, {path: /c, input: three}]\n");
    desk.recipe("web", recipe.toString());
    theSecondHelps();
  }

  @Test
  void ofMaven() throws IOException {
    MavenInputsTest.fill(good);
    desk.set("IMGSTORE_MAVEN", desk.path("maven").toString());
    desk.write(
        "maven/settings.xml",
        """
        <settings>
          <mirrors><mirror><id>second</id><mirrorOf>central</mirrorOf><url>%s</url></mirror></mirrors>
          <profiles><profile><id>p</id><repositories>
            <repository><id>first</id><url>%s</url></repository>
          </repositories></profile></profiles>
          <activeProfiles><activeProfile>p</activeProfile></activeProfiles>
        </settings>
        """
            .formatted(good.url("m2/"), bad.url("m2/")));
    desk.recipe(
        "web",
        "inputs:\n  libs: {maven: [\"org.test:app:1.0\"]}\nfiles: [{path: /m, input: libs}]\n");
    theSecondHelps();
  }

  /** npm knows one registry; the second is where the lock file says that a package came from. */
  @Test
  void ofNpm() throws IOException {
    desk.set("npm_config_registry", bad.url("npm"));
    desk.set("HOME", desk.path("home").toString());
    StringBuilder packages = new StringBuilder("\"\": {}");
    for (String each : List.of("one", "two", "three")) {
      byte[] file = NpmInputsTest.tarball(each);
      String path = "npm/" + each + "/-/" + each + "-1.0.0.tgz";
      good.with(path, file);
      packages.append(
          ", \"node_modules/%s\": {\"version\": \"1.0.0\", \"resolved\": \"%s\", \"integrity\": \"sha512-%s\"}"
              .formatted(each, good.url(path), NpmInputsTest.sha512(file)));
    }
    desk.recipe("web", "inputs: {m: {npm: package-lock.json}}\nfiles: [{path: /app, input: m}]\n");
    desk.write(
        "web/package-lock.json", "{\"lockfileVersion\": 3, \"packages\": {" + packages + "}}");
    theSecondHelps();
  }
}
