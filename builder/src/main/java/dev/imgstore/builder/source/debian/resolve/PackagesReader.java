package dev.imgstore.builder.source.debian.resolve;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.imgstore.builder.source.debian.DebianException.Malformed;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * Finds the paragraphs of a {@code Packages} index and where in each the needed fields lie, byte by
 * byte, without an object per line. What is held is one buffer, however long the index.
 */
final class PackagesReader {
  static final int PACKAGE = 0;
  static final int VERSION = 1;
  static final int ARCHITECTURE = 2;
  static final int MULTI_ARCH = 3;
  static final int ESSENTIAL = 4;
  static final int IMPORTANT = 5;
  static final int PROTECTED = 6;
  static final int PRIORITY = 7;
  static final int PRE_DEPENDS = 8;
  static final int DEPENDS = 9;
  static final int CONFLICTS = 10;
  static final int BREAKS = 11;
  static final int RECOMMENDS = 12;
  static final int SUGGESTS = 13;
  static final int REPLACES = 14;
  static final int ENHANCES = 15;
  static final int PROVIDES = 16;
  static final int FILENAME = 17;
  static final int SIZE = 18;
  static final int SHA256 = 19;
  static final int FIELDS = 20;

  private static final int LARGEST_STANZA = 8 << 20;

  private static final byte[][] NAMES =
      Arrays.stream(
              new String[] {
                "Package",
                "Version",
                "Architecture",
                "Multi-Arch",
                "Essential",
                "Important",
                "Protected",
                "Priority",
                "Pre-Depends",
                "Depends",
                "Conflicts",
                "Breaks",
                "Recommends",
                "Suggests",
                "Replaces",
                "Enhances",
                "Provides",
                "Filename",
                "Size",
                "SHA256"
              })
          .map(name -> name.getBytes(US_ASCII))
          .toArray(byte[][]::new);

  /** Of each first letter, the fields whose names begin with it, one bit each. */
  private static final int[] BY_LETTER = new int[128];

  static {
    for (int i = 0; i < FIELDS; i++) {
      BY_LETTER[NAMES[i][0]] |= 1 << i;
    }
  }

  /** What is done with a paragraph; the arrays are only valid during the call. */
  interface Sink {
    /**
     * Takes one paragraph.
     *
     * @param bytes where the values lie
     * @param from the first byte of each field's value; equal to {@code to} if there is none
     * @param to the byte after each value; a folded value contains its line breaks
     * @param line of the paragraph's first field
     */
    void take(byte[] bytes, int[] from, int[] to, int line) throws Malformed;
  }

  private final String place;
  private final InputStream in;
  private final int[] from = new int[FIELDS];
  private final int[] to = new int[FIELDS];
  private byte[] buffer = new byte[1 << 18];
  private int end;
  private boolean over;
  private int line = 1;

  private PackagesReader(String place, InputStream in) {
    this.place = place;
    this.in = in;
  }

  /** Gives every paragraph of the stream to the sink; the caller closes the stream. */
  static void read(String place, InputStream in, Sink sink) throws IOException {
    new PackagesReader(place, in).run(sink);
  }

  private void run(Sink sink) throws IOException {
    int start = 0;
    while (true) {
      int first = line;
      int next = scan(start);
      if (next >= 0) {
        if (to[PACKAGE] > 0) {
          sink.take(buffer, from, to, first);
        }
        start = next;
      } else if (over) {
        return;
      } else {
        line = first;
        fill(start);
        start = 0;
      }
    }
  }

  /** Moves what begins at {@code start} to the front and reads more behind it. */
  private void fill(int start) throws IOException {
    end -= start;
    System.arraycopy(buffer, start, buffer, 0, end);
    if (end == buffer.length) {
      if (end >= LARGEST_STANZA) {
        throw new Malformed(place, line, "a paragraph of more than " + LARGEST_STANZA + " bytes");
      }
      buffer = Arrays.copyOf(buffer, end * 2);
    }
    int count = in.read(buffer, end, buffer.length - end);
    if (count < 0) {
      over = true;
    } else {
      end += count;
    }
  }

  /**
   * Finds the fields of the paragraph at {@code start}.
   *
   * @return the byte after it, or -1 if it does not end in the buffer, or if there is none
   */
  private int scan(int start) throws Malformed {
    Arrays.fill(from, 0);
    Arrays.fill(to, 0);
    byte[] bytes = buffer;
    int limit = end;
    int at = start;
    int field = -1;
    while (at < limit) {
      int newline = at;
      while (newline < limit && bytes[newline] != '\n') {
        newline++;
      }
      if (newline == limit && !over) {
        return -1;
      }
      line++;
      if (newline == at) {
        return newline + 1;
      }
      byte first = bytes[at];
      if (first == ' ' || first == '\t') {
        if (field >= 0) {
          to[field] = newline;
        }
      } else {
        field = startField(at, newline);
      }
      at = newline + 1;
    }
    return over && at > start ? limit : -1;
  }

  private int startField(int at, int newline) throws Malformed {
    int colon = at;
    while (colon < newline && buffer[colon] != ':') {
      colon++;
    }
    if (colon == newline) {
      throw new Malformed(place, line - 1, "neither 'Name: value' nor a continuation line");
    }
    int field = fieldNamed(at, colon);
    if (field >= 0) {
      if (to[field] != 0) {
        throw new Malformed(place, line - 1, "a field that stands twice in its paragraph");
      }
      int value = colon + 1;
      while (value < newline && buffer[value] == ' ') {
        value++;
      }
      from[field] = value;
      to[field] = newline;
    }
    return field;
  }

  private int fieldNamed(int at, int colon) {
    int length = colon - at;
    for (int bits = BY_LETTER[buffer[at] & 127]; bits != 0; bits &= bits - 1) {
      int field = Integer.numberOfTrailingZeros(bits);
      if (NAMES[field].length == length
          && Arrays.equals(NAMES[field], 0, length, buffer, at, colon)) {
        return field;
      }
    }
    return -1;
  }
}
