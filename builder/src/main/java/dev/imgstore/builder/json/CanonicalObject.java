package dev.imgstore.builder.json;

import java.util.Collection;
import java.util.HexFormat;
import java.util.SortedMap;
import java.util.stream.Collectors;

/**
 * One JSON object on one line, its fields in the order they are added (RFC 8259). The same calls
 * give the same text under every library version, locale and machine; the text is also valid YAML
 * 1.2. For one thread.
 */
public final class CanonicalObject {
  private static final HexFormat HEX = HexFormat.of();

  private final StringBuilder out = new StringBuilder("{");

  /** Adds a string. */
  public CanonicalObject text(String key, String value) {
    return raw(key, quote(value));
  }

  /** Adds an integer. */
  public CanonicalObject number(String key, long value) {
    return raw(key, Long.toString(value));
  }

  /** Adds true or false. */
  public CanonicalObject flag(String key, boolean value) {
    return raw(key, Boolean.toString(value));
  }

  /** Adds an array of strings, in the collection's order. */
  public CanonicalObject texts(String key, Collection<String> values) {
    return raw(
        key,
        values.stream().map(CanonicalObject::quote).collect(Collectors.joining(", ", "[", "]")));
  }

  /** Adds an array of objects, in the collection's order. */
  public CanonicalObject objects(String key, Collection<CanonicalObject> values) {
    return raw(
        key,
        values.stream().map(CanonicalObject::toString).collect(Collectors.joining(", ", "[", "]")));
  }

  /** Adds an object of strings. */
  public CanonicalObject map(String key, SortedMap<String, String> values) {
    CanonicalObject inner = new CanonicalObject();
    values.forEach(inner::text);
    return object(key, inner);
  }

  /** Adds an object. */
  public CanonicalObject object(String key, CanonicalObject value) {
    return raw(key, value.toString());
  }

  private CanonicalObject raw(String key, String json) {
    if (out.length() > 1) {
      out.append(", ");
    }
    out.append(quote(key)).append(": ").append(json);
    return this;
  }

  /**
   * A JSON string. Only what JSON or YAML cannot hold as it is, is escaped, always in the same way.
   */
  public static String quote(String text) {
    StringBuilder quoted = new StringBuilder(text.length() + 2).append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> quoted.append("\\\"");
        case '\\' -> quoted.append("\\\\");
        case '\n' -> quoted.append("\\n");
        case '\r' -> quoted.append("\\r");
        case '\t' -> quoted.append("\\t");
        default -> {
          if (mustEscape(text, i)) {
            quoted.append("\\u").append(HEX.toHexDigits(c));
          } else {
            quoted.append(c);
          }
        }
      }
    }
    return quoted.append('"').toString();
  }

  private static boolean mustEscape(String text, int at) {
    char c = text.charAt(at);
    if (Character.isHighSurrogate(c)) {
      return at + 1 == text.length() || !Character.isLowSurrogate(text.charAt(at + 1));
    }
    if (Character.isLowSurrogate(c)) {
      return at == 0 || !Character.isHighSurrogate(text.charAt(at - 1));
    }
    return c < 0x20
        || (c >= 0x7f && c < 0xa0)
        || c == '\u2028'
        || c == '\u2029'
        || c == '\ufeff'
        || c >= 0xfffe;
  }

  /** The object closed; more fields may still be added to this one. */
  @Override
  public String toString() {
    return out + "}";
  }
}
