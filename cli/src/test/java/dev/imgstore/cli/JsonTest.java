package dev.imgstore.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What programs read: one object with its format, and every field each time. */
final class JsonTest {
  private static final String DONE = "0 ";

  /** Exit codes that are all right, the command, a line without spaces for its fields. */
  private static final List<String> SHAPES =
      List.of(
          DONE
              + "build web: actions caches check differs fresh generation image profile reused stepsRun unhandled",
          DONE
              + "build web --no-switch: actions caches check differs fresh generation image profile"
              + " reused stepsRun unhandled",
          DONE + "build web two: builds built failed fetched reused",
          DONE + "build many: builds built failed fetched reused",
          DONE + "lock web: changed date inputs lock",
          DONE + "lock many: locks",
          DONE
              + "reproduce web~1: actions findings image milliseconds notices platforms rebuilt ref"
              + " reproduced steps",
          DONE + "plan web: steps",
          DONE + "why-rebuild web: steps",
          "05 logs abcdef: error",
          "05 shell abcdef: error",
          DONE + "schema: schema",
          DONE
              + "show web: author created generation git image lock message platforms profile recipe"
              + " stateBarrier",
          DONE + "ls: profiles",
          DONE + "generations web: current generations profile",
          DONE + "switch web 1: from image profile to",
          DONE + "rollback web --to 1: from image profile to",
          DONE + "ok web: generation image profile",
          DONE + "diff web~1 web: after before from lock platforms recipe to",
          DONE + "log: entries",
          DONE + "find a: files packages",
          DONE + "find --file /text: files packages",
          DONE + "config: files settings",
          DONE + "hold web@3 --reason x: image owner reason",
          DONE + "hold: holds",
          DONE + "tag web@3 v1: number profile tag",
          DONE + "tag: tags",
          DONE + "tag --remove web@v1: profile removed tag",
          DONE + "revoke web@3 --reason x: image revoked users",
          DONE + "revoke: revoked",
          DONE + "revoke --undo web@3: image revoked",
          DONE + "why web: bytes chains count object stored",
          DONE + "du: beside between generations headers packages pins profiles total unkept",
          DONE + "hold web@3 --release: image released",
          DONE + "delete two: deleted",
          DONE
              + "gc --dry-run: blobs bytes done findings generations journal pins records segments",
          DONE + "export oci web out: bytes destination digest image ref",
          DONE + "gc schedule: last next schedule",
          DONE + "gc schedule daily 03:00 --with serve: last next schedule",
          DONE + "gc schedule hourly --with serve --dry-run: files",
          DONE + "gc schedule --run: freed text trigger",
          DONE + "gc schedule --remove: removed",
          "1 push web localhost:1/web: error",
          DONE + "pin spec.yaml: files findings written",
          DONE + "pin --check spec.yaml: files findings written",
          DONE + "pins: changes pins",
          DONE + "unpin spec.yaml: unpinned",
          "2 cache push web: error",
          "2 cache pull web: error",
          "2 cache list: error",
          "2 cache gc --keep 1: error",
          DONE + "key create ci: name public",
          DONE + "key list: keys",
          DONE + "key show ci: name public",
          DONE + "key delete ci: name",
          DONE + "export disk vm vm.raw: boot bytes destination diskFormat image ref size",
          DONE
              + "import web --name taken: bytes bytesRead entries fresh generation image profile sockets"
              + " tree",
          DONE
              + "pull REGISTRY/other:1: blobs blobsFetched bytesFetched fresh from generation image"
              + " named platforms profile",
          DONE
              + "checkout web checked-out: attributesLeftOut destination files image leftOut"
              + " otherOwners ref tree",
          DONE + "cat web /text: content gid kind mode names path ref size uid",
          DONE + "cat web /: content gid kind mode names path ref size uid",
          DONE + "copy web --to other: bytes generations to",
          "02 serve --writable: error",
          DONE + "verify: blobs bytes findings",
          DONE + "reindex: blobs profiles segments unread",
          DONE + "config --show: files settings",
          "03 doctor: answers");

  @TempDir static Path directory;
  private static Desk desk;
  private static TinyRegistry registry;

  @BeforeAll
  static void prepare() throws IOException {
    desk = new Desk(directory);
    registry = new TinyRegistry();
    registry.image("1", "amd64", TinyRegistry.tar("etc/motd", "hello"));
    desk.file("web", "one");
    desk.run("build", "web").with(0);
    desk.file("web", "two");
    desk.run("build", "web", "-m", "why \"quoted\"\n").with(0);
    desk.recipe("two", "platforms: [linux/amd64, linux/arm64]\nfiles: [{path: /a, text: a}]\n");
    desk.run("build", "two", "--profile", "web").with(0);
    desk.recipe("many", "matrix: {v: [a, b]}\nfiles: [{path: /a, text: \"${v}\"}]\n");
    desk.run("build", "two").with(0);
    desk.write("spec.yaml", "services: {web: {image: localhost/web}}\n");
    FakeMachine.recipe(desk, "vm", "  free: 4m\n");
    desk.run("build", "vm").with(0);
  }

  @AfterAll
  static void end() {
    registry.close();
  }

  @Test
  void everyCommandPrintsOneObjectWithAFormatAndItsFields() {
    for (String shape : SHAPES) {
      String codes = shape.substring(0, shape.indexOf(' '));
      String line = shape.substring(shape.indexOf(' ') + 1, shape.indexOf(": "));
      Set<String> fields = words(shape.substring(shape.indexOf(": ") + 2));
      fields.add("format");
      String typed = line.replace("REGISTRY/", registry.name(""));
      Desk.Said said = desk.run(("--json " + typed).split(" ", -1));
      assertTrue(codes.contains(String.valueOf(said.code())), said::toString);
      assertEquals(1, said.json().path("format").asInt(), said::toString);
      assertEquals(fields, fields(said.json()), said::toString);
    }
  }

  @Test
  void everyOneOfSeveralImagesHasTheSameFields() {
    desk.run("build", "many").with(0);
    for (JsonNode each : desk.run("--json", "build", "many").with(0).json().path("builds")) {
      assertEquals(
          words(
              "actions caches check differs error fresh generation image profile recipe reused stepsRun unhandled variant"),
          fields(each));
    }
    for (JsonNode each : desk.run("--json", "lock", "many").with(0).json().path("locks")) {
      assertEquals(words("changed date inputs lock"), fields(each));
    }
  }

  @Test
  void aFailureIsAnObjectToo() {
    Desk.Said said = desk.run("--json", "show", "nothing").with(5);
    assertEquals(5, said.json().path("error").path("code").asInt());
    assertTrue(said.json().path("error").path("message").asText().contains("nothing"));
    assertEquals(1, said.json().path("format").asInt());
  }

  @Test
  void everyCommandHasAShape() {
    Set<String> missing = new HashSet<>();
    for (List<String> words : HelpTest.commands(desk)) {
      String line = String.join(" ", words);
      boolean shaped =
          SHAPES.stream().anyMatch(shape -> shape.matches("[0-9]+ " + line + "[: ].*"));
      // The command alone and a form of export are asked for more; completion is for a shell.
      if (!shaped && !Set.of("", "generate-completion").contains(line)) {
        missing.add(line);
      }
    }
    assertEquals(Set.of(), missing);
  }

  @Test
  void platformsOfADiffHaveTheSameFieldsWhetherBothHaveThemOrNot() {
    JsonNode platforms =
        desk.run("diff", "web@2", "web@3", "--json").with(0).json().path("platforms");
    assertEquals(2, platforms.size());
    assertEquals("compared", platforms.get(0).path("change").asText());
    assertEquals("added", platforms.get(1).path("change").asText());
    assertEquals(fields(platforms.get(0)), fields(platforms.get(1)));
  }

  @Test
  void whyIsKeptAsItWasTyped() {
    JsonNode entries = desk.run("log", "web", "--json").with(0).json().path("entries");
    Set<String> reasons = new TreeSet<>();
    for (JsonNode entry : entries) {
      assertEquals(
          words("body hash kind sequence subject when who why"), fields(entry), entry::toString);
      reasons.add(entry.path("why").asText());
    }
    assertTrue(reasons.contains("why \"quoted\"\n"), reasons::toString);
  }

  @Test
  void theSchemaIsTheSameAsWithoutJson() throws IOException {
    String plain = desk.run("schema").with(0).out();
    JsonNode wrapped = desk.run("schema", "--json").with(0).json().path("schema");
    assertEquals(new com.fasterxml.jackson.databind.ObjectMapper().readTree(plain), wrapped);
    assertFalse(wrapped.isEmpty());
  }

  private static Set<String> fields(JsonNode object) {
    Set<String> names = new TreeSet<>();
    object.fieldNames().forEachRemaining(names::add);
    return names;
  }

  private static Set<String> words(String text) {
    return new TreeSet<>(Arrays.asList(text.split(" ", -1)));
  }
}
