package dev.imgstore.store.disk;

import static dev.imgstore.testkit.Facts.because;
import static dev.imgstore.testkit.Facts.digest;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.Profile;
import dev.imgstore.model.RelPath;
import dev.imgstore.model.Switch;
import dev.imgstore.store.CheckReport.Finding;
import dev.imgstore.store.Profiles;
import dev.imgstore.store.StoreException;
import dev.imgstore.testkit.Call;
import dev.imgstore.testkit.FaultyFilesystem;
import dev.imgstore.testkit.MemoryFilesystem;
import dev.imgstore.testkit.ProfilesContract;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class DiskProfilesTest extends ProfilesContract {
  private static final RelPath WEB = new RelPath("states/web");
  private final MemoryFilesystem files = new MemoryFilesystem();
  private final List<String> notices = new ArrayList<>();

  @Override
  protected Profiles profiles() {
    return on(files);
  }

  private DiskProfiles on(Filesystem files) {
    return new DiskProfiles(files, new DiskJournal(files, notices::add), notices::add);
  }

  private void twoGenerations() throws IOException {
    profiles().commit("web", 0, digest("a"), digest("r"), because("first"));
    profiles().commit("db", 0, digest("d"), digest("r"), because("other"));
    profiles().commit("web", 1, digest("b"), digest("r"), because("second"));
  }

  @Test
  void everythingIsKnownFromTheJournalAlone() throws IOException {
    twoGenerations();
    Optional<Profile> web = profiles().open("web");
    Optional<Profile> db = profiles().open("db");
    for (RelPath file : files.list(new RelPath("states"))) {
      files.delete(file);
    }
    assertEquals(List.of("db", "web"), profiles().names());
    assertEquals(web, profiles().open("web"));
    assertEquals(db, profiles().open("db"));
    assertEquals(List.of(), files.list(new RelPath("states")), "a reader wrote");
    assertEquals(3, profiles().commit("web", 2, digest("c"), digest("r"), because("")).number());
    assertEquals(List.of(WEB), files.list(new RelPath("states")));
  }

  @Test
  void aFileThatIsBehindIsBroughtUp() throws IOException {
    profiles().commit("web", 0, digest("a"), digest("r"), because("first"));
    byte[] old = Rot.bytes(files, WEB);
    profiles().commit("db", 0, digest("d"), digest("r"), because("other"));
    profiles().commit("web", 1, digest("b"), digest("r"), because("second"));
    byte[] current = Rot.bytes(files, WEB);
    Profile web = profiles().open("web").orElseThrow();
    Rot.replace(files, WEB, old);
    assertEquals(web, profiles().open("web").orElseThrow());
    assertEquals(List.of(), on(files).check());
    profiles().makeCurrent("web", 2, 1, Switch.Kind.ROLLBACK, because(""));
    profiles().makeCurrent("web", 1, 2, Switch.Kind.SWITCH, because(""));
    assertTrue(Rot.bytes(files, WEB).length > current.length);
  }

  @Test
  void whatAGenerationSaysIsNotSaidAgainInTheHistory() throws IOException {
    twoGenerations();
    profiles().makeCurrent("web", 2, 1, Switch.Kind.ROLLBACK, because("slow"));
    profiles().commit("web", 1, digest("c"), digest("r"), because("third"));
    profiles().drop("web", Map.of(2, Set.of()), because("gone"));
    List<?> history = Json.list(StateFile.decode(Rot.bytes(files, WEB)), "history");
    assertEquals(1L, history.get(0));
    assertEquals("generation", Json.text(Json.object(history.get(1)), "kind"), "its own is gone");
    assertEquals("rollback", Json.text(Json.object(history.get(2)), "kind"));
    assertEquals(3L, history.get(3));
    assertEquals(List.of(), on(files).check());
    assertEquals(
        profiles().open("web").orElseThrow().history(),
        ProfileText.decode("web", Rot.bytes(files, WEB)).profile().history());
  }

  @Test
  void theFileOfAProfileThatNothingChangesIsBroughtUpNowAndThen() throws IOException {
    twoGenerations();
    byte[] old = Rot.bytes(files, WEB);
    Optional<Profile> web = profiles().open("web");
    for (int i = 0; i < StateFile.MOST_BEHIND; i++) {
      profiles().commit("db", i + 1, digest("d"), digest("r"), because(""));
    }
    on(files).point("web");
    assertArrayEquals(old, Rot.bytes(files, WEB), "not worth it yet");
    profiles().commit("db", StateFile.MOST_BEHIND + 1, digest("d"), digest("r"), because(""));
    on(files).point("web");
    long last = new DiskJournal(files, notices::add).head().sequence();
    assertEquals(last, Json.number(StateFile.decode(Rot.bytes(files, WEB)), "sequence"));
    assertEquals(web, profiles().open("web"));
    on(files).point("none");
    assertEquals(List.of(), on(files).check());
  }

  @Test
  void aFileOfTheFormatBeforeIsRead() throws IOException {
    twoGenerations();
    profiles().makeCurrent("web", 2, 1, Switch.Kind.ROLLBACK, because("slow"));
    Profile web = profiles().open("web").orElseThrow();
    Map<String, Object> object = StateFile.decode(Rot.bytes(files, WEB));
    object.put("format", 1);
    object.put("history", web.history().stream().map(ProfileText::encode).toList());
    Rot.replace(files, WEB, StateFile.encode(object));
    assertEquals(web, profiles().open("web").orElseThrow());
    assertEquals(List.of(), on(files).check());
    profiles().commit("web", 1, digest("c"), digest("r"), because("third"));
    assertEquals(2L, Json.number(StateFile.decode(Rot.bytes(files, WEB)), "format"));
    assertEquals(List.of(), notices);
  }

  @Test
  void whoDoesNotKnowThatCommandsRunAgainStopsAtTheEntry() throws IOException {
    twoGenerations();
    assertFalse(profiles().activating("web", 1, because("")), "another is current");
    assertTrue(profiles().activating("web", 2, because("")));
    List<String> lines =
        new String(Rot.bytes(files, DiskJournal.FILE), StandardCharsets.UTF_8).lines().toList();
    assertEquals(4, lines.size());
    assertTrue(lines.get(3).contains("{\"format\":4,"), lines.get(3));
    assertEquals(Profile.Activation.BEGUN, profiles().open("web").orElseThrow().activation());
  }

  @Test
  void aFileOfALaterFormatIsNoDamageAndTheJournalIsUsed() throws IOException {
    twoGenerations();
    Profile web = profiles().open("web").orElseThrow();
    Map<String, Object> object = StateFile.decode(Rot.bytes(files, WEB));
    object.put("format", 3);
    Rot.replace(files, WEB, StateFile.encode(object));
    assertEquals(web, profiles().open("web").orElseThrow());
    assertEquals(List.of(), on(files).check());
    assertEquals(3, profiles().commit("web", 2, digest("c"), digest("r"), because("")).number());
    assertEquals(List.of(), notices);
  }

  @Test
  void aNumberInTheHistoryThatIsNoGenerationIsDamage() throws IOException {
    twoGenerations();
    Map<String, Object> object = StateFile.decode(Rot.bytes(files, WEB));
    object.put("history", List.of(7));
    Rot.replace(files, WEB, StateFile.encode(object));
    assertEquals(1, on(files).check().size());
    assertEquals(2, profiles().open("web").orElseThrow().current());
    assertTrue(notices.get(0).contains("is damaged"), notices.toString());
  }

  @Test
  void anyFlippedByteInAFileIsNamedAndTheJournalIsUsedInstead() throws IOException {
    twoGenerations();
    Profile web = profiles().open("web").orElseThrow();
    byte[] bytes = Rot.bytes(files, WEB);
    for (int i = 0; i < bytes.length; i++) {
      Rot.replace(files, WEB, Rot.flipped(bytes, i));
      List<Finding> findings = on(files).check();
      assertEquals(1, findings.size(), "byte " + i);
      assertEquals("states/web", findings.get(0).file());
      assertEquals(web, profiles().open("web").orElseThrow(), "byte " + i);
    }
  }

  @Test
  void aFileThatSaysOtherwiseThanTheJournalIsNamed() throws IOException {
    twoGenerations();
    ProfileState stored = ProfileText.decode("web", Rot.bytes(files, WEB));
    Profile web = stored.profile();
    Profile forged = new Profile("web", 1, 3, web.generations(), web.history());
    Rot.replace(files, WEB, ProfileText.encode(new ProfileState(forged, stored.mark())));
    assertEquals(1, on(files).check().size());
  }

  @Test
  void filesOfAnotherJournalAreRefused() throws IOException {
    twoGenerations();
    MemoryFilesystem other = new MemoryFilesystem();
    on(other).commit("web", 0, digest("x"), digest("r"), because("elsewhere"));
    Rot.replace(files, WEB, Rot.bytes(other, WEB));
    assertThrows(StoreException.Corrupt.class, () -> profiles().open("web"));
    assertEquals(1, on(files).check().size());
  }

  @Test
  void aJournalThatIsGoneHidesNoProfileAndIsNotBegunAnew() throws IOException {
    twoGenerations();
    files.delete(DiskJournal.FILE);
    assertThrows(StoreException.Corrupt.class, () -> profiles().names());
    assertThrows(
        StoreException.Corrupt.class,
        () -> profiles().commit("new", 0, digest("n"), digest("r"), because("")));
    assertTrue(files.stat(DiskJournal.FILE).isEmpty());
  }

  @Test
  void aJournalThatLostItsLastEntryHidesNoProfile() throws IOException {
    twoGenerations();
    long before = files.stat(DiskJournal.FILE).orElseThrow().size();
    profiles().commit("cache", 0, digest("c"), digest("r"), because("third"));
    files.truncate(DiskJournal.FILE, before);
    StoreException.Corrupt lost =
        assertThrows(StoreException.Corrupt.class, () -> profiles().names());
    assertTrue(String.valueOf(lost.getMessage()).contains("names entry 4"), lost::getMessage);
  }

  @Test
  void aFileThatCannotBeWrittenDoesNotUndoTheCommit() throws IOException {
    twoGenerations();
    Filesystem faulty = FaultyFilesystem.failing(files, Call.MOVE, 1);
    assertEquals(3, on(faulty).commit("web", 2, digest("c"), digest("r"), because("")).number());
    assertEquals(1, notices.size());
    assertEquals(3, profiles().open("web").orElseThrow().current());
  }

  @Test
  void whateverCallFailsTheStoreIsSoundAfterwards() throws IOException {
    int failed = 0;
    for (Call call : Call.values()) {
      for (int nth = 1; nth <= 12; nth++) {
        MemoryFilesystem disk = new MemoryFilesystem();
        on(disk).commit("web", 0, digest("a"), digest("r"), because("first"));
        Filesystem faulty = FaultyFilesystem.failing(disk, call, nth);
        boolean said = false;
        try {
          on(faulty).commit("web", 1, digest("b"), digest("r"), because("second"));
          said = true;
        } catch (IOException e) {
          failed++;
        }
        Profile web = on(disk).open("web").orElseThrow();
        assertTrue(web.current() == 2 || !said, call + " " + nth);
        int current = web.current();
        on(disk).commit("web", current, digest("c"), digest("r"), because("third"));
        assertEquals(current + 1, on(disk).open("web").orElseThrow().current());
        assertSound(disk);
      }
    }
    assertTrue(failed > 8, failed + " calls failed");
  }

  @Test
  void aFullDiskLosesNothing() throws IOException {
    boolean whole = false;
    for (int space = 0; !whole; space++) {
      MemoryFilesystem disk = new MemoryFilesystem();
      on(disk).commit("web", 0, digest("a"), digest("r"), because("first"));
      Filesystem full = FaultyFilesystem.withSpace(disk, space);
      notices.clear();
      try {
        on(full).commit("web", 1, digest("b"), digest("r"), because("second"));
        whole = notices.isEmpty();
        assertEquals(2, on(disk).open("web").orElseThrow().current());
      } catch (IOException e) {
        assertTrue(on(disk).open("web").isPresent());
      }
      assertSound(disk);
    }
  }

  @Test
  void manyThreadsCommitOneAfterTheOther() throws Exception {
    DiskProfiles profiles = on(files);
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      Thread thread = new Thread(() -> commitTen(profiles));
      thread.start();
      threads.add(thread);
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertEquals(40, profiles.open("web").orElseThrow().current());
    assertSound(files);
  }

  private static void commitTen(DiskProfiles profiles) {
    for (int done = 0; done < 10; ) {
      try {
        int current = profiles.open("web").map(Profile::current).orElse(0);
        profiles.commit("web", current, digest("x"), digest("r"), because(""));
        done++;
      } catch (StoreException.Locked e) {
        // another thread was faster: look again
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }
  }

  private void assertSound(Filesystem disk) throws IOException {
    assertEquals(List.of(), new DiskJournal(disk, notices::add).check());
    assertEquals(List.of(), on(disk).check());
    assertFalse(on(disk).names().isEmpty());
  }
}
