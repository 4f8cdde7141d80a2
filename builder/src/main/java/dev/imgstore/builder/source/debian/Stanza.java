package dev.imgstore.builder.source.debian;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * One paragraph of a control file (deb822(5)): its fields in the order they stand.
 *
 * @param fields at least one; no name twice, whatever the case of its letters
 */
public record Stanza(List<Field> fields) {

  /**
   * One field.
   *
   * @param name as written; names are compared without regard to case
   * @param value the text after the colon, trimmed; each continuation line follows after a line
   *     break, without its first blank and without blanks at its end
   * @param line where the field starts, from 1
   */
  public record Field(String name, String value, int line) {}

  /** Copies the list; refuses none and a name that stands twice. */
  public Stanza {
    fields = List.copyOf(fields);
    if (fields.isEmpty()) {
      throw new IllegalArgumentException("a stanza has at least one field");
    }
    Map<String, Field> seen = new TreeMap<>();
    for (Field field : fields) {
      if (seen.put(field.name().toLowerCase(Locale.ROOT), field) != null) {
        throw new IllegalArgumentException("the field " + field.name() + " stands twice");
      }
    }
  }

  /** The field of that name, whatever the case of its letters. */
  public Optional<Field> field(String name) {
    for (Field field : fields) {
      if (field.name().equalsIgnoreCase(name)) {
        return Optional.of(field);
      }
    }
    return Optional.empty();
  }

  /** The value of that field. */
  public Optional<String> get(String name) {
    return field(name).map(Field::value);
  }

  /** Where the first field starts, from 1. */
  public int line() {
    return fields.get(0).line();
  }

  /** As it stands in a control file, each line ended by a line break. */
  public String print() {
    StringBuilder text = new StringBuilder();
    for (Field field : fields) {
      text.append(field.name()).append(':');
      if (!field.value().startsWith("\n")) {
        text.append(' ');
      }
      text.append(field.value().replace("\n", "\n ")).append('\n');
    }
    return text.toString();
  }
}
