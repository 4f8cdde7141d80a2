package dev.imgstore.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.Digest;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.sonatype.plexus.components.cipher.DefaultPlexusCipher;

/** Inputs by maven, from repositories of this test. */
@Timeout(120)
final class MavenInputsTest {
  private static final String ROOT = "org/test/parent/7/parent-7.pom";

  @TempDir Path directory;
  private Desk desk;
  private WebFolder one;
  private WebFolder two;

  @BeforeEach
  void prepare() throws IOException {
    desk = new Desk(directory);
    one = new WebFolder();
    two = new WebFolder();
    fill(one);
    desk.set("IMGSTORE_MAVEN", desk.path("maven").toString());
    settings(one);
    recipe("repository", "org.test:app:1.0");
  }

  @AfterEach
  void end() {
    one.close();
    two.close();
    desk.verify();
  }

  private void recipe(String layout, String artifacts) throws IOException {
    desk.recipe(
        "web",
        "inputs:\n  libs: {maven: [%s], layout: %s}\nfiles:\n  - {path: /m, input: libs}\n"
            .formatted(artifacts, layout));
  }

  /** Settings that know these repositories and no other. */
  private void settings(WebFolder... repositories) throws IOException {
    StringBuilder all = new StringBuilder();
    for (int i = 0; i < repositories.length; i++) {
      all.append(
          "<repository><id>r%d</id><url>%s</url></repository>"
              .formatted(i, repositories[i].url("m2")));
    }
    desk.write(
        "maven/settings.xml",
        """
        <settings>
          <mirrors><mirror><id>mirror</id><mirrorOf>central</mirrorOf><url>%s</url></mirror></mirrors>
          <profiles><profile><id>p</id><repositories>%s</repositories></profile></profiles>
          <activeProfiles><activeProfile>p</activeProfile></activeProfiles>
        </settings>
        """
            .formatted(repositories[0].url("m2/"), all));
  }

  /** Three artifacts, of which {@code org.test:app:1.0} needs the others. */
  static void fill(WebFolder web) {
    put(web, ROOT, pom("parent", "7", "", "<packaging>pom</packaging>"));
    String parent =
        "<parent><groupId>org.test</groupId><artifactId>parent</artifactId>"
            + "<version>7</version></parent>";
    put(web, "org/test/app/1.0/app-1.0.pom", pom("app", "1.0", parent, dependencies()));
    put(web, "org/test/app/1.0/app-1.0.jar", "the application");
    put(web, "org/test/lib/2.0/lib-2.0.pom", pom("lib", "2.0", "", ""));
    put(web, "org/test/lib/2.0/lib-2.0.jar", "the library");
  }

  private static String pom(String name, String version, String parent, String more) {
    return "<project><modelVersion>4.0.0</modelVersion>"
        + parent
        + "<groupId>org.test</groupId><artifactId>%s</artifactId><version>%s</version>"
            .formatted(name, version)
        + more
        + "</project>";
  }

  private static String dependencies() {
    String each =
        "<dependency><groupId>org.test</groupId><artifactId>%s</artifactId>"
            + "<version>2.0</version><scope>%s</scope></dependency>";
    return "<dependencies>"
        + each.formatted("lib", "runtime")
        + each.formatted("only-for-tests", "test")
        + "</dependencies>";
  }

  private static void put(WebFolder web, String path, String text) {
    byte[] bytes = text.getBytes(UTF_8);
    web.with("m2/" + path, bytes).with("m2/" + path + ".sha1", sha1(bytes).getBytes(UTF_8));
  }

  private static String sha1(byte[] bytes) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-1").digest(bytes);
      return "%040x".formatted(new BigInteger(1, hash));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  private String lock() throws IOException {
    return Files.readString(desk.path("web/recipe.lock"));
  }

  @Test
  void aRepositoryHasWhatIsNeededAndTheModels() throws IOException {
    desk.run("build", "web").with(0);
    assertEquals("the library", desk.run("cat", "web", "/m/org/test/lib/2.0/lib-2.0.jar").out());
    desk.run("cat", "web", "/m/" + ROOT).with(0);
    String lock = lock();
    assertEquals(5, lock.lines().filter(line -> line.contains("\"maven\"")).count(), lock);
    assertFalse(lock.contains("127.0.0.1"), lock);
    assertTrue(lock.contains(Digest.of("the library".getBytes(UTF_8)).hex()), lock);
    assertTrue(lock.contains("\"reason\": \"org.test:app\""), lock);
  }

  /** As a plugin its own management of versions counts, and Maven 3 adds an old library. */
  @Test
  void aPluginHasWhatMavenAsksForToRunIt() throws IOException {
    String managed =
        "<packaging>maven-plugin</packaging><dependencyManagement><dependencies><dependency>"
            + "<groupId>org.test</groupId><artifactId>lib</artifactId><version>3.0</version>"
            + "</dependency></dependencies></dependencyManagement><dependencies><dependency>"
            + "<groupId>org.test</groupId><artifactId>app</artifactId><version>1.0</version>"
            + "</dependency></dependencies>";
    put(one, "org/test/plug/1.0/plug-1.0.pom", pom("plug", "1.0", "", managed));
    put(one, "org/test/plug/1.0/plug-1.0.jar", "the plugin");
    put(one, "org/test/lib/3.0/lib-3.0.pom", pom("lib", "3.0", "", ""));
    put(one, "org/test/lib/3.0/lib-3.0.jar", "the newer library");
    String utils = "org/codehaus/plexus/plexus-utils/1.1/plexus-utils-1.1";
    put(
        one,
        utils + ".pom",
        pom("plexus-utils", "1.1", "", "").replace("org.test", "org.codehaus.plexus"));
    put(one, utils + ".jar", "what Maven adds");
    recipe("repository", "org.test:plug:1.0");
    desk.run("build", "web").with(0);
    assertEquals("what Maven adds", desk.run("cat", "web", "/m/" + utils + ".jar").out());
    desk.run("cat", "web", "/m/org/test/lib/2.0/lib-2.0.jar").with(0);
    desk.run("cat", "web", "/m/org/test/lib/3.0/lib-3.0.jar").with(0);
  }

  @Test
  void aClassPathIsOneDirectoryOfFiles() throws IOException {
    recipe("flat", "org.test:app:1.0");
    desk.run("build", "web").with(0);
    assertEquals("the application", desk.run("cat", "web", "/m/app-1.0.jar").out());
    assertEquals("the library", desk.run("cat", "web", "/m/lib-2.0.jar").out());
    assertEquals(2, lock().lines().filter(line -> line.contains("\"maven\"")).count());
  }

  @Test
  void rebuildingNeedsNobody() throws IOException {
    String image = desk.run("build", "web").with(0).image();
    one.answering(500).forget();
    Bits.remove(desk.store().resolve("actions"));
    assertEquals(image, desk.run("build", "web", "--offline", "--no-switch").with(0).image());
    assertEquals(List.of(), one.asked());
  }

  @Test
  void anotherRepositoryHelpsWhenLockingAndWhenFetching() throws IOException {
    fill(two);
    settings(two, one);
    desk.run("lock", "web").with(0);
    String lock = lock();
    two.answering(404);
    desk.set("IMGSTORE_HOME", desk.path("another").toString());
    desk.run("lock", "web", "--update").with(0);
    assertEquals(lock, lock());
    desk.set("IMGSTORE_HOME", desk.path("fresh").toString());
    Desk.Said built = desk.run("build", "web").with(0);
    assertEquals(
        1, built.err().lines().filter(line -> line.contains("helped")).count(), built::toString);
    desk.set("IMGSTORE_HOME", desk.store().toString());
  }

  @Test
  void aWrongOrMissingChecksumIsRefused() {
    one.with("m2/org/test/lib/2.0/lib-2.0.jar.sha1", "0".repeat(40).getBytes(UTF_8));
    Desk.Said wrong = desk.run("lock", "web").with(1);
    assertTrue(wrong.err().contains("Checksum validation failed"), wrong::toString);
    one.without("m2/org/test/lib/2.0/lib-2.0.jar.sha1");
    Desk.Said missing = desk.run("lock", "web").with(1);
    assertTrue(missing.err().contains("hecksum"), missing::toString);
    assertFalse(Files.exists(desk.path("web/recipe.lock")), "no lock is written");
  }

  @Test
  void whatIsNotThereIsNamed() throws IOException {
    recipe("flat", "org.test:nothing:1.0");
    Desk.Said said = desk.run("lock", "web").with(1);
    assertTrue(said.err().contains("org.test:nothing"), said::toString);
  }

  @Test
  void settingsThatMavenWouldNotTakeAreNamed() throws IOException {
    desk.write("maven/settings.xml", "<settings");
    Desk.Said said = desk.run("lock", "web").with(1);
    assertTrue(said.err().contains("settings.xml cannot be read"), said::toString);
    settings(one);
    Path file = desk.path("maven/settings.xml");
    String unset = "<url>http://h/${env.NOT_SET}/x</url>";
    Files.writeString(
        file,
        Files.readString(file)
            .replaceAll("<url>.*</url>", java.util.regex.Matcher.quoteReplacement(unset)));
    Desk.Said odd = desk.run("lock", "web").with(1);
    assertTrue(odd.err().contains("Maven's settings.xml: the url of the"), odd::toString);
  }

  private void account(String password) throws IOException {
    settings(one);
    Path file = desk.path("maven/settings.xml");
    String servers =
        "<servers><server><id>mirror</id><username>u</username><password>%s</password></server></servers>"
            .formatted(password);
    Files.writeString(
        file,
        Files.readString(file)
            .replace("<mirrors>", servers + "<mirrors>")
            .replace("<mirrorOf>central<", "<mirrorOf>*<"));
  }

  private static String basic(String userAndPassword) {
    return "Basic " + Base64.getEncoder().encodeToString(userAndPassword.getBytes(UTF_8));
  }

  @Test
  void anAccountIsSentToItsRepositoryOnly() throws IOException {
    account("hush:\u00e9@/");
    one.wanting(basic("u:hush:\u00e9@/"));
    fill(two);
    one.redirecting("m2/org/test/lib/2.0/lib-2.0.jar", two.url("m2/org/test/lib/2.0/lib-2.0.jar"));
    desk.run("build", "web").with(0);
    assertEquals(Set.of(), two.secrets());
    assertTrue(two.asked().contains("/m2/org/test/lib/2.0/lib-2.0.jar"), two.asked()::toString);
    assertFalse(lock().contains("hush"), lock());
  }

  @Test
  void encryptedPasswordsAreDecryptedAsMavenDoes() throws Exception {
    DefaultPlexusCipher cipher = new DefaultPlexusCipher();
    account(cipher.encryptAndDecorate("hush", "the master"));
    Desk.Said without = desk.run("lock", "web").with(1);
    assertTrue(
        without.err().contains("the password of the server mirror in Maven's settings.xml is"),
        without::toString);
    desk.write(
        "maven/settings-security.xml",
        "<settingsSecurity><master>%s</master></settingsSecurity>"
            .formatted(cipher.encryptAndDecorate("the master", "settings.security")));
    one.wanting(basic("u:hush"));
    desk.run("build", "web").with(0);
    account(cipher.encryptAndDecorate("hush", "another master"));
    Desk.Said wrong = desk.run("lock", "web", "--update").with(1);
    assertTrue(wrong.err().contains("cannot be decrypted with"), wrong::toString);
    assertFalse(wrong.err().contains("hush"), wrong::toString);
  }

  @Test
  void whatADiskLostIsFetchedAgainByHash() throws IOException {
    byte[] jar = "the library, long enough to be found again ".repeat(200).getBytes(UTF_8);
    put(one, "org/test/lib/2.0/lib-2.0.jar", new String(jar, UTF_8));
    desk.run("build", "web").with(0);
    for (Bits.Body body : Bits.bodies(desk.store(), Digest.of(jar))) {
      Bits.zero(body.segment(), body.at(), 40);
    }
    desk.run("verify").with(3);
    one.forget();
    Desk.Said said = desk.run("verify", "--repair").with(0);
    assertTrue(said.out().contains("fetched again"), said::toString);
    assertEquals(List.of("/m2/org/test/lib/2.0/lib-2.0.jar"), one.asked());
  }

  @Test
  void aPasswordOfTheSettingsIsNeverShown() throws IOException {
    Path file = desk.path("maven/settings.xml");
    String server =
        "<servers><server><id>mirror</id><username>u</username>"
            + "<password>hush</password></server></servers>";
    Files.writeString(file, Files.readString(file).replace("<mirrors>", server + "<mirrors>"));
    one.answering(403);
    Desk.Said said = desk.run("lock", "web", "-vv").with(1);
    assertFalse(said.err().contains("hush"), said::toString);
  }
}
