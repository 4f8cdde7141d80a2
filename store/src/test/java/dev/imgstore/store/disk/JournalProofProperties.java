package dev.imgstore.store.disk;

import static dev.imgstore.testkit.Facts.digest;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.Switch;
import dev.imgstore.store.CheckReport.Finding;
import dev.imgstore.store.Journal;
import dev.imgstore.store.Journal.Point;
import dev.imgstore.store.Journal.Witness;
import dev.imgstore.store.PinChange;
import dev.imgstore.store.Profiles.Because;
import dev.imgstore.store.Root;
import dev.imgstore.testkit.MemoryFilesystem;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.StringLength;

/** Whatever is done to a journal with entries of all kinds is found, and the entry is named. */
final class JournalProofProperties {
  private static final byte[] JOURNAL = journal();
  private static final List<byte[]> LINES = lines();

  private static byte[] journal() {
    try {
      MemoryFilesystem files = new MemoryFilesystem();
      DiskJournal journal = new DiskJournal(files, notice -> {});
      fill(new DiskProfiles(files, journal, notice -> {}), journal);
      return Rot.bytes(files, DiskJournal.FILE);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static Because because(String why) {
    return new Because(Instant.parse("2026-01-02T03:04:05Z"), "ann@build1 (ci web #7)", why);
  }

  private static void fill(DiskProfiles profiles, DiskJournal journal) throws IOException {
    DiskRoots roots = profiles.roots();
    for (int i = 0; i < 4; i++) {
      profiles.commit("web", i, digest("image " + i), digest("record"), because("build\n" + i));
    }
    profiles.makeCurrent("web", 4, 3, Switch.Kind.ROLLBACK, because(""));
    profiles.makeCurrent("web", 3, 4, Switch.Kind.SWITCH, because("\u202eforward"));
    roots.good("web", 4, because(""));
    roots.tag("web", "v1", 2, because("released"));
    roots.untag("web", "v1", because(""));
    profiles.drop("web", Set.of(1), because("old"));
    roots.pin("serve web:x", digest("image 2"), because(""));
    Root.Spec spec =
        new Root.Spec("/a.yaml", List.of(1), "r/web:2", "", Optional.empty(), Optional.empty());
    roots.change("/a.yaml", List.of(new PinChange.Pinned("a", digest("x"), spec)), because(""));
    roots.unpin("serve web:x", because(""));
    roots.hold(digest("image 2"), "legal", because("case 7"));
    roots.release(digest("image 2"), because(""));
    roots.revoke(digest("image 1"), because("CVE"));
    roots.reinstate(digest("image 1"), because(""));
    roots.schedule("daily 03:00", new TreeMap<>(Map.of("keep", "3")), because(""));
    roots.unschedule(because(""));
    try (DiskJournal.Writer writer = journal.write()) {
      for (String kind : List.of("push", "pull", "repair", "collection", "key", "later")) {
        writer.append(because(""), kind, "store", Map.of("freed", 12, "to", "r/web:2"));
      }
    }
  }

  private static List<byte[]> lines() {
    List<byte[]> lines = new ArrayList<>();
    int begin = 0;
    for (int i = 0; i < JOURNAL.length; i++) {
      if (JOURNAL[i] == '\n') {
        lines.add(Arrays.copyOfRange(JOURNAL, begin, i + 1));
        begin = i + 1;
      }
    }
    return lines;
  }

  private static byte[] join(List<byte[]> lines) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    lines.forEach(all::writeBytes);
    return all.toByteArray();
  }

  private static Point point(int sequence) {
    byte[] line = LINES.get(sequence - 1);
    return new Point(sequence, JournalText.sealed(line, line.length));
  }

  private static List<Finding> prove(byte[] bytes, Witness... witnesses) {
    return JournalProof.of(bytes, JournalText.START, List.of(witnesses)).findings();
  }

  private static void names(int entry, byte[] bytes) {
    List<Finding> findings = prove(bytes);
    assertFalse(findings.isEmpty(), "nothing found");
    assertEquals("entry " + entry, findings.get(0).what(), findings::toString);
  }

  private static int entryAt(int place) {
    int end = 0;
    for (int i = 0; i < LINES.size(); i++) {
      end += LINES.get(i).length;
      if (place < end) {
        return i + 1;
      }
    }
    return LINES.size() + 1;
  }

  @Property(tries = 1)
  void aSoundOneIsProved() {
    Journal.Verified verified =
        JournalProof.of(JOURNAL, JournalText.START, List.of(new Witness(point(7), "ci")));
    assertEquals(List.of(), verified.findings());
    assertEquals(point(LINES.size()), verified.head());
    assertTrue(LINES.size() >= 25);
  }

  @Property(tries = 400)
  void anyFlippedByteIsFound(
      @ForAll @IntRange(min = 0, max = 1 << 20) int where,
      @ForAll @IntRange(min = 1, max = 255) int bits) {
    byte[] bytes = JOURNAL.clone();
    int at = where % bytes.length;
    bytes[at] ^= (byte) bits;
    names(entryAt(at), bytes);
  }

  @Property(tries = 200)
  void anyByteThatIsMissingOrTooMuchIsFound(
      @ForAll @IntRange(min = 0, max = 1 << 20) int where, @ForAll byte value) {
    int at = where % JOURNAL.length;
    byte[] less = new byte[JOURNAL.length - 1];
    System.arraycopy(JOURNAL, 0, less, 0, at);
    System.arraycopy(JOURNAL, at + 1, less, at, less.length - at);
    names(entryAt(at), less);
    byte[] more = new byte[JOURNAL.length + 1];
    System.arraycopy(JOURNAL, 0, more, 0, at);
    more[at] = value;
    System.arraycopy(JOURNAL, at, more, at + 1, JOURNAL.length - at);
    assertFalse(prove(more).isEmpty());
  }

  @Property(tries = 100)
  void anyEntryThatWasDroppedIsFound(@ForAll @IntRange(min = 0, max = 1000) int some) {
    List<byte[]> lines = new ArrayList<>(LINES);
    int at = some % (lines.size() - 1); // the last one only others know of
    lines.remove(at);
    names(at + 1, join(lines));
  }

  @Property(tries = 100)
  void anyEntryThatIsTwiceIsFound(@ForAll @IntRange(min = 0, max = 1000) int some) {
    List<byte[]> lines = new ArrayList<>(LINES);
    int at = some % lines.size();
    lines.add(at, lines.get(at));
    names(at + 2, join(lines));
  }

  @Property(tries = 100)
  void anyTwoEntriesThatChangedPlacesAreFound(@ForAll Random random) {
    List<byte[]> lines = new ArrayList<>(LINES);
    int one = random.nextInt(lines.size() - 1);
    int other = one + 1 + random.nextInt(lines.size() - 1 - one);
    Collections.swap(lines, one, other);
    names(one + 1, join(lines));
  }

  @Property(tries = 200)
  void whateverIsAddedIsFound(@ForAll @StringLength(min = 1, max = 200) String text) {
    byte[] more = text.getBytes(UTF_8);
    byte[] bytes = Arrays.copyOf(JOURNAL, JOURNAL.length + more.length);
    System.arraycopy(more, 0, bytes, JOURNAL.length, more.length);
    names(LINES.size() + 1, bytes);
  }

  @Property(tries = 100)
  void anyEndThatWasCutIsFoundByWhoKnewIt(
      @ForAll @IntRange(min = 0, max = 1000) int left,
      @ForAll @IntRange(min = 0, max = 999) int some) {
    int kept = left % LINES.size();
    int known = kept + 1 + some % (LINES.size() - kept);
    byte[] bytes = join(LINES.subList(0, kept));
    assertEquals(List.of(), prove(bytes));
    List<Finding> findings = prove(bytes, new Witness(point(known), "ci"));
    assertEquals(1, findings.size());
    assertEquals("entry " + (kept + 1), findings.get(0).what());
  }

  @Property(tries = 200)
  void anyEndThatWasCutWithinALineIsFoundByWhoKnewIt(
      @ForAll @IntRange(min = 1, max = 1 << 20) int where,
      @ForAll @IntRange(min = 0, max = 999) int some) {
    int cut = LINES.get(0).length + where % (JOURNAL.length - LINES.get(0).length);
    int kept = entryAt(cut) - 1;
    int known = kept + 1 + some % (LINES.size() - kept);
    List<Finding> findings = prove(Arrays.copyOf(JOURNAL, cut), new Witness(point(known), "ci"));
    assertTrue(
        findings.stream().anyMatch(each -> each.fault().contains("ci says that there was an")),
        findings::toString);
    findings.forEach(each -> assertEquals("entry " + (kept + 1), each.what()));
    findings.forEach(each -> assertFalse(each.fault().contains("a crash left them")));
  }

  /** With all hashes after it made anew, as whoever may write the store can do. */
  @Property(tries = 60)
  void anyPastThatWasMadeAnewIsFoundByWhoKnewIt(
      @ForAll @IntRange(min = 0, max = 1000) int some,
      @ForAll @IntRange(min = 0, max = 999) int later)
      throws IOException {
    int changed = 1 + some % LINES.size();
    int known = changed + later % (LINES.size() - changed + 1);
    JournalText.Mark mark = JournalText.START;
    ByteArrayOutputStream anew = new ByteArrayOutputStream();
    for (int i = 0; i < LINES.size(); i++) {
      byte[] line = LINES.get(i);
      byte[] text = Arrays.copyOf(line, line.length - JournalText.SEAL);
      if (i + 1 == changed) {
        text = new String(text, UTF_8).replace("ann", "bob").getBytes(UTF_8);
      }
      String hash = JournalText.hash(mark.hash(), text, 0, text.length);
      anew.writeBytes(text);
      anew.writeBytes(JournalText.seal(hash));
      mark = new JournalText.Mark(i + 1, hash, 0);
    }
    byte[] bytes = anew.toByteArray();
    assertEquals(List.of(), prove(bytes));
    List<Witness> all = new ArrayList<>(List.of(new Witness(point(known), "ci")));
    if (changed > 1) {
      all.add(new Witness(point(changed - 1), "before"));
    }
    List<Finding> findings = JournalProof.of(bytes, JournalText.START, all).findings();
    assertEquals(1, findings.size());
    assertEquals("entry " + known, findings.get(0).what());
    String named = changed == known ? ": it was" : "from " + changed + " to " + known;
    assertTrue(findings.get(0).fault().contains(named), findings::toString);
  }
}
