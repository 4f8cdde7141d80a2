package dev.imgstore.builder.source.debian;

import dev.imgstore.builder.source.debian.DebianException.Malformed;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Reads control files (deb822(5), Debian Policy 5.1), strictly: every complaint names the line, and
 * nothing is guessed. Lines that begin with {@code #} are comments. A file is UTF-8.
 */
public final class ControlFile {
  /** The most bytes of a control file that is read whole; indexes have a reader of their own. */
  public static final int LARGEST = 64 << 20;

  private static final int MOST_FIELDS = 10_000;

  private final String place;
  private final List<Stanza> stanzas = new ArrayList<>();
  private final List<Stanza.Field> fields = new ArrayList<>();
  private final Set<String> names = new HashSet<>();
  private final StringBuilder value = new StringBuilder();
  private String name = "";
  private int nameLine;

  private ControlFile(String place) {
    this.place = place;
  }

  /**
   * All stanzas of a file.
   *
   * @param place the file, as a person knows it, for complaints
   * @throws Malformed at the first line that is wrong
   */
  public static List<Stanza> read(String place, byte[] bytes) throws Malformed {
    if (bytes.length > LARGEST) {
      throw new Malformed(place, 0, "it is larger than " + (LARGEST >> 20) + " MiB");
    }
    try {
      return read(
          place, StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
    } catch (CharacterCodingException e) {
      throw new Malformed(place, 0, "it is not UTF-8");
    }
  }

  /** As {@link #read(String, byte[])}, from text. */
  public static List<Stanza> read(String place, String text) throws Malformed {
    ControlFile reader = new ControlFile(place);
    int line = 0;
    for (int start = 0; start < text.length(); ) {
      int end = text.indexOf('\n', start);
      if (end < 0) {
        end = text.length();
      }
      reader.take(text.substring(start, end), ++line);
      start = end + 1;
    }
    reader.endStanza();
    return List.copyOf(reader.stanzas);
  }

  /** The one stanza of a file that must have just one. */
  public static Stanza readOne(String place, byte[] bytes) throws Malformed {
    List<Stanza> all = read(place, bytes);
    if (all.size() != 1) {
      throw new Malformed(place, 0, "it has " + all.size() + " paragraphs instead of one");
    }
    return all.get(0);
  }

  private void take(String line, int number) throws Malformed {
    String text = line.stripTrailing();
    if (text.indexOf('\0') >= 0) {
      throw new Malformed(place, number, "a zero byte");
    }
    if (text.startsWith("#")) {
      return;
    }
    if (line.isEmpty() || text.isEmpty()) {
      endStanza();
      return;
    }
    if (text.charAt(0) == ' ' || text.charAt(0) == '\t') {
      if (name.isEmpty()) {
        throw new Malformed(place, number, "a continuation line without a field before it");
      }
      value.append('\n').append(text, 1, text.length());
      return;
    }
    endField();
    startField(text, number);
  }

  private void startField(String text, int number) throws Malformed {
    int colon = text.indexOf(':');
    if (colon < 0) {
      throw new Malformed(place, number, "neither 'Name: value' nor a continuation line");
    }
    name = text.substring(0, colon);
    nameLine = number;
    if (!isName(name)) {
      throw new Malformed(place, number, "'" + name + "' is no field name");
    }
    if (!names.add(name.toLowerCase(Locale.ROOT))) {
      throw new Malformed(place, number, "the field " + name + " stands twice in its paragraph");
    }
    if (fields.size() >= MOST_FIELDS) {
      throw new Malformed(place, number, "more than " + MOST_FIELDS + " fields in one paragraph");
    }
    value.append(text.substring(colon + 1).strip());
  }

  private static boolean isName(String name) {
    if (name.isEmpty() || name.charAt(0) == '-' || name.length() > 256) {
      return false;
    }
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c <= ' ' || c > '~') {
        return false;
      }
    }
    return true;
  }

  private void endField() {
    if (!name.isEmpty()) {
      fields.add(new Stanza.Field(name, value.toString(), nameLine));
      name = "";
      value.setLength(0);
    }
  }

  private void endStanza() {
    endField();
    if (!fields.isEmpty()) {
      stanzas.add(new Stanza(fields));
      fields.clear();
      names.clear();
    }
  }
}
