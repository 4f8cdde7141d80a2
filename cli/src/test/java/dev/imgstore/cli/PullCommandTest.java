package dev.imgstore.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.imgstore.model.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Images of others as generations. */
@Timeout(120)
final class PullCommandTest {
  private static final String EMPTY = "application/vnd.oci.empty.v1+json";

  @TempDir Path directory;
  private Desk desk;
  private TinyRegistry registry;

  @BeforeEach
  void prepare() throws IOException {
    desk = new Desk(directory);
    registry = new TinyRegistry();
  }

  @AfterEach
  void end() {
    registry.close();
    desk.verify();
    desk.run("gc").with(0);
    desk.verify();
  }

  private static byte[] base() {
    return TinyRegistry.tar("etc/motd", "hello\n", "gone", "x");
  }

  private static byte[] upper(String text) {
    return TinyRegistry.tar(".wh.gone", "", "etc/text", text);
  }

  /** Two platforms, an artifact, an attestation, an index in the index, and unknown fields. */
  private String everything() {
    String first = registry.image("amd64", "amd64", base(), upper("amd64"));
    String second = registry.image("arm", "arm", base(), upper("arm"));
    String artifact =
        registry.manifest(
            "artifact",
            TinyRegistry.MANIFEST,
            "{\"schemaVersion\":2,\"artifactType\":\"a/b\",\"config\":%s},\"layers\":[%s}]}"
                .formatted(
                    registry.blob(EMPTY, "{}".getBytes(UTF_8)),
                    registry.blob("un/known", "thing".getBytes(UTF_8))));
    String inner =
        registry.manifest(
            "inner",
            TinyRegistry.INDEX,
            "{\"schemaVersion\":2,\"manifests\":[%s}]}".formatted(artifact));
    return registry.manifest(
        "1",
        TinyRegistry.INDEX,
        """
        {"schemaVersion": 2, "artifactType": "c/d",
          "manifests": [%s, "platform": {"os": "linux", "architecture": "amd64"}},
            %s, "platform": {"os": "linux", "architecture": "arm", "variant": "v7"}, "annotations": {"a": "\u00fc"}},
            %s}], "annotations": {"b": "c"}, "unknown": 1.0}
        """
            .formatted(first, second, inner));
  }

  private static String digest(String descriptor) {
    return descriptor.replaceFirst("(?s).*?\"digest\": \"([^\"]*)\".*", "$1");
  }

  @Test
  void anIndexOfEverythingComesAndLeavesAsItIs() throws IOException {
    String named = digest(everything());
    Desk.Said said = desk.run("pull", registry.name("team/web:1")).with(0);
    assertEquals("web@1 " + named + "\n", said.out());
    assertEquals("amd64", desk.run("cat", "web", "/etc/text", "--platform", "linux/amd64").out());
    assertEquals("arm", desk.run("cat", "web", "/etc/text", "--platform", "linux/arm/v7").out());
    desk.run("cat", "web", "/gone", "--platform", "linux/amd64").with(5);
    String log = desk.run("log").with(0).out();
    assertTrue(log.contains("pulled from " + registry.name("team/web:1") + "@" + named), log);
    desk.run("gc").with(0);
    desk.run("export", "oci", "web", "out").with(0);
    List<String> files = new ArrayList<>();
    try (Stream<Path> blobs = Files.list(desk.path("out/blobs/sha256"))) {
      for (Path each : blobs.toList()) {
        assertEquals(each.getFileName().toString(), Digest.of(Files.readAllBytes(each)).hex());
        files.add(each.getFileName().toString());
      }
    }
    assertEquals(12, files.size(), files::toString);
    assertTrue(files.contains(named.substring(7)));
    desk.run("reproduce", "web").with(2).complains("was imported or pulled");
    desk.run("checkout", "web", "tree", "--platform", "linux/amd64").with(0);
    assertArrayEquals("hello\n".getBytes(UTF_8), Files.readAllBytes(desk.path("tree/etc/motd")));
  }

  @Test
  void whatIsThereIsNotFetchedAndTheSameMakesNoGeneration() throws IOException {
    everything();
    desk.run("pull", registry.name("team/web:1")).with(0);
    int asked = registry.asked().size();
    JsonNode again = desk.run("--json", "pull", registry.name("team/web:1")).with(0).json();
    assertEquals(0, again.path("blobsFetched").asInt());
    assertEquals(1, again.path("generation").asInt());
    assertEquals(asked, registry.asked().size());
    registry.image("2", "amd64", base(), upper("new"));
    JsonNode next = desk.run("--json", "pull", registry.name("team/web:2")).with(0).json();
    assertEquals(2, next.path("blobsFetched").asInt());
    assertEquals(2, next.path("generation").asInt());
    desk.run("rollback", "web").with(0);
    assertEquals("amd64", desk.run("cat", "web", "/etc/text", "--platform", "linux/amd64").out());
    desk.run("pull", registry.name("team/web:2")).with(3);
  }

  @Test
  void onePlatformIsTakenOutOfAnIndexThatIsKept() throws IOException {
    String index = digest(everything());
    Desk.Said said =
        desk.run(
                "--json",
                "pull",
                registry.name("web:1"),
                "--name",
                "arm",
                "--platform",
                "linux/arm/v7")
            .with(0);
    assertEquals(
        digest(registry.image("arm", "arm", base(), upper("arm"))),
        said.json().path("image").asText());
    assertEquals(index, said.json().path("named").asText());
    desk.run("gc").with(0);
    assertEquals("arm", desk.run("cat", "arm", "/etc/text").with(0).out());
    desk.run("why", index).with(0);
    desk.run("pull", registry.name("web:1"), "--platform", "linux/s390x")
        .with(5)
        .complains("it has linux/amd64, linux/arm/v7");
  }

  @Test
  void aPullThatIsCutChangesNothingAndTheNextGoesOn() throws IOException {
    registry.image("1", "amd64", base());
    desk.run("pull", registry.name("web:1")).with(0);
    String wanted = registry.image("2", "amd64", base(), upper("a"), upper("b"));
    registry.instead(Digest.of(upper("b")));
    desk.run("pull", registry.name("web:2")).with(5);
    assertTrue(desk.run("ls").out().contains("web"), () -> desk.run("ls").out());
    assertTrue(desk.run("generations", "web").out().lines().count() <= 2);
    desk.verify();
    registry.instead(Digest.of(upper("b")), upper("b"));
    JsonNode next = desk.run("--json", "pull", registry.name("web:2")).with(0).json();
    assertEquals(digest(wanted), next.path("image").asText());
    assertEquals("hello\n", desk.run("cat", "web", "/etc/motd").with(0).out());
  }

  @Test
  void otherBytesThanTheNameSaysAreRefused() throws IOException {
    registry.image("1", "amd64", base());
    byte[] other = base();
    other[0] ^= 1;
    registry.instead(Digest.of(base()), other);
    desk.run("pull", registry.name("web:1")).with(1);
    registry.instead(Digest.of(base()), base());
    desk.run("pull", registry.name("web:1") + "@sha256:" + "0".repeat(64)).with(5);
    assertTrue(desk.run("ls").out().lines().count() <= 1);
  }

  @Test
  void layersThatWouldLeaveTheTreeAreRefusedByName() throws IOException {
    registry.image("up", "amd64", TinyRegistry.tar("a/../../etc/passwd", "x"));
    Desk.Said up = desk.run("pull", registry.name("web:up")).with(1);
    assertTrue(up.err().contains("a/../../etc/passwd"), up::toString);
    registry.image("twice", "amd64", TinyRegistry.tar("a", "x", "a", "y"));
    Desk.Said twice = desk.run("pull", registry.name("web:twice")).with(1);
    assertTrue(twice.err().contains("the name is there twice"), twice::toString);
    assertTrue(desk.run("ls").out().lines().count() <= 1);
  }

  @Test
  void documentsThatMeanSeveralThingsOrWhatIsOursAreRefused() throws IOException {
    String config = registry.blob(EMPTY, "{}".getBytes(UTF_8)) + "}";
    registry.manifest(
        "both",
        TinyRegistry.MANIFEST,
        "{\"schemaVersion\":2,\"config\":%s,\"layers\":[],\"manifests\":[]}".formatted(config));
    desk.run("pull", registry.name("web:both")).with(1).complains("a manifest and an index in one");
    registry.manifest(
        "other",
        TinyRegistry.MANIFEST,
        "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"manifests\":[]}"
            .formatted(TinyRegistry.INDEX));
    desk.run("pull", registry.name("web:other")).with(1).complains("it says " + TinyRegistry.INDEX);
    String tree = registry.blob("application/vnd.imgstore.tree.v1", "no tree".getBytes(UTF_8));
    registry.manifest(
        "tree",
        TinyRegistry.MANIFEST,
        "{\"schemaVersion\":2,\"config\":%s,\"layers\":[%s}]}".formatted(config, tree));
    desk.run("pull", registry.name("web:tree")).with(1).complains("a directory of a store");
  }

  @Test
  void anArtifactIsKeptWithoutATree() throws IOException {
    everything();
    desk.run("pull", registry.name("web:artifact")).with(0);
    desk.run("show", "web").with(0);
    desk.run("cat", "web", "/x").with(2);
    desk.run("export", "oci", "web", "out").with(0);
    desk.run("pull", registry.name("web:amd64"), "--no-unpack", "--name", "packed").with(0);
    desk.run("cat", "packed", "/etc/motd").with(2).complains("nothing of it is unpacked");
    desk.run("pull", registry.name("web:amd64"), "--name", "packed").with(0);
    assertEquals("hello\n", desk.run("cat", "packed", "/etc/motd").with(0).out());
  }

  @Test
  void whatTheDiskHasNoRoomForIsNotBegun() throws IOException {
    String size = Long.toString(1L << 60);
    String layer = registry.blob(TinyRegistry.LAYER, base()).replaceFirst("[0-9]+$", size);
    registry.manifest(
        "vast",
        TinyRegistry.MANIFEST,
        "{\"schemaVersion\":2,\"config\":%s},\"layers\":[%s}]}"
            .formatted(registry.blob(EMPTY, "{}".getBytes(UTF_8)), layer));
    desk.run("pull", registry.name("web:vast")).with(1).complains("are free where the store is");
    assertEquals(List.of(), registry.asked());
  }

  @Test
  void wordsThatNameNoImageAreExplained() {
    desk.run("pull", "web").with(2).complains("names no registry");
    desk.run("pull", registry.name("web:none")).with(5).complains("has no image none");
    desk.run("pull", registry.name("web:1"), "--name", "a/b")
        .with(2)
        .complains("choose with --name");
  }

  @Test
  void aRecipeNamesABaseInARegistryAndItsLockTheBytes() throws IOException {
    registry.image("1", "amd64", base(), upper("one"));
    desk.recipe(
        "app",
        "inputs:\n  base: {image: \"%s\"}\nfiles: [{path: /, input: base}]\n"
            .formatted(registry.name("team/base:1")));
    String first = desk.run("build", "app").with(0).image();
    assertEquals("one", desk.run("cat", "app", "/etc/text").with(0).out());
    String lock = Files.readString(desk.path("app/recipe.lock"));
    assertFalse(lock.contains("127.0.0.1"), lock);
    registry.image("1", "amd64", base(), upper("two"));
    assertEquals(first, desk.run("build", "app").with(0).image());
    desk.run("lock", "app", "--update").with(0);
    assertFalse(lock.equals(Files.readString(desk.path("app/recipe.lock"))));
    desk.run("build", "app", "--offline").with(0);
    assertEquals("two", desk.run("cat", "app", "/etc/text").with(0).out());
    desk.set("IMGSTORE_HOME", desk.path("other").toString());
    String again = desk.run("build", "app", "--locked").with(0).image();
    desk.set("IMGSTORE_HOME", desk.store().toString());
    registry.close();
    assertEquals(again, desk.run("build", "app", "--offline", "--no-switch").with(0).image());
    desk.run("reproduce", "app", "--offline").with(0);
    desk.recipe("bad", "inputs: {base: {image: web}}\nfiles: [{path: /, input: base}]\n");
    assertTrue(desk.run("lock", "bad").with(2).err().contains("is no image in a registry"));
  }
}
