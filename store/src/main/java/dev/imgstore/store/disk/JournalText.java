package dev.imgstore.store.disk;

import dev.imgstore.model.Digest;
import dev.imgstore.store.Journal;
import dev.imgstore.store.StoreException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The bytes of a journal. An entry is one line,
 *
 * <pre>SEQUENCE LENGTH JSON HASH</pre>
 *
 * where LENGTH counts the bytes of JSON, and HASH is the SHA-256 of the previous hash (64 zeros for
 * the first), a space, and the line before {@code " HASH"}. HASH and the line's end, the {@link
 * #SEAL}, are written after what is before them is durable; so an entry with a seal is complete,
 * and what comes after the last seal is an entry that was never acknowledged.
 */
final class JournalText {
  /** Before the first entry. */
  static final Mark START = new Mark(0, "0".repeat(64), 0);

  /** A space, 64 digits and the line's end. */
  static final int SEAL = 66;

  /** Most bytes of the JSON of one entry. */
  static final int MAX_JSON = 1 << 16;

  /** Most bytes of a line: two numbers, JSON, seal. */
  static final int MAX_LINE = 20 + 7 + MAX_JSON + SEAL;

  /** Of kinds that a reader may pass over. */
  private static final int FORMAT = 1;

  /** Of kinds that change a profile, and are not in format 1: whoever does not know them stops. */
  private static final int FORMAT_OF_DROPS = 2;

  /** Of kinds that change what the file {@code roots} says, and came after those of format 1. */
  private static final int FORMAT_OF_MARKS = 3;

  /** Of the kind that says of a profile that commands run again. */
  private static final int FORMAT_OF_AGAIN = 4;

  private JournalText() {}

  /**
   * A place between two entries.
   *
   * @param sequence of the entry that ends here
   * @param hash of that entry
   * @param end offset in the file
   */
  record Mark(long sequence, String hash, long end) {}

  /** Entries in a row, and how many bytes after them are no complete entry. */
  record Run(List<Journal.Entry> entries, Mark end, int loose) {}

  /** One line of the file, not verified yet. */
  record Line(long sequence, int json, int seal) {
    int end() {
      return seal + SEAL;
    }
  }

  /**
   * The line of an entry without its seal.
   *
   * @throws IllegalArgumentException if it is too long
   */
  static byte[] line(long sequence, Draft draft) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("format", format(draft.kind()));
    object.put("when", Times.print(draft.when()));
    object.put("who", draft.who());
    object.put("why", draft.why());
    object.put("kind", draft.kind());
    object.put("subject", draft.subject());
    object.put("facts", draft.facts());
    byte[] json = Json.print(object).getBytes(StandardCharsets.UTF_8);
    if (json.length > MAX_JSON) {
      throw new IllegalArgumentException(
          "a change of "
              + draft.subject()
              + " cannot be recorded with "
              + json.length
              + " bytes of message and facts; shorten it to "
              + MAX_JSON);
    }
    byte[] head = (sequence + " " + json.length + " ").getBytes(StandardCharsets.US_ASCII);
    byte[] line = new byte[head.length + json.length];
    System.arraycopy(head, 0, line, 0, head.length);
    System.arraycopy(json, 0, line, head.length, json.length);
    return line;
  }

  private static int format(String kind) {
    return RootState.OF_FORMAT_2.contains(kind)
        ? FORMAT_OF_MARKS
        : kind.equals(ProfileState.ACTIVATING)
            ? FORMAT_OF_AGAIN
            : kind.equals(ProfileState.DROP) ? FORMAT_OF_DROPS : FORMAT;
  }

  /** What an entry says before it has its place. */
  record Draft(
      Instant when, String who, String why, String kind, String subject, Map<String, ?> facts) {}

  /** The hash of a line that follows an entry with hash {@code previous}. */
  static String hash(String previous, byte[] bytes, int from, int length) {
    MessageDigest hash = Digest.sha256();
    hash.update(previous.getBytes(StandardCharsets.US_ASCII));
    hash.update((byte) ' ');
    hash.update(bytes, from, length);
    return HexFormat.of().formatHex(hash.digest());
  }

  static byte[] seal(String hash) {
    return (" " + hash + "\n").getBytes(StandardCharsets.US_ASCII);
  }

  /**
   * Reads and verifies the entries after {@code from}.
   *
   * @param bytes the file from {@code from.end()} to its end
   * @throws StoreException.Corrupt if they do not follow each other from there
   */
  static Run read(Mark from, byte[] bytes) throws StoreException {
    List<Journal.Entry> entries = new ArrayList<>();
    Mark mark = from;
    int at = 0;
    while (at < bytes.length) {
      Optional<Line> found = lineAt(bytes, at);
      if (found.isEmpty()) {
        if (lastSeal(bytes, bytes.length) > at) {
          throw corrupt(mark.sequence() + 1, "cannot be read, and others come after it");
        }
        break;
      }
      Line line = found.get();
      mark = verify(mark, bytes, at, line);
      entries.add(
          entry(mark, new String(bytes, line.json, line.seal - line.json, StandardCharsets.UTF_8)));
      at = line.end();
    }
    return new Run(entries, mark, bytes.length - at);
  }

  private static Mark verify(Mark previous, byte[] bytes, int at, Line line) throws StoreException {
    String hash = hash(previous.hash(), bytes, at, line.seal - at);
    if (line.sequence != previous.sequence() + 1 || !hash.equals(sealed(bytes, line.end()))) {
      throw corrupt(previous.sequence() + 1, "does not match its hash");
    }
    return new Mark(line.sequence, hash, previous.end() + line.end() - at);
  }

  /**
   * The last complete entry.
   *
   * @param tail the end of the file, at least two lines of {@link #MAX_LINE} and what may be loose
   *     after them, or all
   * @param offset where in the file {@code tail} begins
   */
  static Mark last(byte[] tail, long offset) throws StoreException {
    int end = lastSeal(tail, tail.length);
    if (tail.length - end > MAX_LINE || (end == 0 && offset > 0)) {
      throw new StoreException.Corrupt("journal", "its end is no entry");
    }
    if (end == 0) {
      return START;
    }
    int begin = lastSeal(tail, end - SEAL);
    Line line =
        lineAt(tail, begin)
            .filter(l -> l.end() == end && (begin > 0 || offset == 0))
            .orElseThrow(
                () -> new StoreException.Corrupt("journal", "its last entry is unreadable"));
    Mark before =
        begin == 0 ? START : new Mark(line.sequence - 1, sealed(tail, begin), offset + begin);
    return verify(before, tail, begin, line);
  }

  /** The hash in the seal that ends at {@code end}. */
  static String sealed(byte[] bytes, int end) {
    return new String(bytes, end - SEAL + 1, 64, StandardCharsets.US_ASCII);
  }

  /** Where the last seal before {@code limit} ends; 0 if there is none. */
  static int lastSeal(byte[] bytes, int limit) {
    for (int end = limit; end >= SEAL; end--) {
      if (bytes[end - 1] == '\n' && isSeal(bytes, end - SEAL)) {
        return end;
      }
    }
    return 0;
  }

  static boolean isSeal(byte[] bytes, int at) {
    if (at + SEAL > bytes.length || bytes[at] != ' ' || bytes[at + SEAL - 1] != '\n') {
      return false;
    }
    for (int i = at + 1; i < at + SEAL - 1; i++) {
      if (!isDigit(bytes[i]) && (bytes[i] < 'a' || bytes[i] > 'f')) {
        return false;
      }
    }
    return true;
  }

  private static boolean isDigit(byte b) {
    return b >= '0' && b <= '9';
  }

  /** The line that begins here, if it has all its parts. */
  static Optional<Line> lineAt(byte[] bytes, int at) {
    int sequenceEnd = numberEnd(bytes, at, 18);
    if (sequenceEnd < 0) {
      return Optional.empty();
    }
    int lengthEnd = numberEnd(bytes, sequenceEnd + 1, 6);
    if (lengthEnd < 0) {
      return Optional.empty();
    }
    int length = (int) number(bytes, sequenceEnd + 1, lengthEnd);
    int json = lengthEnd + 1;
    if (length > MAX_JSON || !isSeal(bytes, json + length)) {
      return Optional.empty();
    }
    return Optional.of(new Line(number(bytes, at, sequenceEnd), json, json + length));
  }

  /** Where the digits end that begin here and are followed by a space; -1 if they are not. */
  private static int numberEnd(byte[] bytes, int at, int most) {
    int end = at;
    while (end < bytes.length && end - at < most && isDigit(bytes[end])) {
      end++;
    }
    boolean fine = end > at && end < bytes.length && bytes[end] == ' ' && bytes[at] != '0';
    return fine ? end : -1;
  }

  private static long number(byte[] bytes, int from, int to) {
    return Long.parseLong(new String(bytes, from, to - from, StandardCharsets.US_ASCII));
  }

  static Journal.Entry entry(Mark mark, String json) throws StoreException {
    try {
      Map<String, Object> object = Json.parse(json);
      long format = Json.number(object, "format");
      if (format < FORMAT || format > FORMAT_OF_AGAIN) {
        throw new StoreException.UnknownFormat(
            "entry " + mark.sequence() + " of the journal was made by a later imgstore");
      }
      return new Journal.Entry(
          mark.sequence(),
          mark.hash(),
          Times.parse(Json.text(object, "when")),
          Json.text(object, "who"),
          Json.text(object, "why"),
          Json.text(object, "kind"),
          Json.text(object, "subject"),
          Json.print(Json.object(object, "facts")));
    } catch (IllegalArgumentException | DateTimeException e) {
      throw corrupt(mark.sequence(), "is no entry: " + e.getMessage());
    }
  }

  private static StoreException.Corrupt corrupt(long sequence, String fault) {
    return new StoreException.Corrupt("journal", "entry " + sequence + " " + fault);
  }
}
