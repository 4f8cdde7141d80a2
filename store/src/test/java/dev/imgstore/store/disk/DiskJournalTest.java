package dev.imgstore.store.disk;

import static dev.imgstore.testkit.Facts.because;
import static dev.imgstore.testkit.Facts.digest;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.Digest;
import dev.imgstore.model.RelPath;
import dev.imgstore.store.Journal.Entry;
import dev.imgstore.store.StoreException;
import dev.imgstore.store.Transaction;
import dev.imgstore.testkit.Call;
import dev.imgstore.testkit.FaultyFilesystem;
import dev.imgstore.testkit.MemoryFilesystem;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class DiskJournalTest {
  private static final RelPath FILE = new RelPath("journal");
  private final MemoryFilesystem files = new MemoryFilesystem();
  private final List<String> notices = new ArrayList<>();

  private DiskJournal journal() {
    return new DiskJournal(files, notices::add);
  }

  private DiskProfiles profiles() {
    return new DiskProfiles(files, journal(), notices::add);
  }

  private Entry append(String why) throws IOException {
    try (DiskJournal.Writer writer = journal().write()) {
      return writer.append(because(why), "pull", "web.yaml", Map.of("image", "sha256:x"));
    }
  }

  @Test
  void anEntryIsOneReadableLineThatAnybodyCanVerify() throws IOException {
    Entry first = append("one");
    Entry second = append("a \"second\"\n\u202e");
    String json =
        "{\"format\":1,\"when\":\"2024-03-01T12:00:00.500Z\",\"who\":\"ann@example\","
            + "\"why\":\"%s\",\"kind\":\"pull\",\"subject\":\"web.yaml\","
            + "\"facts\":{\"image\":\"sha256:x\"}}";
    String one = "1 142 " + String.format(json, "one");
    String two = "2 163 " + String.format(json, "a \\\"second\\\"\\u000a\\u202e");
    String hashOne = digest("0".repeat(64) + " " + one).hex();
    String hashTwo = digest(hashOne + " " + two).hex();
    assertEquals(
        one + " " + hashOne + "\n" + two + " " + hashTwo + "\n",
        new String(Rot.bytes(files, FILE), UTF_8));
    assertEquals(hashOne, first.hash());
    assertEquals(List.of(first, second), journal().list());
    assertEquals("a \"second\"\n\u202e", second.why());
    assertEquals("{\"image\":\"sha256:x\"}", second.body());
  }

  @Test
  void anEmptyStoreHasAnEmptyJournal() throws IOException {
    assertEquals(List.of(), journal().list());
    assertEquals(List.of(), journal().check());
    assertEquals(List.of(), files.list(RelPath.ROOT), "a reader wrote");
  }

  @Test
  void whatACrashCutShortIsIgnoredByReadersAndCutByAWriter() throws IOException {
    append("one");
    append("two");
    byte[] whole = Rot.bytes(files, FILE);
    int oneEnds = new String(whole, UTF_8).indexOf('\n') + 1;
    for (int length = oneEnds; length < whole.length; length++) {
      for (int kind = 0; kind < 3; kind++) {
        byte[] torn = tail(whole, length, kind);
        Rot.replace(files, FILE, torn);
        notices.clear();
        assertEquals(1, journal().list().size());
        assertEquals(List.of(), journal().check());
        assertArrayEquals(torn, Rot.bytes(files, FILE), "a reader wrote");
        assertEquals(2, append("again").sequence());
        assertEquals(torn.length == oneEnds ? 0 : 1, notices.size());
        assertEquals(2, journal().list().size());
      }
    }
  }

  /** The first {@code length} bytes, then nothing, zeros or rubbish. */
  private static byte[] tail(byte[] whole, int length, int kind) {
    byte[] torn = Arrays.copyOf(whole, length);
    torn = Arrays.copyOf(torn, kind == 0 ? length : whole.length);
    if (kind == 2) {
      byte[] rubbish = new byte[whole.length - length];
      new Random(length).nextBytes(rubbish);
      System.arraycopy(rubbish, 0, torn, length, rubbish.length);
    }
    return torn;
  }

  /** The system may have given up the bytes, and would say yes to the next sync. */
  @Test
  void afterASyncOfASealFailedThisProcessPromisesNothingMore() throws IOException {
    append("one");
    // the line, its seal; then the seal's sync fails
    Filesystem faulty = FaultyFilesystem.failing(files, Call.SYNC, 2);
    DiskJournal journal = new DiskJournal(faulty, notices::add);
    DiskProfiles profiles = new DiskProfiles(faulty, journal, notices::add);
    assertThrows(
        IOException.class, () -> profiles.commit("web", 0, digest("a"), digest("r"), because("")));
    for (int i = 0; i < 2; i++) {
      IOException e =
          assertThrows(
              IOException.class,
              () -> profiles.commit("web", 1, digest("b"), digest("r"), because("")));
      assertTrue(String.valueOf(e.getMessage()).contains("could not be made durable"), e::toString);
      assertThrows(IOException.class, () -> profiles.open("web"), "said again");
    }
    assertEquals(2, journal().list().size());
  }

  @Test
  void aLineThatCouldNotBeSyncedIsTakenBackAndTheNextIsFine() throws IOException {
    append("one");
    Filesystem faulty = FaultyFilesystem.failing(files, Call.SYNC, 1);
    DiskJournal journal = new DiskJournal(faulty, notices::add);
    DiskProfiles profiles = new DiskProfiles(faulty, journal, notices::add);
    assertThrows(
        IOException.class, () -> profiles.commit("web", 0, digest("a"), digest("r"), because("")));
    assertEquals(1, profiles.commit("web", 0, digest("b"), digest("r"), because("")).number());
    assertEquals(2, journal().list().size());
  }

  @Test
  void whoOpenedTheStoreBeforeItsLayoutChangedDoesNotWrite() throws IOException {
    DiskStore store = DiskStore.open(files, notices::add);
    Digest stored;
    try (Transaction transaction = store.begin()) {
      stored = transaction.put("image".getBytes(UTF_8));
      transaction.flush();
    }
    Rot.replace(files, new RelPath("format"), "99\n".getBytes(UTF_8));
    StoreException.UnknownFormat e =
        assertThrows(
            StoreException.UnknownFormat.class,
            () -> store.profiles().commit("web", 0, stored, stored, because("")));
    assertTrue(String.valueOf(e.getMessage()).contains("layout 99"), e::toString);
    assertTrue(files.stat(FILE).isEmpty());
    store.close();
  }

  @Test
  void whatRemovesGenerationsIsRefusedByOlderVersions() throws IOException {
    profiles().commit("web", 0, digest("a"), digest("r"), because(""));
    profiles().commit("web", 1, digest("b"), digest("r"), because(""));
    profiles().drop("web", Set.of(1), because("old"));
    profiles().roots().pin("deploy", digest("b"), because(""));
    String[] lines = new String(Rot.bytes(files, FILE), UTF_8).split("\n", -1);
    assertTrue(lines[2].contains("{\"format\":2,") && lines[2].contains("\"numbers\":[1]"));
    for (int line : new int[] {0, 1, 3}) {
      assertTrue(lines[line].contains("{\"format\":1,"), lines[line]);
    }
  }

  @Test
  void whatAStateFileNamesIsNeverCut() throws IOException {
    profiles().commit("web", 0, digest("a"), digest("r"), because(""));
    profiles().commit("db", 0, digest("a"), digest("r"), because(""));
    byte[] whole = Rot.bytes(files, FILE);
    for (int length : new int[] {whole.length - 1, whole.length / 2 + 3, 5, 0}) {
      Rot.replace(files, FILE, Arrays.copyOf(whole, length));
      assertFalse(journal().check().isEmpty());
      assertThrows(
          StoreException.Corrupt.class,
          () -> profiles().commit("db", 1, digest("b"), digest("r"), because("")));
      assertEquals(length, Rot.bytes(files, FILE).length);
    }
    files.delete(FILE);
    assertFalse(journal().check().isEmpty());
    assertThrows(StoreException.Corrupt.class, () -> profiles().open("db"));
  }

  @Test
  void anyFlippedByteIsFoundAndNeverCut() throws IOException {
    profiles().commit("web", 0, digest("a"), digest("r"), because("first"));
    append("not a profile's");
    profiles().commit("web", 1, digest("b"), digest("r"), because("second"));
    byte[] bytes = Rot.bytes(files, FILE);
    for (int i = 0; i < bytes.length; i++) {
      for (int bit = 0; bit < 8; bit++) {
        byte[] rotten = bytes.clone();
        rotten[i] = (byte) (rotten[i] ^ (1 << bit));
        Rot.replace(files, FILE, rotten);
        assertEquals(1, journal().check().size(), "byte " + i + " bit " + bit);
      }
      try {
        append("goes on where the end is sound");
        assertTrue(Rot.bytes(files, FILE).length > bytes.length);
      } catch (StoreException.Corrupt e) {
        assertEquals(bytes.length, Rot.bytes(files, FILE).length, "byte " + i);
      }
    }
  }

  @Test
  void aCompleteEntryThatFailsItsHashIsNotCutEvenIfNothingNamesIt() throws IOException {
    append("one");
    append("two");
    byte[] bytes = Rot.bytes(files, FILE);
    String text = new String(bytes, UTF_8).replace("two", "owt");
    Rot.replace(files, FILE, text.getBytes(UTF_8));
    assertThrows(StoreException.Corrupt.class, () -> append("three"));
    assertEquals(1, journal().check().size());
    // an unreadable length, with a sound entry after it
    Rot.replace(files, FILE, new String(bytes, UTF_8).replaceFirst(" 1", " x").getBytes(UTF_8));
    assertEquals(1, journal().check().size());
  }

  @Test
  void theEndOfALongJournalIsFoundWithoutReadingItAll() throws IOException {
    String long64 = "x".repeat(60_000);
    for (int i = 1; i <= 12; i++) {
      assertEquals(i, append(i % 3 == 0 ? long64 : "short").sequence());
    }
    byte[] bytes = Rot.bytes(files, FILE);
    bytes[100] ^= 1; // the head is sound, so a writer goes on; the check finds it
    Rot.replace(files, FILE, bytes);
    assertEquals(13, append("next").sequence());
    assertEquals(1, journal().check().size());
  }

  @Test
  void whatIsNoEntryAtAllIsNotCut() throws IOException {
    append("one");
    try (OutputStream out = files.append(FILE)) {
      out.write(new byte[JournalText.MAX_LINE + 1]);
    }
    assertThrows(StoreException.Corrupt.class, () -> append("two"));
  }

  @Test
  void anEntryOfALaterFormatIsRefusedByName() throws IOException {
    String line = "1 13 {\"format\":99}";
    String hash = digest("0".repeat(64) + " " + line).hex();
    Rot.replace(files, FILE, (line + " " + hash + "\n").getBytes(UTF_8));
    StoreException.UnknownFormat e =
        assertThrows(StoreException.UnknownFormat.class, () -> journal().list());
    assertTrue(e.toString().contains("entry 1"), e.toString());
  }

  @Test
  void anEntryTooLongIsRefusedBeforeAnythingIsWritten() throws IOException {
    assertThrows(IllegalArgumentException.class, () -> append("x".repeat(70_000)));
    assertEquals(1, append("fits").sequence());
  }

  @Test
  void halfACharacterIsStoredAsAReplacement() throws IOException {
    assertEquals("\ufffd", append("\ud83d").why());
    assertEquals("\ufffd", journal().list().get(0).why());
    assertEquals(Digest.BYTES * 2, journal().list().get(0).hash().length());
  }
}
