package dev.imgstore.store.disk;

import static dev.imgstore.testkit.Facts.because;
import static dev.imgstore.testkit.Facts.digest;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.Generation;
import dev.imgstore.store.CheckReport.Finding;
import dev.imgstore.store.Root;
import dev.imgstore.store.StoreException;
import dev.imgstore.testkit.Call;
import dev.imgstore.testkit.FaultyFilesystem;
import dev.imgstore.testkit.MemoryFilesystem;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class DiskRootsTest {
  private final MemoryFilesystem files = new MemoryFilesystem();
  private final List<String> notices = new ArrayList<>();

  private DiskProfiles profiles() {
    return on(files);
  }

  private DiskProfiles on(Filesystem on) {
    return new DiskProfiles(on, new DiskJournal(on, notices::add), notices::add);
  }

  private DiskRoots roots() {
    return profiles().roots();
  }

  private Generation commit(String name, int current, String image) throws IOException {
    return profiles().commit(name, current, digest(image), digest("record"), because("x"));
  }

  private List<String> labels() throws IOException {
    return roots().all().stream().map(Root::label).toList();
  }

  private void some() throws IOException {
    commit("web", 0, "one");
    commit("web", 1, "two");
    commit("db", 0, "other");
    roots().pin("deploy/web.yaml", digest("one"), because("live"));
    roots().hold(digest("two"), "legal", because("case 7"));
    roots().good("web", 1, because("works"));
  }

  @Test
  void everyRootIsListedOnce() throws IOException {
    assertEquals(List.of(), roots().all());
    some();
    assertEquals(
        List.of("db@1", "web@1", "web@2", "pin deploy/web.yaml", "hold of legal"), labels());
    Root.OfGeneration good = (Root.OfGeneration) roots().all().get(1);
    assertTrue(good.isLastGood() && !good.isCurrent());
    Root.OfGeneration now = (Root.OfGeneration) roots().all().get(2);
    assertTrue(now.isCurrent() && !now.isLastGood());
    assertEquals(digest("two"), now.image());
    Root.Hold hold = (Root.Hold) roots().all().get(4);
    assertEquals(
        new Root.Hold(digest("two"), "legal", "case 7", because("").when(), because("").who()),
        hold);
    assertEquals(List.of(), roots().file().check());
  }

  @Test
  void theJournalAloneKnowsThemAll() throws IOException {
    some();
    List<Root> all = roots().all();
    files.delete(RootFile.FILE);
    assertEquals(all, roots().all());
    assertThrows(StoreException.Kept.class, () -> profiles().drop("web", Set.of(1), because("")));
    roots().pin("another", digest("other"), because(""));
    assertEquals(all.size() + 1, roots().all().size());
    assertEquals(RootText.decode(Rot.bytes(files, RootFile.FILE)).pins().size(), 2);
  }

  @Test
  void whatIsTakenAwayKeepsNothing() throws IOException {
    some();
    assertTrue(roots().unpin("deploy/web.yaml", because("")));
    assertFalse(roots().unpin("deploy/web.yaml", because("")));
    assertTrue(roots().release(digest("two"), because("closed")));
    assertFalse(roots().release(digest("two"), because("closed")));
    assertEquals(List.of("db@1", "web@1", "web@2"), labels());
    roots().good("web", 2, because("better"));
    profiles().drop("web", Set.of(1), because(""));
    assertEquals(List.of("db@1", "web@2"), labels());
  }

  @Test
  void aPinThatMovesKeepsTheNewImageOnly() throws IOException {
    some();
    roots().pin("deploy/web.yaml", digest("two"), because("rolled out"));
    assertEquals(digest("two"), roots().all().get(3).image());
    assertEquals(5, roots().all().size());
  }

  @Test
  void sayingTheSameAgainAddsNoEntry() throws IOException {
    some();
    int entries = new DiskJournal(files, notices::add).list().size();
    roots().pin("deploy/web.yaml", digest("one"), because("again"));
    roots().hold(digest("two"), "legal", because("case 7"));
    roots().good("web", 1, because("again"));
    assertEquals(entries, new DiskJournal(files, notices::add).list().size());
    roots().hold(digest("two"), "legal", because("case 8"));
    assertEquals("case 8", ((Root.Hold) roots().all().get(4)).reason());
  }

  @Test
  void whatIsHeldPinnedOrGoodIsNotDroppedAndTheSentenceSaysWhy() throws IOException {
    some();
    commit("web", 2, "three");
    refused("web@1 is the last known good", Set.of(1));
    refused("web@2 is held by legal since 2024-03-01T12:00:00.500Z: case 7", Set.of(2));
    roots().good("web", 3, because(""));
    refused("web@1 is pinned by deploy/web.yaml", Set.of(1));
    StoreException.Kept whole =
        assertThrows(StoreException.Kept.class, () -> profiles().dropAll("web", 3, because("")));
    assertTrue(whole.toString().contains("web@1 is pinned"), whole.toString());
    assertEquals(3, profiles().open("web").orElseThrow().generations().size());
    roots().unpin("deploy/web.yaml", because(""));
    roots().release(digest("two"), because(""));
    assertEquals(0, profiles().dropAll("web", 3, because("")).generations().size());
    assertEquals(List.of("db@1"), labels());
  }

  private void refused(String sentence, Set<Integer> numbers) {
    StoreException.Kept e =
        assertThrows(StoreException.Kept.class, () -> profiles().drop("web", numbers, because("")));
    assertTrue(String.valueOf(e.getMessage()).startsWith(sentence), e.getMessage());
  }

  @Test
  void wrongUseIsRefused() throws IOException {
    some();
    List<Root> before = roots().all();
    assertThrows(
        IllegalArgumentException.class, () -> roots().pin(" ", digest("one"), because("")));
    assertThrows(
        IllegalArgumentException.class,
        () -> roots().pin("x".repeat(4097), digest("one"), because("")));
    assertThrows(
        IllegalArgumentException.class, () -> roots().hold(digest("one"), "me", because(" ")));
    assertThrows(IllegalArgumentException.class, () -> roots().good("web", 9, because("")));
    assertThrows(IllegalArgumentException.class, () -> roots().good("nobody", 1, because("")));
    assertEquals(before, roots().all());
  }

  /** More numbers than one entry has room for. */
  @Test
  void fourThousandGenerationsAreDroppedAtOnce() throws IOException {
    fill(4005);
    assertEquals(0, profiles().dropAll("web", 4005, because("")).generations().size());
    assertEquals(4007, new DiskJournal(files, notices::add).list().size());
    assertEquals(List.of(), profiles().names());
    assertEquals(List.of(), profiles().check());
  }

  /** Entries in a row under one lock; committing one by one would write the file each time. */
  private void fill(int count) throws IOException {
    DiskJournal journal = new DiskJournal(files, notices::add);
    int next = profiles().open("web").map(p -> p.next()).orElse(1);
    int current = profiles().open("web").map(p -> p.current()).orElse(0);
    try (DiskJournal.Writer writer = journal.write()) {
      for (int number = next; number < next + count; number++) {
        writer.append(
            because(""),
            ProfileState.GENERATION,
            "web",
            ProfileText.facts(number, current, digest("i" + number), digest("r"), Duration.ZERO));
        current = number;
      }
    }
  }

  @Test
  void anyFlippedByteInTheFileIsNamedAndTheJournalIsUsedInstead() throws IOException {
    some();
    List<Root> all = roots().all();
    byte[] bytes = Rot.bytes(files, RootFile.FILE);
    for (int i = 0; i < bytes.length; i++) {
      Rot.replace(files, RootFile.FILE, Rot.flipped(bytes, i));
      List<Finding> findings = roots().file().check();
      assertEquals(1, findings.size(), "byte " + i);
      assertEquals("roots", findings.get(0).file());
      assertEquals(all, roots().all(), "byte " + i);
      assertEquals(1, roots().file().read().pins().size(), "byte " + i);
    }
  }

  @Test
  void aJournalThatLostAPinIsRefused() throws IOException {
    commit("web", 0, "one");
    byte[] before = Rot.bytes(files, DiskJournal.FILE);
    roots().pin("deploy/web.yaml", digest("one"), because("live"));
    byte[] whole = Rot.bytes(files, DiskJournal.FILE);
    for (byte[] lost : List.of(before, Arrays.copyOf(whole, whole.length - 1))) {
      Rot.replace(files, DiskJournal.FILE, lost);
      assertFalse(new DiskJournal(files, notices::add).check().isEmpty());
      assertThrows(StoreException.Corrupt.class, () -> roots().all());
      assertThrows(StoreException.Corrupt.class, () -> profiles().names());
    }
  }

  @Test
  void whateverCallFailsTheRootsAreSoundAfterwards() throws IOException {
    for (Call call : Call.values()) {
      for (int nth = 1; nth <= 12; nth++) {
        MemoryFilesystem disk = new MemoryFilesystem();
        on(disk).commit("web", 0, digest("one"), digest("r"), because(""));
        boolean said = false;
        try {
          on(FaultyFilesystem.failing(disk, call, nth))
              .roots()
              .pin("deploy", digest("one"), because(""));
          said = true;
        } catch (IOException e) {
          // as planted
        }
        assertTrue(on(disk).roots().all().size() == 2 || !said, call + " " + nth);
        on(disk).roots().pin("deploy", digest("one"), because(""));
        assertEquals(2, on(disk).roots().all().size(), call + " " + nth);
        assertEquals(List.of(), on(disk).roots().file().check());
        assertEquals(List.of(), new DiskJournal(disk, notices::add).check());
      }
    }
  }
}
