package dev.imgstore.store.disk;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The JSON of state files and journal entries: objects as maps in order, lists, strings, whole
 * numbers and truth values. One value has one spelling: no white space, fields in the order of the
 * map, and only what would harm a reader's terminal is escaped.
 */
final class Json {
  private static final int MAX_DEPTH = 32;

  /** Made on first use: most commands never read JSON twice. */
  private static final class Reader {
    static final JsonFactory FACTORY =
        JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();
  }

  private Json() {}

  /** The one spelling of an object. */
  static String print(Map<String, ?> object) {
    StringBuilder out = new StringBuilder(256);
    print(out, object);
    return out.toString();
  }

  private static void print(StringBuilder out, Object value) {
    if (value instanceof String text) {
      printText(out, text);
    } else if (value instanceof Map<?, ?> map) {
      String separator = "{";
      for (Map.Entry<?, ?> each : map.entrySet()) {
        out.append(separator);
        printText(out, (String) each.getKey());
        print(out.append(':'), each.getValue());
        separator = ",";
      }
      out.append(map.isEmpty() ? "{}" : "}");
    } else if (value instanceof List<?> list) {
      String separator = "[";
      for (Object each : list) {
        print(out.append(separator), each);
        separator = ",";
      }
      out.append(list.isEmpty() ? "[]" : "]");
    } else if (value instanceof Integer || value instanceof Long || value instanceof Boolean) {
      out.append(value);
    } else {
      throw new IllegalArgumentException("no JSON of ours: " + value);
    }
  }

  private static void printText(StringBuilder out, String text) {
    out.append('"');
    if (isPlain(text)) {
      out.append(text).append('"');
      return;
    }
    text.codePoints()
        .forEach(
            c -> {
              if (c == '"' || c == '\\') {
                out.append('\\').append((char) c);
              } else if (c >= 0xd800 && c <= 0xdfff) {
                out.append('\ufffd'); // half a character has no UTF-8
              } else if (isHarmful(c)) {
                out.append(String.format(Locale.ROOT, "\\u%04x", c));
              } else {
                out.appendCodePoint(c);
              }
            });
    out.append('"');
  }

  /** Nothing but what stands for itself, as nearly always. */
  private static boolean isPlain(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < ' ' || c > '~' || c == '"' || c == '\\') {
        return false;
      }
    }
    return true;
  }

  /** Controls, line ends and what turns the direction of writing: they could forge a listing. */
  private static boolean isHarmful(int c) {
    return c < 0x20
        || (c >= 0x7f && c <= 0x9f)
        || (c >= 0x2028 && c <= 0x202e)
        || (c >= 0x2066 && c <= 0x2069);
  }

  /**
   * Reads one object and nothing after it.
   *
   * @throws IllegalArgumentException if the text is anything else
   */
  static Map<String, Object> parse(String text) {
    try (JsonParser parser = Reader.FACTORY.createParser(text)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new IllegalArgumentException("not a JSON object");
      }
      Map<String, Object> object = object(parser, 0);
      if (parser.nextToken() != null) {
        throw new IllegalArgumentException("something follows the JSON object");
      }
      return object;
    } catch (IOException e) {
      throw new IllegalArgumentException("not JSON: " + e.getMessage(), e);
    }
  }

  private static Object value(JsonParser parser, int depth) throws IOException {
    if (depth > MAX_DEPTH) {
      throw new IllegalArgumentException("JSON nested deeper than " + MAX_DEPTH);
    }
    JsonToken token = parser.currentToken();
    if (token == JsonToken.START_OBJECT) {
      return object(parser, depth);
    }
    if (token == JsonToken.START_ARRAY) {
      List<Object> list = new ArrayList<>();
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        list.add(value(parser, depth + 1));
      }
      return list;
    }
    if (token == JsonToken.VALUE_STRING) {
      return parser.getText();
    }
    if (token == JsonToken.VALUE_NUMBER_INT) {
      return parser.getLongValue();
    }
    if (token == JsonToken.VALUE_TRUE || token == JsonToken.VALUE_FALSE) {
      return parser.getBooleanValue();
    }
    throw new IllegalArgumentException("a JSON value of a kind that is never written: " + token);
  }

  private static Map<String, Object> object(JsonParser parser, int depth) throws IOException {
    Map<String, Object> object = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      parser.nextToken();
      object.put(name, value(parser, depth + 1));
    }
    return object;
  }

  /** A string field; absent or otherwise is an {@link IllegalArgumentException}, as below. */
  static String text(Map<String, Object> object, String field) {
    return field(object, field, String.class);
  }

  static long number(Map<String, Object> object, String field) {
    return field(object, field, Long.class);
  }

  static int small(Map<String, Object> object, String field) {
    long number = number(object, field);
    if (number != (int) number) {
      throw new IllegalArgumentException("field " + field + " is out of range");
    }
    return (int) number;
  }

  static List<?> list(Map<String, Object> object, String field) {
    return field(object, field, List.class);
  }

  static Map<String, Object> object(Map<String, Object> object, String field) {
    return object(field(object, field, Map.class));
  }

  @SuppressWarnings("unchecked") // parse makes no other maps
  static Map<String, Object> object(Object value) {
    if (value instanceof Map<?, ?> map) {
      return (Map<String, Object>) map;
    }
    throw new IllegalArgumentException("not a JSON object");
  }

  private static <T> T field(Map<String, Object> object, String field, Class<T> type) {
    Object value = object.get(field);
    if (!type.isInstance(value)) {
      throw new IllegalArgumentException("field " + field + " is missing or of another kind");
    }
    return type.cast(value);
  }
}
