package dev.imgstore.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Removing generations by hand, and what a hold says to that. */
final class DeleteTest {
  @TempDir Path directory;
  private Desk desk;

  @BeforeEach
  void prepare() throws IOException {
    desk = new Desk(directory);
  }

  @AfterEach
  void storeIsSound() {
    desk.verify();
  }

  private void builds(int count) throws IOException {
    for (int i = 1; i <= count; i++) {
      desk.file("web", "text " + i);
      desk.run("build", "web").with(0);
    }
  }

  private List<Integer> numbers() {
    List<Integer> numbers = new ArrayList<>();
    for (JsonNode each :
        desk.run("generations", "web", "--json").with(0).json().path("generations")) {
      numbers.add(each.path("number").asInt());
    }
    return numbers;
  }

  @Test
  void generationsAreDeletedByNumberListAndRange() throws IOException {
    builds(8);
    Desk.Said said = desk.run("delete", "web@1", "web@3,5-6", "-m", "never shipped").with(0);
    assertEquals("deleted web@1, web@3, web@5, web@6\nimgstore gc frees the bytes\n", said.out());
    assertEquals(List.of(2, 4, 7, 8), numbers());
    JsonNode json = desk.run("delete", "web@2", "--json").with(0).json();
    assertEquals(2, json.path("deleted").path(0).path("generations").path(0).asInt());
    assertEquals(3, json.path("deleted").path(0).path("left").asInt());
    String log = desk.run("log", "web").with(0).out();
    assertTrue(log.contains("delete web@1, web@3, web@5, web@6  (never shipped)"), log);
    desk.run("show", "web@2").with(5).complains("web has no generation 2");
    builds(1);
    assertEquals(List.of(4, 7, 8, 9), numbers());
  }

  @Test
  void theCurrentGenerationGoesOnlyWithTheWholeProfile() throws IOException {
    builds(2);
    desk.run("delete", "web@1-2").with(3).complains("web@2 is current");
    assertEquals(List.of(1, 2), numbers());
    Desk.Said said = desk.run("delete", "web").with(0);
    assertTrue(
        said.out().startsWith("deleted web@1, web@2: the whole profile; its history stays"),
        said.out());
    assertEquals("", desk.run("ls").with(0).out());
    desk.run("generations", "web").with(5).complains("the generations of web were all deleted");
    desk.run("show", "web").with(5).complains("imgstore log web says by whom");
    assertEquals(3, desk.run("log", "web").with(0).out().lines().count());
    builds(1);
    assertEquals(List.of(3), numbers());
    assertEquals("web@3", desk.run("show", "web").with(0).out().split(" ", -1)[0]);
  }

  @Test
  void whatIsNotThereIsNamedAndNothingIsDeleted() throws IOException {
    builds(3);
    desk.run("delete", "web@1", "web@9").with(5).complains("web has no generation 9");
    desk.run("delete", "web@7-9").with(5).complains("web has no generation 7");
    desk.run("delete", "wob").with(5).complains("did you mean web?");
    desk.run("delete", "wob@1").with(5).complains("did you mean web?");
    desk.run("delete", "web~1").with(2).err();
    desk.run("delete").with(2);
    assertEquals(List.of(1, 2, 3), numbers());
  }

  @Test
  void whatIsHeldStaysUntilItIsReleased() throws IOException {
    builds(3);
    assertEquals("nothing is held\n", desk.run("hold").with(0).out());
    Desk.Said held = desk.run("hold", "web@1", "--reason", "case 7", "--owner", "legal").with(0);
    assertTrue(held.out().startsWith("held web@1 sha256:"), held.out());
    desk.run("delete", "web@1").with(3).complains("web@1 is held by legal since");
    desk.run("delete", "web").with(3).complains("case 7");
    assertEquals(List.of(1, 2, 3), numbers());
    JsonNode hold = desk.run("hold", "--json").with(0).json().path("holds").path(0);
    assertEquals("case 7", hold.path("reason").asText());
    assertEquals("legal", hold.path("owner").asText());
    assertEquals("web@1", hold.path("generations").path(0).asText());
    assertTrue(desk.run("hold").with(0).out().contains("case 7"));
    desk.run("hold", "--release", "web@2").with(5).complains("web@2 is not held");
    desk.run("hold", "--release", held.image(), "-m", "closed").with(0);
    assertFalse(desk.run("hold").with(0).out().contains("case 7"));
    desk.run("delete", "web@1").with(0);
    String log = desk.run("log").with(0).out();
    assertTrue(log.contains("hold " + held.image() + " for legal  (case 7)"), log);
    assertTrue(log.contains("release " + held.image() + "  (closed)"), log);
  }

  @Test
  void aHoldNeedsAReasonAndAnImage() throws IOException {
    builds(1);
    desk.run("hold", "web").with(2).complains("--reason TEXT");
    desk.run("hold", "web", "--reason", " ").with(2).complains("--reason TEXT");
    desk.run("hold", "--reason", "x").with(2).complains("which image is held?");
    desk.run("hold", "--release").with(2).complains("which image is released?");
    desk.run("hold", "web@9", "--reason", "x").with(5).complains("web has no generation 9");
    assertEquals("nothing is held\n", desk.run("hold").with(0).out());
  }
}
