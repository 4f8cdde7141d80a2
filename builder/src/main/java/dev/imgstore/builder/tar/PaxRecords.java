package dev.imgstore.builder.tar;

import dev.imgstore.model.Bytes;
import dev.imgstore.model.Name;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The records of extended headers (POSIX pax(1), "pax Extended Header"): {@code length key=value}.
 * Values are bytes: an attribute may hold any. Keys that tell times, names of owners or comments
 * are passed over; what would lose content silently (sparse files, ACLs) is refused.
 */
final class PaxRecords {
  private static final String XATTR = "SCHILY.xattr.";

  /** What is looked at; the rest is not held. */
  private static final Set<String> KEYS = Set.of("path", "linkpath", "size", "uid", "gid");

  private final Map<String, Bytes> values = new TreeMap<>();
  private final SortedMap<Name, Bytes> xattrs = new TreeMap<>();

  /** Adds what one header says, later records over earlier ones. */
  void read(byte[] body) throws IllegalArgumentException {
    int at = 0;
    while (at < body.length) {
      int space = at;
      int length = 0;
      while (space < body.length && body[space] >= '0' && body[space] <= '9' && length < 1 << 26) {
        length = length * 10 + (body[space++] - '0');
      }
      int end = at + length;
      if (space == at || space >= body.length || body[space] != ' ' || end <= space + 1) {
        throw new IllegalArgumentException("an extended header does not start with its length");
      }
      if (end > body.length || body[end - 1] != '\n') {
        throw new IllegalArgumentException("an extended header has a wrong length");
      }
      record(body, space + 1, end - 1);
      at = end;
    }
  }

  private void record(byte[] body, int from, int end) {
    int equals = from;
    while (equals < end && body[equals] != '=') {
      equals++;
    }
    if (equals == end || equals == from) {
      throw new IllegalArgumentException("an extended header has no key and value");
    }
    String key = new String(body, from, equals - from, StandardCharsets.ISO_8859_1);
    Bytes value = Bytes.of(body, equals + 1, end - equals - 1);
    if (key.startsWith(XATTR)) {
      xattrs.put(new Name(decode(key.substring(XATTR.length()))), value);
    } else if (key.startsWith("GNU.sparse.")) {
      throw new IllegalArgumentException("sparse files are not read; archive it without -S");
    } else if (key.startsWith("SCHILY.acl.")) {
      throw new IllegalArgumentException(
          "an access control list cannot be kept; archive it without --acls");
    } else if (KEYS.contains(key)) {
      values.put(key, value);
    }
  }

  /**
   * Refuses in a header for all that follows what can only be meant for one entry: tools differ in
   * whether they heed it.
   */
  void requireGlobal() {
    for (String key : List.of("path", "linkpath", "size")) {
      if (values.containsKey(key)) {
        throw new IllegalArgumentException("a header for all entries tells their " + key);
      }
    }
    if (!xattrs.isEmpty()) {
      throw new IllegalArgumentException("a header for all entries tells their attributes");
    }
  }

  /** GNU tar writes the equals sign and per cent in an attribute's name as %3D and %25. */
  private static Bytes decode(String name) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int i = 0; i < name.length(); i++) {
      if (name.startsWith("%3D", i)) {
        out.write('=');
        i += 2;
      } else if (name.startsWith("%25", i)) {
        out.write('%');
        i += 2;
      } else {
        out.write(name.charAt(i));
      }
    }
    return Bytes.of(out.toByteArray());
  }

  /** A value that is not empty; an empty one takes back what was said before. */
  Optional<Bytes> get(String key) {
    return Optional.ofNullable(values.get(key)).filter(value -> value.length() > 0);
  }

  /** A decimal number, or {@code otherwise} where none is told. */
  long number(String key, long otherwise) {
    Optional<Bytes> value = get(key);
    if (value.isEmpty()) {
      return otherwise;
    }
    String text = value.get().text();
    if (text.length() > 18 || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      throw new IllegalArgumentException("in an extended header " + key + " is no number");
    }
    return Long.parseLong(text);
  }

  SortedMap<Name, Bytes> xattrs() {
    return xattrs;
  }

  /** These records and then {@code local}'s over them. */
  PaxRecords with(PaxRecords local) {
    PaxRecords both = new PaxRecords();
    both.values.putAll(values);
    both.values.putAll(local.values);
    both.xattrs.putAll(xattrs);
    both.xattrs.putAll(local.xattrs);
    return both;
  }
}
