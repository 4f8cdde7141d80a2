package dev.imgstore.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What is said where there is no cache, no key, or no answer; {@code cache-test} has those that
 * work.
 */
final class CacheCommandTest {
  private static final String NOBODY = "caches: [{repository: localhost:1/team/cache}]\n";

  @TempDir Path directory;
  private Desk desk;

  @BeforeEach
  void prepare() throws IOException {
    desk = new Desk(directory);
    desk.file("web", "one");
  }

  @Test
  void aCacheThatIsDownCostsOneNoticeForAllImages() throws IOException {
    desk.file("other", "two");
    desk.run("key", "create", "mine").with(0);
    desk.write("store/config.yaml", NOBODY);
    Desk.Said said = desk.run("build", "web", "other", "--json").with(0);
    assertEquals(1, said.err().split("the shared cache localhost:1/team/cache", -1).length - 1);
    assertTrue(said.err().contains("; the build goes on without it"), said::err);
    JsonNode builds = said.json().path("builds");
    assertEquals(1, builds.get(0).path("caches").path("notices").size());
    assertEquals(0, builds.get(1).path("caches").path("notices").size());
    assertTrue(builds.get(1).path("actions").path("ran").asInt() > 0, said::toString);
    desk.verify();
  }

  @Test
  void whoeverIsKnownOrOfflineAsksNobody() throws IOException {
    desk.run("key", "create", "mine").with(0);
    desk.write("store/config.yaml", NOBODY);
    assertFalse(desk.run("build", "--offline", "web").with(0).err().contains("cache"));
    JsonNode known = desk.run("build", "web", "--json").with(0).json();
    assertTrue(known.path("reused").asBoolean());
    assertEquals(1, known.path("actions").path("reused").asInt());
    assertEquals(0, known.path("caches").path("notices").size());
  }

  @Test
  void withoutATrustedKeyNoCacheIsAskedAndThatIsSaid() throws IOException {
    desk.write("store/config.yaml", NOBODY);
    String err = desk.run("build", "web").with(0).err();
    assertTrue(err.contains("no cache is asked, since no key is trusted"), err);
    assertFalse(err.contains("localhost:1"), err);
  }

  @Test
  void moreKeysThatMustAgreeThanThereAreIsAMistake() throws IOException {
    desk.run("key", "create", "mine").with(0);
    desk.write("store/config.yaml", NOBODY + "trust: {need: 2}\n");
    String err = desk.run("build", "web").with(2).err();
    assertTrue(err.contains("trust: in the settings: 2 keys must agree, and 1 are trusted"), err);
  }

  @Test
  void whatIsMissingIsNamedWithWhatToDo() throws IOException {
    desk.run("build", "web").with(0);
    desk.run("cache", "push", "web").with(2).complains("no cache is set; name one with --to");
    String to = "--to=localhost:1/cache";
    desk.run("cache", "push", "web", to).with(2).complains("imgstore key create NAME makes one");
    desk.run("key", "create", "a").with(0);
    desk.run("key", "create", "b").with(0);
    desk.run("cache", "push", "web", to).with(2).complains("choose one of a, b with --key");
    desk.run("cache", "push", "web", to, "--key=c").with(5).complains("there is no key c");
    desk.run("cache", "push", "web", "--to=localhost:1/cache:tag", "--key=a")
        .with(2)
        .complains("without a tag");
    desk.run("cache", "push", "nothing", to, "--key=a").with(5).complains("no profile nothing");
    desk.run("cache", "gc", "--from=localhost:1/x").with(2).complains("--keep N");
    assertTrue(desk.run("cache", "pull", "web").with(2).err().contains("no cache is set"));
    String known = desk.run("cache", "pull", "web", "--from=localhost:1/x").with(0).out();
    assertEquals("the store has all of it\n", known);
    desk.file("new", "two");
    desk.run("cache", "pull", "new/recipe.yaml", "--from=localhost:1/x")
        .with(2)
        .complains("run imgstore lock");
    desk.run("lock", "new").with(0);
    String err = desk.run("cache", "pull", "new/recipe.yaml", "--from=localhost:1/x").with(1).err();
    assertTrue(err.contains("no cache gave a result of new/recipe.yaml that is trusted"), err);
    desk.write("taken/text", "x");
    desk.run("import", "taken").with(0);
    desk.run("cache", "push", "taken", to, "--key=a").with(2).complains("no action made it");
  }
}
