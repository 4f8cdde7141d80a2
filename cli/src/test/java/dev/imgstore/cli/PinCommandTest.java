package dev.imgstore.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is written into deploy specs, and what is said of them. */
final class PinCommandTest extends PinDesk {
  @Test
  void whatIsPinnedIsWrittenAndKept() throws IOException {
    write(HOST + "web:1", HOST + "web", "'" + HOST + "web:latest'");
    desk.run("pin", "compose.yaml").with(0);
    String one = image("web@1");
    String two = image("web@2");
    assertEquals(
        compose(HOST + "web:1@" + one, HOST + "web:2@" + two, "'" + HOST + "web:2@" + two + "'"),
        text());
    assertEquals(List.of("[4] " + HOST + "web:1 " + one, "[6,8] " + HOST + "web:2 " + two), pins());
    desk.run("pin", "--check", "compose.yaml").with(0);
  }

  @Test
  void allMistakesAreToldAtOnceAndNothingIsWritten() throws IOException {
    String before = compose(HOST + "web:1", HOST + "wep:1", HOST + "web:77", HOST + "web:prod");
    desk.write("compose.yaml", before);
    desk.write("other.yaml", "services: {a: {image: Not/A:1}}\n");
    Desk.Said said = desk.run("pin", "compose.yaml", "other.yaml").with(2);
    assertTrue(said.err().contains("4 mistakes, nothing was written"), said::toString);
    assertTrue(said.err().contains("compose.yaml:6:13: "), said::toString);
    assertTrue(said.err().contains("did you mean web?"), said::toString);
    assertTrue(said.err().contains("has no generation 77"), said::toString);
    assertTrue(said.err().contains("has no generation prod"), said::toString);
    assertTrue(said.err().contains("other.yaml:1:23: "), said::toString);
    assertEquals(before, text());
    assertEquals(List.of(), pins());
  }

  @Test
  void checkSaysWhatIsNotPinnedOrNotRightly() throws IOException {
    String two = image("web@2");
    write(HOST + "web:1", HOST + "web:1@" + two, HOST + "web@" + two, HOST + "web:2@" + two);
    Desk.Said said = desk.run("pin", "--check", "compose.yaml").with(3);
    assertEquals(2, said.out().lines().count(), said::toString);
    assertTrue(said.out().contains("compose.yaml:4:13: " + HOST + "web:1: is not pinned"));
    assertTrue(said.out().contains("compose.yaml:6:13: "), said::toString);
    assertTrue(said.out().contains("another image than web@1"), said::toString);
    assertEquals(List.of(), pins());
    desk.run("pin", "compose.yaml").with(0);
    desk.run("pin", "--check", "compose.yaml").with(0);
  }

  @Test
  void aMapSaysWhichGenerationIsMeant() throws IOException {
    write("images.example.com/library/httpd:2.4", HOST + "api:stable", HOST + "api:canary");
    desk.run(
            "pin",
            "compose.yaml",
            "--map",
            "images.example.com/library/httpd=web@1",
            "--map",
            HOST + "api=web@1",
            "--map",
            HOST + "api:canary=web")
        .with(0);
    String one = image("web@1");
    assertEquals(
        compose(
            "images.example.com/library/httpd:2.4@" + one,
            HOST + "api:stable@" + one,
            HOST + "api:canary@" + image("web")),
        text());
    desk.run("pin", "compose.yaml", "--map", "nothing=web")
        .with(2)
        .complains("no file names nothing");
  }

  @Test
  void theImageOfOnePlatformIsRefusedUnlessItIsAllowed() throws IOException {
    String child = child(image("web@2"));
    for (String reference : List.of(HOST + "web@" + child, HOST + "web:2@" + child)) {
      write(reference);
      Desk.Said said = desk.run("pin", "compose.yaml").with(3);
      assertTrue(said.err().contains("only one platform of web@2"), said::toString);
      assertTrue(said.err().contains(image("web@2")), said::toString);
      desk.run("pin", "--check", "compose.yaml").with(3);
    }
    desk.run("pin", "compose.yaml", "--platform-child").with(0);
    assertEquals(compose(HOST + "web:2@" + child), text());
    assertEquals(List.of("[4] " + HOST + "web:2 " + child), pins());
    desk.run("pin", "--check", "--platform-child", "compose.yaml").with(0);
  }

  private String child(String index) {
    JsonNode platforms = desk.run("--json", "show", index).with(0).json().path("platforms");
    return platforms.get(0).path("manifest").asText();
  }

  @Test
  void scriptsGetVariables() throws IOException {
    write(HOST + "web:1");
    String reference = HOST + "web:1@" + image("web@1");
    assertEquals(
        "WEB_IMAGE=" + reference + "\n",
        desk.run("pin", "--print-env", "compose.yaml").with(0).out());
    assertEquals(
        "web_image = \"" + reference + "\"\n",
        desk.run("pin", "--tfvars", "compose.yaml").with(0).out());
    assertEquals(1, pins().size());
    write(HOST + "web:1", HOST + "web:2");
    desk.run("pin", "--print-env", "--dry-run", "compose.yaml").with(2).complains("would be both");
  }

  @Test
  void linksAreFollowedAndModeStays() throws IOException {
    Path real = desk.write("real/spec.yaml", compose(HOST + "web:1"));
    Files.setPosixFilePermissions(real, PosixFilePermissions.fromString("rw-r-x--x"));
    Files.createSymbolicLink(desk.path("compose.yaml"), Path.of("real/spec.yaml"));
    desk.run("pin", "compose.yaml").with(0);
    assertTrue(Files.isSymbolicLink(desk.path("compose.yaml")));
    assertEquals(compose(HOST + "web:1@" + image("web@1")), Files.readString(real));
    assertEquals("rw-r-x--x", PosixFilePermissions.toString(Files.getPosixFilePermissions(real)));
    try (var files = Files.list(real.getParent())) {
      assertEquals(1, files.count());
    }
  }

  @Test
  void whatIsNoFileIsRefusedByName() throws IOException {
    desk.run("pin", "nothing.yaml").with(5).complains("there is no file nothing.yaml");
    desk.run("pin", "web").with(2).complains("is a directory");
    Files.createSymbolicLink(desk.path("loop.yaml"), Path.of("loop.yaml"));
    desk.run("pin", "loop.yaml").with(2).complains("loop.yaml cannot be read");
    Files.createSymbolicLink(desk.path("null.yaml"), Path.of("/dev/zero"));
    desk.run("pin", "null.yaml").with(2).complains("null.yaml is not a file");
    try (FileChannel large =
        FileChannel.open(
            desk.path("large.yaml"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      large.write(java.nio.ByteBuffer.allocate(1), 17 << 20);
    }
    desk.run("pin", "large.yaml").with(2).complains("larger than a deploy spec");
    desk.run("pin", "compose.yaml/x").with(5);
  }

  @Test
  void otherImagesAreLeftIfSomebodySaysSo() throws IOException {
    write(HOST + "web:1", "images.example.com/library/postgres:15", HOST + "db:${TAG}");
    desk.run("pin", "compose.yaml").with(5);
    Desk.Said said = desk.run("pin", "compose.yaml", "--ignore", "images.example.com/*").with(0);
    assertTrue(said.out().contains("postgres:15 is ignored"), said::toString);
    assertTrue(said.err().contains("holds a variable"), said::toString);
    assertTrue(text().contains("postgres:15   # here"));
  }

  @Test
  void aPathFindsImagesElsewhere() throws IOException {
    desk.write("crd.yaml", "kind: X\nservers: [{oci: " + HOST + "web:1}]\n");
    desk.run("pin", "crd.yaml", "--path", "servers[].oci").with(0);
    assertTrue(Files.readString(desk.path("crd.yaml")).contains(image("web@1")));
    desk.run("pins", "--refresh").with(0);
    assertFalse(pins().get(0).endsWith("missing"));
    desk.run("pin", "crd.yaml", "--path", "nowhere").with(2).complains("leads to nothing");
    desk.run("pin", "crd.yaml", "--path", "a..b").with(2).complains("is no path");
  }

  @Test
  void theDigestOfAnotherProfileIsAMistake() throws IOException {
    desk.recipe("api", "files: [{path: /api, text: x}]\n");
    desk.run("build", "api").with(0);
    write(HOST + "api@" + image("web@1"));
    Desk.Said said = desk.run("pin", "--check", "compose.yaml").with(3);
    assertTrue(said.out().contains("this digest is web@1, not an image of api"), said::toString);
    desk.run("pin", "compose.yaml").with(3);
    desk.run("pin", "--check", "compose.yaml", "--map", HOST + "api=web@1").with(0);
  }

  @Test
  void aStrictCheckCountsWhatIsLeft() throws IOException {
    write("'${X}'");
    desk.run("pin", "--check", "compose.yaml").with(0);
    Desk.Said said = desk.run("pin", "--check", "--strict", "compose.yaml").with(3);
    assertTrue(said.out().contains("left as it is"), said::toString);
    desk.run("pin", "--strict", "compose.yaml").with(2);
  }

  @Test
  void aNameOfSeveralLinesIsRefused() throws IOException {
    write(HOST + "web:1");
    desk.run("pin", "compose.yaml", "--as", "a\n::error::b").with(2);
  }

  @Test
  void mistakesAreToldInTheOrderOfLines() throws IOException {
    write(HOST + "wep:1", "Not/A:1");
    String said = desk.run("pin", "compose.yaml").with(2).err();
    assertTrue(said.indexOf("compose.yaml:4:") < said.indexOf("compose.yaml:6:"), said);
  }

  @Test
  void whatIsIgnoredIsNotToldEither() throws IOException {
    write("'${X}/db:1'", HOST + "web:1");
    desk.write("values.yaml", "side: {image: {repository: r.example.org/side}}\n");
    desk.write("main.tf", "x = <<E\nimage: a/one:1\nimage: a/two:1\nE\nimage = var.image\n");
    String[] check = {"pin", "--check", "--strict", "compose.yaml", "values.yaml", "main.tf"};
    desk.run("pin", "compose.yaml").with(0);
    assertEquals(4, desk.run(check).with(3).out().lines().count());
    List<String> all = new ArrayList<>(List.of(check));
    for (String each : List.of("*/db:1", "r.example.org/side", "a/one", "var.*")) {
      all.addAll(List.of("--ignore", each));
    }
    Desk.Said one = desk.run(all.toArray(new String[0])).with(3);
    assertTrue(one.out().contains("main.tf:1:5: left as it is"), one::toString);
    assertEquals(1, one.out().lines().count(), one::toString);
    all.addAll(List.of("--ignore", "a/two:1"));
    Desk.Said none = desk.run(all.toArray(new String[0])).with(0);
    assertEquals("", none.out());
    assertFalse(none.err().contains("left as it is"), none::toString);
    assertTrue(desk.run("pin", "values.yaml", "--ignore", "*").with(0).err().contains("no image"));
  }

  @Test
  void whatIsOnlyPerhapsAnImageKeepsNoFileFromBeingPinned() throws IOException {
    String before = "logoImage: assets/logo.png\nwebImage: " + HOST + "web:1\nimage: ubuntu\n";
    desk.write("values.yaml", before);
    Desk.Said said = desk.run("pin", "values.yaml").with(0);
    assertEquals(2, said.err().lines().count(), said::toString);
    assertTrue(said.err().contains("perhaps no image"), said::toString);
    assertEquals(
        before.replace("web:1", "web:1@" + image("web@1")),
        Files.readString(desk.path("values.yaml")));
    desk.run("pin", "--check", "values.yaml").with(0);
    desk.run("pin", "--check", "--strict", "values.yaml").with(3);
    desk.write("values.yaml", "webImage: " + HOST + "web:77\n");
    desk.run("pin", "values.yaml").with(5); // an image of ours for certain
    desk.write("values.yaml", "image: images.example.com/library/postgres:15\n");
    desk.run("pin", "values.yaml").with(5);
  }
}
