package dev.imgstore.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.Digest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Inputs by url and path: locked, fetched, kept, built without the network, and mended. */
@Timeout(120)
final class InputsTest {
  private final byte[] tar =
      new Deb.Tar().file("./app-1/bin/run", "#!/bin/sh\n").file("./app-1/conf", "one\n").end();
  private static final byte[] TOOL = "tool".repeat(5_000).getBytes(StandardCharsets.UTF_8);

  @TempDir Path directory;
  private Desk desk;
  private WebFolder web;
  private WebFolder second;

  InputsTest() throws IOException {}

  @BeforeEach
  void prepare() throws IOException {
    desk = new Desk(directory);
    web = new WebFolder().with("app-1.tar", tar).with("tool", TOOL);
    second = new WebFolder().with("app-1.tar", tar).with("tool", TOOL);
    desk.write("web/site/index.html", "<p>\n");
    recipe(
        """
        inputs:
          src: {url: "%s", strip: 1}
          tool: {urls: ["%s", "%s"], executable: true, sha256: %s}
          site: {path: site}
        files:
          - {path: /opt/app, input: src}
          - {path: /etc/app.conf, input: src, file: conf, mode: 0600}
          - {path: /usr/bin/tool, input: tool, file: tool}
          - {path: /srv, input: site}
        """
            .formatted(
                web.url("app-1.tar"), web.url("tool"), second.url("tool"), Digest.of(TOOL).hex()));
  }

  @AfterEach
  void end() {
    web.close();
    second.close();
    desk.verify();
  }

  private void recipe(String text) throws IOException {
    desk.recipe("web", text);
  }

  private void edit(String from, String to) throws IOException {
    Path file = desk.path("web/recipe.yaml");
    String text = Files.readString(file);
    assertTrue(text.contains(from), text);
    Files.writeString(file, text.replace(from, to));
  }

  private String lock() throws IOException {
    return Files.readString(desk.path("web/recipe.lock"));
  }

  @Test
  void filesTakeFromInputs() throws IOException {
    Desk.Said built = desk.run("build", "web").with(0);
    assertTrue(built.err().contains("locked 0 packages and 2 files in"), built::toString);
    assertEquals("#!/bin/sh\n", desk.run("cat", "web", "/opt/app/bin/run").with(0).out());
    assertEquals("one\n", desk.run("cat", "web", "/etc/app.conf").with(0).out());
    assertEquals("<p>\n", desk.run("cat", "web", "/srv/index.html").with(0).out());
    assertEquals(TOOL.length, desk.run("cat", "web", "/usr/bin/tool").with(0).out().length());
    assertFalse(lock().contains("127.0.0.1"), "a lock names no host");
    assertTrue(lock().contains("\"size\": " + tar.length), lock());
  }

  @Test
  void aSecondBuildAsksNobodyAndAnOfflineRebuildNeedsNobody() throws IOException {
    String image = desk.run("build", "web").with(0).image();
    web.answering(500).forget();
    second.answering(500).forget();
    assertEquals(image, desk.run("build", "web").with(0).image());
    edit("mode: 0600", "mode: 0640");
    desk.run("build", "web", "--offline").with(0);
    edit("mode: 0640", "mode: 0600");
    Bits.remove(desk.store().resolve("actions"));
    assertEquals(image, desk.run("build", "web", "--offline", "--no-switch").with(0).image());
    assertEquals(List.of(), web.asked());
    assertEquals(List.of(), second.asked());
  }

  @Test
  void theSecondAddressHelpsAndIsToldOnce() {
    web.with("tool", "garbage".getBytes(StandardCharsets.UTF_8));
    Desk.Said said = desk.run("lock", "web").with(0);
    assertEquals(1, said.err().lines().count(), said::toString);
    assertTrue(said.err().contains("helped"), said::toString);
  }

  @Test
  void whatTheRecipeSaysTheFileMustBeIsChecked() {
    web.with("tool", "garbage".getBytes(StandardCharsets.UTF_8));
    second.answering(404);
    Desk.Said said = desk.run("lock", "web").with(1);
    assertTrue(said.err().contains("it should be " + Digest.of(TOOL)), said::toString);
    assertFalse(Files.exists(desk.path("web/recipe.lock")), "no lock is written");
  }

  @Test
  void whatTheLockSaysTheFileMustBeIsChecked() throws IOException {
    desk.run("lock", "web").with(0);
    byte[] other = tar.clone();
    other[600] ^= 1;
    web.with("app-1.tar", other);
    desk.set("IMGSTORE_HOME", desk.path("elsewhere").toString());
    Desk.Said said = desk.run("build", "web").with(1);
    assertTrue(said.err().contains("it should be " + Digest.of(tar)), said::toString);
    desk.set("IMGSTORE_HOME", desk.store().toString());
  }

  @Test
  void onlyWhatDecidesAboutFetchingMakesALockStale() throws IOException {
    desk.run("lock", "web").with(0);
    String before = lock();
    web.forget();
    edit("strip: 1", "strip: 0");
    edit("file: conf,", "file: app-1/conf,");
    desk.write("web/site/index.html", "<p>new\n");
    desk.run("build", "web", "--locked").with(0);
    assertEquals(before, lock());
    edit("executable: true,", "executable: true, unpack: none,");
    desk.run("build", "web", "--locked").with(0);
    edit("app-1.tar\"", "app-1.tar?again\"");
    desk.run("build", "web", "--locked").with(2).complains("does not fit the recipe any more");
    web.forget();
    second.forget();
    desk.run("build", "web").with(0);
    assertEquals(List.of("/app-1.tar"), web.asked(), "what did not change stays");
  }

  @Test
  void oneInputIsUpdatedAlone() throws IOException {
    desk.run("lock", "web").with(0);
    byte[] newer = new Deb.Tar().file("./app-2/conf", "two\n").end();
    web.with("app-1.tar", newer).forget();
    desk.run("lock", "web", "--update", "tool").with(0);
    assertEquals(List.of("/tool"), web.asked());
    desk.run("lock", "web", "--update", "src").with(0);
    assertTrue(lock().contains(Digest.of(newer).hex()), lock());
    desk.run("lock", "web", "--update", "nobody").with(2).complains("nothing changed");
  }

  @Test
  void anOfflineBuildNamesWhatIsMissing() throws IOException {
    desk.run("build", "web", "--offline").with(2).complains("there is no");
    desk.run("lock", "web").with(0);
    desk.set("IMGSTORE_HOME", desk.path("elsewhere").toString());
    Desk.Said said = desk.run("build", "web", "--offline").with(1);
    assertTrue(said.err().contains("--offline forbids to fetch it"), said::toString);
    desk.set("IMGSTORE_HOME", desk.store().toString());
  }

  @Test
  void whatADiskLostIsFetchedAgainByHash() throws IOException {
    desk.run("build", "web").with(0);
    Bits.Body body = Bits.body(desk.store(), tar);
    Bits.zero(body.segment(), body.at(), 40);
    web.forget();
    desk.run("verify").with(3);
    Desk.Said said = desk.run("verify", "--repair").with(0);
    assertTrue(said.out().contains("fetched again"), said::toString);
  }

  @Test
  void whatIsNotInAnInputIsNamed() throws IOException {
    edit("file: conf,", "file: konf,");
    Desk.Said said = desk.run("build", "web").with(2);
    assertTrue(said.err().contains("konf of the input src"), said::toString);
    assertTrue(said.err().contains("it holds bin, conf"), said::toString);
  }

  @Test
  void aHostileArchiveIsRefusedByName() throws IOException {
    web.with("app-1.tar", new Deb.Tar().file("app/../../etc/passwd", "x").end());
    Desk.Said said = desk.run("build", "web").with(1);
    assertTrue(
        said.err().contains("the input src (app-1.tar): app/../../etc/passwd"), said::toString);
  }
}
