package dev.imgstore.store.disk;

import static dev.imgstore.testkit.Facts.because;
import static dev.imgstore.testkit.Facts.digest;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.Digest;
import dev.imgstore.model.Switch;
import dev.imgstore.store.Journal;
import dev.imgstore.store.PinChange;
import dev.imgstore.store.Root;
import dev.imgstore.store.StoreException;
import dev.imgstore.testkit.MemoryFilesystem;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Pins with a place, tags, revocations and the schedule. */
final class DiskMarksTest {
  private static final Instant LATER = Instant.parse("2027-01-01T00:00:00Z");
  private static final Root.Spec SPEC =
      new Root.Spec(
          "/deploy/web.yaml",
          List.of(3, 12),
          "registry.example/web:42",
          "team web",
          Optional.of(LATER),
          Optional.empty());

  private final MemoryFilesystem files = new MemoryFilesystem();
  private final DiskJournal journal = new DiskJournal(files, notice -> {});
  private final DiskProfiles profiles = new DiskProfiles(files, journal, notice -> {});
  private final DiskRoots roots = profiles.roots();

  private void commit(int current, String image) throws IOException {
    profiles.commit("web", current, digest(image), digest("record"), because("x"));
  }

  private int entries() throws IOException {
    return journal.list().size();
  }

  private Root.Pin pin(String name) throws IOException {
    return roots.pins().stream().filter(pin -> pin.name().equals(name)).findFirst().orElseThrow();
  }

  /** The file says the same as the journal, and both as the last one who asked was told. */
  private void agree() throws IOException {
    assertEquals(List.of(), roots.file().check());
    RootState replayed =
        RootState.empty().after(journal.list(), journal.since(JournalText.START).end());
    assertEquals(replayed, roots.file().read());
  }

  @Test
  void aPinSaysWhereItIsWrittenAndUntilWhen() throws IOException {
    assertTrue(roots.pin("web.yaml#web", digest("one"), SPEC, because("live")));
    assertFalse(roots.pin("web.yaml#web", digest("one"), SPEC, because("again")));
    assertEquals(1, entries());
    Root.Pin pin = pin("web.yaml#web");
    assertEquals(Optional.of(SPEC), pin.spec());
    assertEquals("/deploy/web.yaml:3", pin.place());
    assertFalse(pin.isOver(LATER.minusSeconds(1)));
    assertTrue(pin.isOver(LATER));
    assertEquals(List.of(pin), List.copyOf(roots.all()));
    agree();
  }

  @Test
  void changesOfAFileAreOneEntry() throws IOException {
    roots.pin("a", digest("one"), SPEC, because(""));
    roots.pin("b", digest("one"), SPEC, because(""));
    List<PinChange> changes =
        List.of(
            new PinChange.Unpinned("a"),
            new PinChange.Missing("b", LATER),
            new PinChange.Pinned("c", digest("two"), SPEC),
            new PinChange.Unpinned("never"));
    assertEquals(3, roots.change("/deploy/web.yaml", changes, because("rolled out")).size());
    assertEquals(3, entries());
    assertEquals(List.of("b", "c"), roots.pins().stream().map(Root.Pin::name).toList());
    assertEquals(Optional.of(LATER), pin("b").spec().orElseThrow().missingSince());
    assertEquals(List.of(), roots.change("x", changes, because("again")));
    roots.change("x", List.of(new PinChange.Missing("b", LATER.plusSeconds(9))), because(""));
    assertEquals(Optional.of(LATER), pin("b").spec().orElseThrow().missingSince());
    roots.change("x", List.of(new PinChange.Found("b")), because(""));
    assertEquals(Optional.of(SPEC), pin("b").spec());
    assertEquals(4, entries());
    agree();
  }

  @Test
  void manyChangesTakeSeveralEntriesAndWhatIsPinnedComesFirst() throws IOException {
    roots.pin("old", digest("one"), SPEC, because(""));
    List<PinChange> changes = new ArrayList<>(List.of(new PinChange.Unpinned("old")));
    for (int i = 0; i < 400; i++) {
      changes.add(new PinChange.Pinned("pin " + i, digest("two"), SPEC));
    }
    assertEquals(401, roots.change("/deploy", changes, because("all")).size());
    assertEquals(400, roots.pins().size());
    List<Journal.Entry> all = journal.list();
    assertTrue(all.size() > 2 && all.size() < 8, all.size() + " entries");
    assertTrue(all.get(all.size() - 1).body().contains("unpin"));
    agree();
  }

  @Test
  void onlyAPinThatIsWrittenSomewhereCanBeMissed() throws IOException {
    roots.pin("tag", digest("one"), because(""));
    assertThrows(
        IllegalArgumentException.class,
        () -> roots.change("x", List.of(new PinChange.Missing("tag", LATER)), because("")));
    assertEquals(1, entries());
  }

  @Test
  void ofTwoWhoMoveANameTheSecondIsTold() throws IOException {
    roots.pin("tag", Optional.empty(), digest("one"), because(""));
    StoreException.Locked gone =
        assertThrows(
            StoreException.Locked.class,
            () -> roots.pin("tag", Optional.empty(), digest("two"), because("")));
    assertTrue(String.valueOf(gone.getMessage()).contains(digest("one").toString()));
    roots.pin("tag", Optional.of(digest("one")), digest("two"), because(""));
    roots.pin("tag", Optional.of(digest("one")), digest("two"), because("it is what I want"));
    assertEquals(2, entries());
    assertEquals(digest("two"), pin("tag").image());
  }

  @Test
  void aPinGoesOnlyIfItIsWhatWasLookedAt() throws IOException {
    roots.pin("a", digest("one"), SPEC, because(""));
    Root.Pin seen = pin("a");
    roots.change("x", List.of(new PinChange.Missing("a", LATER)), because(""));
    assertFalse(roots.unpin(seen, because("")));
    assertTrue(roots.unpin(pin("a"), because("")));
    assertEquals(List.of(), roots.pins());
  }

  @Test
  void aTagNamesAGenerationAndKeepsItFromDeletion() throws IOException {
    commit(0, "one");
    commit(1, "two");
    commit(2, "three");
    roots.tag("web", "v1.2", 1, because("released"));
    assertEquals(Map.of("web", new TreeMap<>(Map.of("v1.2", 1))), roots.tags());
    StoreException.Kept kept =
        assertThrows(StoreException.Kept.class, () -> profiles.drop("web", Set.of(1), because("")));
    assertTrue(String.valueOf(kept.getMessage()).contains("tagged v1.2"));
    roots.tag("web", "v1.2", 2, because("really"));
    profiles.drop("web", Set.of(1), because(""));
    Root.OfGeneration two = (Root.OfGeneration) roots.all().get(0);
    assertEquals(List.of("v1.2"), two.tags());
    agree();
    assertTrue(roots.untag("web", "v1.2", because("")));
    assertFalse(roots.untag("web", "v1.2", because("")));
    assertEquals(Map.of(), roots.tags());
    agree();
  }

  @Test
  void tagsEndWithTheirGeneration() throws IOException {
    commit(0, "one");
    roots.tag("web", "v1", 1, because(""));
    profiles.dropAll("web", 1, because(""));
    assertEquals(Map.of(), roots.tags());
  }

  @Test
  void noTagIsANumberAndNoneNamesNothing() throws IOException {
    commit(0, "one");
    for (String bad : List.of("", "1", "-x", "a b", "x".repeat(65), "ä", "a/b", "v1\n")) {
      assertThrows(
          IllegalArgumentException.class, () -> roots.tag("web", bad, 1, because("")), bad);
    }
    assertThrows(IllegalArgumentException.class, () -> roots.tag("web", "v1", 2, because("")));
    roots.tag("web", "x".repeat(64), 1, because(""));
  }

  @Test
  void aRevokedImageIsRefusedWhereverItWouldBeNamed() throws IOException {
    commit(0, "bad");
    commit(1, "good");
    roots.pin("live", digest("bad"), because(""));
    roots.revoke(digest("bad"), because("CVE-2027-1"));
    refused(() -> profiles.makeCurrent("web", 2, 1, Switch.Kind.ROLLBACK, because("")));
    refused(() -> profiles.makeCurrent("web", 2, 1, Switch.Kind.SWITCH, because("")));
    refused(() -> commit(2, "bad"));
    refused(() -> roots.pin("new", digest("bad"), because("")));
    refused(() -> roots.pin("new", Optional.empty(), digest("bad"), because("")));
    refused(() -> roots.pin("new", digest("bad"), SPEC, because("")));
    refused(() -> roots.good("web", 1, because("")));
    refused(() -> roots.requireUsable(digest("bad")));
    roots.requireUsable(digest("good"));
    assertEquals(2, profiles.open("web").orElseThrow().current());
    roots.pin("live", digest("bad"), because("as it was"));
    assertTrue(roots.keep("live", digest("bad"), "live before", because("")));
    assertFalse(roots.keep("gone", digest("bad"), "x", because("")));
    roots.hold(digest("bad"), "legal", because("evidence"));
    agree();
    assertTrue(roots.reinstate(digest("bad"), because("")));
    assertFalse(roots.reinstate(digest("bad"), because("")));
    commit(2, "bad");
    agree();
  }

  @Test
  void aRevokedIndexCoversItsPlatforms() throws IOException {
    roots.revoke(digest("index"), new TreeSet<>(Set.of(digest("child"))), because("CVE"));
    StoreException.Revoked e = refused(() -> roots.pin("x", digest("child"), because("")));
    assertTrue(String.valueOf(e.getMessage()).contains("a part of " + digest("index")));
    assertEquals(Optional.of(digest("index")), roots.revoked(digest("child")).map(r -> r.image()));
    roots.revoke(digest("index"), because("another reason"));
    assertFalse(roots.reinstate(digest("child"), because("")));
    agree();
  }

  @Test
  void anIndexWithARevokedPlatformIsRefused() throws IOException {
    Map<Digest, byte[]> manifests = new HashMap<>();
    manifests.put(digest("index"), index(digest("inner")));
    manifests.put(digest("inner"), index(digest("child")));
    DiskProfiles known =
        new DiskProfiles(
            files, journal, notice -> {}, image -> Optional.ofNullable(manifests.get(image)));
    known.commit("web", 0, digest("index"), digest("record"), because("x"));
    known.commit("web", 1, digest("good"), digest("record"), because("x"));
    DiskRoots named = known.roots();
    named.pin("live", digest("index"), because(""));
    named.revoke(digest("child"), because("CVE-2027-1"));
    refused(() -> known.makeCurrent("web", 2, 1, Switch.Kind.SWITCH, because("")));
    refused(() -> known.commit("web", 2, digest("index"), digest("record"), because("")));
    refused(() -> named.pin("new", digest("index"), because("")));
    refused(() -> named.pin("new", Optional.empty(), digest("index"), because("")));
    StoreException.Revoked e = refused(() -> named.pin("n", digest("index"), SPEC, because("")));
    assertTrue(String.valueOf(e.getMessage()).startsWith(digest("child").toString()));
    refused(() -> named.good("web", 1, because("")));
    refused(() -> named.requireUsable(digest("index")));
    named.pin("live", digest("index"), because("as it was"));
    named.reinstate(digest("child"), because(""));
    known.makeCurrent("web", 2, 1, Switch.Kind.SWITCH, because(""));
  }

  private static byte[] index(Digest named) {
    String text =
        "{\"manifests\":[{\"mediaType\":\"a/b\",\"digest\":\"" + named + "\",\"size\":1}]}";
    return text.getBytes(UTF_8);
  }

  @Test
  void anotherReasonForgetsNoPlatform() throws IOException {
    roots.revoke(digest("index"), new TreeSet<>(Set.of(digest("child"))), because("CVE"));
    roots.revoke(digest("index"), because("CVE, and worse")); // its bytes are gone by now
    refused(() -> roots.pin("x", digest("child"), because("")));
    roots.revoke(digest("index"), new TreeSet<>(Set.of(digest("more"))), because("CVE, and worse"));
    refused(() -> roots.pin("x", digest("child"), because("")));
    refused(() -> roots.pin("x", digest("more"), because("")));
    assertEquals(3, entries());
    roots.revoke(digest("index"), because("CVE, and worse"));
    assertEquals(3, entries());
    agree();
  }

  private interface Doing {
    void run() throws IOException;
  }

  private static StoreException.Revoked refused(Doing doing) {
    StoreException.Revoked e = assertThrows(StoreException.Revoked.class, doing::run);
    assertTrue(String.valueOf(e.getMessage()).contains("CVE"));
    return e;
  }

  @Test
  void theStoreKnowsItsSchedule() throws IOException {
    TreeMap<String, String> facts = new TreeMap<>(Map.of("keep", "10"));
    assertTrue(roots.schedule("daily 03:00", facts, because("disk")));
    assertFalse(roots.schedule("daily 03:00", facts, because("again")));
    assertEquals("10", roots.schedule().orElseThrow().facts().get("keep"));
    assertEquals(because("").when(), roots.schedule().orElseThrow().since());
    agree();
    assertTrue(roots.unschedule(because("")));
    assertFalse(roots.unschedule(because("")));
    assertEquals(Optional.empty(), roots.schedule());
  }

  /** An imgstore that passed over them would write {@code roots} without them. */
  @Test
  void olderVersionsRefuseAJournalWithMarks() throws IOException {
    commit(0, "one");
    roots.pin("plain", digest("one"), because(""));
    int before = Rot.bytes(files, DiskJournal.FILE).length;
    assertTrue(new String(Rot.bytes(files, RootFile.FILE), UTF_8).startsWith("{\"format\":1,"));
    roots.pin("a", digest("one"), SPEC, because(""));
    roots.tag("web", "v1", 1, because(""));
    roots.untag("web", "v1", because(""));
    Digest other = digest("other");
    roots.revoke(other, because("CVE"));
    roots.reinstate(other, because(""));
    roots.schedule("daily", new TreeMap<>(), because(""));
    roots.unschedule(because(""));
    String all = new String(Rot.bytes(files, DiskJournal.FILE), UTF_8).substring(before);
    for (String line : all.split("\n", -1)) {
      assertTrue(line.isEmpty() || line.contains("{\"format\":3,"), line);
    }
    assertTrue(new String(Rot.bytes(files, RootFile.FILE), UTF_8).startsWith("{\"format\":2,"));
  }

  @Test
  void aFileThatIsFarBehindIsWrittenByWhoeverSwitches() throws IOException {
    commit(0, "image 0");
    for (int i = 1; i < 300; i++) {
      commit(i, "image " + i);
    }
    long named = RootText.decode(Rot.bytes(files, RootFile.FILE)).mark().sequence();
    assertTrue(named > 200, "names " + named);
    assertEquals(List.of(), roots.file().check());
  }
}
