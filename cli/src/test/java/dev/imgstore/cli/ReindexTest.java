package dev.imgstore.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Making anew what is derived. */
final class ReindexTest {
  @TempDir Path directory;
  private Desk desk;

  @BeforeEach
  void prepare() throws IOException {
    desk = new Desk(directory);
    for (int i = 1; i <= 3; i++) {
      desk.file("web", "text " + i);
      desk.run("build", "web").with(0);
    }
    desk.run("hold", "web@1", "--reason", "case 7").with(0);
  }

  @AfterEach
  void storeIsSound() {
    desk.verify();
  }

  @Test
  void everyDerivedFileIsMadeAnewWhateverItHeld() throws IOException {
    desk.run("reindex").with(0);
    Path store = desk.store();
    List<Path> derived =
        List.of(store.resolve("index/blobs"), store.resolve("states/web"), store.resolve("roots"));
    List<byte[]> good = derived.stream().map(ReindexTest::bytes).toList();
    for (Path each : derived) {
      Files.writeString(each, "rubbish");
    }
    String before = desk.run("generations", "web").with(0).out();
    JsonNode json = desk.run("reindex", "--json").with(0).json();
    assertTrue(json.path("segments").asInt() >= 3, json.toString());
    assertTrue(json.path("blobs").asInt() > json.path("segments").asInt(), json.toString());
    assertEquals(0, json.path("unread").asInt());
    assertEquals(1, json.path("profiles").asInt());
    for (int i = 0; i < derived.size(); i++) {
      assertArrayEquals(good.get(i), bytes(derived.get(i)), derived.get(i).toString());
    }
    assertEquals(before, desk.run("generations", "web").with(0).out());
  }

  private static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aJournalThatLostItsEndIsNotTakenForTheTruth() throws IOException {
    Path journal = desk.store().resolve("journal");
    byte[] whole = Files.readAllBytes(journal);
    byte[] state = Files.readAllBytes(desk.store().resolve("states/web"));
    int end = new String(whole, UTF_8).indexOf('\n') + 1;
    Files.write(journal, Arrays.copyOf(whole, end), StandardOpenOption.TRUNCATE_EXISTING);
    desk.run("reindex").with(3).complains("journal");
    assertArrayEquals(state, bytes(desk.store().resolve("states/web")), "it is the evidence");
    Files.write(journal, whole);
  }
}
