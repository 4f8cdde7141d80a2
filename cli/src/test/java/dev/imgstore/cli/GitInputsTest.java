package dev.imgstore.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.imgstore.model.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Inputs by git, from clones of this test. */
@Timeout(120)
final class GitInputsTest {
  @TempDir Path directory;
  private Desk desk;
  private String commit = "";

  @BeforeEach
  void prepare() throws IOException, InterruptedException {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/git")), "git is installed");
    desk = new Desk(directory);
    desk.set("PATH", "/usr/bin:/bin");
    git("init", "-q");
    desk.write("clone/a b", "one\n");
    desk.write("clone/sub/run", "#!/bin/sh\n").toFile().setExecutable(true);
    desk.write("clone/.gitattributes", "sub export-ignore\n* text=auto eol=crlf export-subst\n");
    Files.createSymbolicLink(desk.path("clone/link"), Path.of("sub/run"));
    commit = commit();
    recipe(commit);
  }

  @AfterEach
  void end() {
    desk.verify();
  }

  private void recipe(String id) throws IOException {
    desk.recipe(
        "web",
        "inputs:\n  src: {git: ../clone, commit: %s}\nfiles:\n  - {path: /src, input: src}\n"
            .formatted(id));
  }

  private String git(String... words) throws IOException, InterruptedException {
    Files.createDirectories(desk.path("clone"));
    List<String> argv =
        new ArrayList<>(List.of("git", "-c", "user.name=t", "-c", "user.email=t@t"));
    argv.addAll(List.of(words));
    ProcessBuilder builder = new ProcessBuilder(argv).directory(desk.path("clone").toFile());
    builder.environment().put("GIT_CONFIG_GLOBAL", "/dev/null");
    Process process = builder.redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertEquals(0, process.waitFor(), said);
    return said.strip();
  }

  private String commit() throws IOException, InterruptedException {
    git("add", "-A");
    git("commit", "-q", "-m", "x");
    return git("rev-parse", "HEAD");
  }

  @Test
  void theCommitsTreeIsTakenWhateverAttributesSay() throws IOException {
    desk.write("clone/a b", "not committed\n");
    desk.run("build", "web").with(0);
    assertEquals("one\n", desk.run("cat", "web", "/src/a b").with(0).out());
    assertEquals("#!/bin/sh\n", desk.run("cat", "web", "/src/sub/run").with(0).out());
    desk.run("checkout", "web", "out").with(0);
    assertTrue(Files.isExecutable(desk.path("out/src/sub/run")));
    assertTrue(Files.isSymbolicLink(desk.path("out/src/link")));
    String lock = Files.readString(desk.path("web/recipe.lock"));
    assertTrue(lock.contains("\"version\": \"" + commit + "\""), lock);
  }

  @Test
  void rebuildingNeedsNoClone() throws IOException {
    String image = desk.run("build", "web").with(0).image();
    Files.move(desk.path("clone"), desk.path("gone"));
    Bits.remove(desk.store().resolve("actions"));
    assertEquals(image, desk.run("build", "web", "--offline", "--no-switch").with(0).image());
    desk.set("IMGSTORE_HOME", desk.path("fresh").toString());
    desk.run("build", "web").with(5).complains("there is no directory");
    Files.move(desk.path("gone"), desk.path("clone"));
    assertEquals(image, desk.run("build", "web").with(0).image());
    desk.set("IMGSTORE_HOME", desk.store().toString());
  }

  @Test
  void anotherCommitMakesTheLockStale() throws IOException, InterruptedException {
    desk.run("build", "web").with(0);
    desk.write("clone/a b", "two\n");
    recipe(commit());
    desk.run("build", "web", "--locked").with(2);
    desk.run("build", "web").with(0);
    assertEquals("two\n", desk.run("cat", "web", "/src/a b").with(0).out());
  }

  @Test
  void whatIsNoCommitIsNamed() throws IOException, InterruptedException {
    recipe("0".repeat(40));
    Desk.Said absent = desk.run("lock", "web").with(1);
    assertTrue(absent.err().contains("the clone has no commit 000"), absent::toString);
    recipe(git("rev-parse", "HEAD^{tree}"));
    Desk.Said other = desk.run("lock", "web").with(1);
    assertTrue(other.err().contains("is a tree, no commit"), other::toString);
    recipe("--upload-pack=x");
    desk.run("lock", "web").with(2);
    recipe(commit);
    Bits.remove(desk.path("clone/.git"));
    Desk.Said none = desk.run("lock", "web").with(1);
    assertTrue(none.err().contains("not a git repository"), none::toString);
  }

  @Test
  void aSubmoduleIsRefusedByName() throws IOException, InterruptedException {
    git("update-index", "--add", "--cacheinfo", "160000," + commit + ",vendor/lib");
    git("commit", "-q", "-m", "x");
    recipe(git("rev-parse", "HEAD"));
    Desk.Said said = desk.run("lock", "web").with(1);
    assertTrue(said.err().contains("has the submodule vendor/lib"), said::toString);
  }

  @Test
  void whatADiskLostIsReadAgainFromTheClone() throws IOException, InterruptedException {
    desk.write("clone/large", "a line that is not repeated just once\n".repeat(300));
    desk.recipe(
        "web",
        "inputs:\n  src: {git: %s, commit: %s}\nfiles:\n  - {path: /src, input: src}\n"
            .formatted(desk.path("clone"), commit()));
    desk.run("build", "web").with(0);
    String lock = Files.readString(desk.path("web/recipe.lock"));
    String tar = lock.replaceAll("(?s).*\"sha256\": \"([0-9a-f]{64})\".*", "$1");
    Bits.Body body = Bits.body(desk.store(), new Digest(tar));
    Bits.zero(body.segment(), body.at(), 40);
    desk.run("verify").with(3);
    desk.run("verify", "--repair").with(0);
  }
}
