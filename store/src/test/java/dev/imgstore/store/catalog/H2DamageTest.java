package dev.imgstore.store.catalog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.Node;
import dev.imgstore.store.disk.DiskCatalogFiles;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.TreeMap;
import org.h2.Driver;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever becomes of the catalog's file, or keeps it busy, no answer is other for it. */
final class H2DamageTest {
  private static final String NAME = "catalog.mv.db";

  @TempDir Path directory;
  private Path home;
  private final SampleStore store = new SampleStore("one");
  private final List<String> said = new ArrayList<>();
  private String right = "";

  private final Catalog.Reports reports =
      new Catalog.Reports() {
        @Override
        public void notice(String sentence) {
          said.add(sentence);
        }

        @Override
        public void gap(String sentence) {
          said.add(sentence);
        }
      };

  @BeforeEach
  void prepare() throws IOException {
    home = Files.createDirectory(directory.resolve("home"));
    Map<String, Node> nodes = new TreeMap<>();
    for (int i = 0; i < 40; i++) {
      nodes.put("usr/share/d" + i % 7 + "/f" + i, store.file("text " + i));
    }
    for (int i = 0; i < 4; i++) {
      nodes.put("usr/f", store.file("version " + i));
      store.commit("web", List.of("a " + i, "b 1"), nodes);
    }
    right = answer(new DirectAnswers(store, said::add));
    assertEquals(right, ask());
    assertEquals(List.of(), said);
  }

  private static String answer(Answers answers) throws IOException {
    return answers.packages("a", version -> true, part -> true)
        + "\n"
        + answers.files(CatalogContract.at("/usr/f"), part -> true)
        + "\n"
        + answers.files(CatalogContract.at("f11"), part -> true);
  }

  private Catalog catalog(Duration patience) {
    Engine engine = new H2Engine(new DiskCatalogFiles(home), patience, reports::notice);
    return new Catalog(store, engine, reports);
  }

  private String ask() throws IOException {
    said.clear();
    return answer(catalog(Duration.ofSeconds(20)));
  }

  private Path file() {
    return home.resolve(NAME);
  }

  /** The answer is right, the damage was noticed once, and afterwards all is well. */
  private void noticed(String damage) throws IOException {
    assertEquals(right, ask(), damage);
    assertEquals(1, said.size(), damage + said);
    assertEquals(right, ask(), damage);
    assertEquals(List.of(), said, damage);
  }

  @Test
  void anyFlippedBitIsNoticed() throws IOException {
    Random random = new Random(3);
    for (int i = 0; i < 40; i++) {
      byte[] bytes = Files.readAllBytes(file());
      int at = random.nextInt(bytes.length);
      bytes[at] ^= (byte) (1 << random.nextInt(8));
      Files.write(file(), bytes);
      noticed("flipped byte " + at);
    }
  }

  @Test
  void anyLengthIsNoticed() throws IOException {
    for (int parts = 0; parts < 8; parts++) {
      byte[] bytes = Files.readAllBytes(file());
      Files.write(file(), Arrays.copyOf(bytes, bytes.length * parts / 8));
      noticed("cut to " + parts + " eighths");
    }
    byte[] bytes = Files.readAllBytes(file());
    Files.write(file(), Arrays.copyOf(bytes, bytes.length + 1));
    noticed("longer by a byte");
  }

  @Test
  void aSumThatIsGoneOrDamagedOrOfAnotherFileIsNoticed() throws IOException {
    Path sum = home.resolve("catalog.sum");
    byte[] bytes = Files.readAllBytes(sum);
    for (int at = 0; at < bytes.length; at += 9) {
      byte[] flipped = bytes.clone();
      flipped[at] ^= 1;
      Files.write(sum, flipped);
      noticed("flipped byte " + at + " of the sum");
      bytes = Files.readAllBytes(sum);
    }
    Files.delete(sum);
    noticed("no sum");
    byte[] old = Files.readAllBytes(file());
    store.commit("web", List.of("a 9"), Map.of());
    right = answer(new DirectAnswers(store, said::add));
    assertEquals(right, ask());
    Files.write(file(), old);
    noticed("an older file with the sum of the newer");
  }

  @Test
  void anOlderCatalogWithItsSumIsBroughtUp() throws IOException {
    byte[] file = Files.readAllBytes(file());
    byte[] sum = Files.readAllBytes(home.resolve("catalog.sum"));
    store.commit("web", List.of("a 9"), Map.of());
    right = answer(new DirectAnswers(store, said::add));
    assertEquals(right, ask());
    Files.write(file(), file);
    Files.write(home.resolve("catalog.sum"), sum);
    assertEquals(right, ask());
    assertEquals(List.of(), said);
  }

  @Test
  void aLinkOrDirectoryInItsPlaceIsRemoved() throws IOException {
    Path elsewhere = directory.resolve("elsewhere");
    Files.move(file(), elsewhere);
    Files.createSymbolicLink(file(), elsewhere);
    byte[] before = Files.readAllBytes(elsewhere);
    noticed("a link");
    assertTrue(Arrays.equals(before, Files.readAllBytes(elsewhere)));
    Files.delete(file());
    Files.createDirectory(file());
    noticed("a directory");
  }

  /** A file that matches its sum but is no database that H2 or we made. */
  @Test
  void aFileThatIsNoCatalogIsMadeAnewThoughItsSumFits() throws Exception {
    Files.writeString(file(), "no database");
    new DiskCatalogFiles(home).end();
    noticed("no database");
    Files.delete(file());
    Properties user = new Properties();
    user.setProperty("user", "imgstore");
    user.setProperty("password", "");
    try (Connection other = new Driver().connect("jdbc:h2:file:" + home.resolve("catalog"), user)) {
      other.createStatement().execute("CREATE TABLE head (format INTEGER)");
    }
    new DiskCatalogFiles(home).end();
    noticed("other tables");
    Files.delete(file());
    user.setProperty("user", "somebody");
    new Driver().connect("jdbc:h2:file:" + home.resolve("catalog"), user).close();
    new DiskCatalogFiles(home).end();
    noticed("another user");
  }

  @Test
  void whoIsBusyWithItIsNotWaitedForLong() throws IOException {
    try (Closeable lock = new DiskCatalogFiles(home).tryLock().orElseThrow()) {
      said.clear();
      assertEquals(right, answer(catalog(Duration.ofMillis(30))));
      assertEquals(3, said.size(), said::toString);
      assertTrue(said.get(0).contains("busy"), said::toString);
    }
    assertEquals(right, ask());
    assertEquals(List.of(), said);
  }

  @Test
  void readersDoNotDisturbReadersButThoseWhoMustWrite() throws Exception {
    Properties user = new Properties();
    user.setProperty("user", "imgstore");
    user.setProperty("password", "");
    ProcessBuilder reading = AskingProcess.command("hold", home);
    Process reader = reading.start();
    try {
      assertEquals('h', reader.getInputStream().read());
      assertEquals(right, ask());
      assertEquals(List.of(), said);
      store.commit("web", List.of("a 9"), Map.of());
      right = answer(new DirectAnswers(store, said::add));
      said.clear();
      assertEquals(right, answer(catalog(Duration.ofMillis(30))));
      assertFalse(said.isEmpty());
    } finally {
      reader.destroyForcibly().waitFor();
    }
    assertEquals(right, ask());
    assertEquals(List.of(), said);
  }

  @Test
  void inAStoreOfAnotherUserNothingIsLeftBehind() throws IOException {
    Assumptions.assumeTrue(System.getProperty("user.name").equals("root"), "only root can give");
    Path theirs = Files.createDirectory(directory.resolve("theirs"));
    UserPrincipal nobody =
        home.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("nobody");
    Files.setOwner(theirs, nobody);
    home = theirs;
    assertEquals(right, ask());
    assertTrue(said.get(0).contains("belongs to another user"), said::toString);
    try (var files = Files.list(theirs)) {
      assertEquals(0, files.count());
    }
  }

  @Test
  void aFileOfAnotherUserIsNotOpened() throws IOException {
    Assumptions.assumeTrue(System.getProperty("user.name").equals("root"), "only root can give");
    UserPrincipal nobody =
        home.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("nobody");
    Files.setOwner(file(), nobody);
    noticed("a file of another user");
  }

  @Test
  void aDirectoryThatH2CannotNameIsDoneWithout() throws IOException {
    home = Files.createDirectory(directory.resolve("a;INIT=RUNSCRIPT FROM 'x'"));
    assertEquals(right, ask());
    assertTrue(said.get(0).contains("H2 cannot open"), said::toString);
  }

  @Test
  void aFailingStoreIsSaidAsItIs() {
    Truth failing =
        new Truth() {
          @Override
          public List<dev.imgstore.store.Journal.Entry> journal() throws IOException {
            throw new IOException("the disk is on fire");
          }

          @Override
          public List<String> names() throws IOException {
            throw new IOException("the disk is on fire");
          }

          @Override
          public java.util.Optional<dev.imgstore.model.Profile> profile(String name) {
            return java.util.Optional.empty();
          }

          @Override
          public dev.imgstore.store.BlobReader blobs() {
            return store.blobs();
          }
        };
    Engine engine =
        new H2Engine(new DiskCatalogFiles(home), Duration.ofSeconds(20), reports::notice);
    IOException failure =
        assertThrows(IOException.class, () -> new Catalog(failing, engine, reports).packageNames());
    assertEquals("the disk is on fire", failure.getMessage());
  }
}
