package dev.imgstore.builder.source.debian.resolve;

import static dev.imgstore.builder.source.debian.resolve.PackagesReader.FILENAME;
import static dev.imgstore.builder.source.debian.resolve.PackagesReader.SHA256;
import static dev.imgstore.builder.source.debian.resolve.PackagesReader.SIZE;
import static dev.imgstore.builder.source.debian.resolve.PackagesReader.VERSION;

import dev.imgstore.builder.source.debian.DebianException.Malformed;
import dev.imgstore.builder.source.debian.DebianVersion;
import dev.imgstore.model.Digest;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Every version of every package, in columns; a version is its row. */
final class VersionTable {
  private static final int FOR_ALL = 4;
  private static final long LARGEST_PACKAGE = 1L << 40;

  private final Ints nodes = new Ints(1 << 16);
  private final Ints texts = new Ints(1 << 16);
  private final Ints next = new Ints(1 << 16);
  private final Ints traits = new Ints(1 << 16);
  private final Ints pins = new Ints(1 << 16);
  private final Ints pathStarts = new Ints(1 << 16);
  private long[] indexes = new long[1 << 16];
  private long[] sizes = new long[1 << 16];
  private byte[] paths = new byte[1 << 20];
  private byte[] digests = new byte[1 << 20];

  VersionTable() {
    pathStarts.add(0);
  }

  int size() {
    return nodes.size();
  }

  int node(int version) {
    return nodes.get(version);
  }

  /** The number of the version's text. */
  int text(int version) {
    return texts.get(version);
  }

  /** The next older version of the same package, or -1. */
  int next(int version) {
    return next.get(version);
  }

  /** One of {@link DebianUniverse}'s words for Multi-Arch. */
  int multiArch(int version) {
    return traits.get(version) & 3;
  }

  /** Whether it is for all architectures. */
  boolean isForAll(int version) {
    return (traits.get(version) & FOR_ALL) != 0;
  }

  /** 1 is required, 5 extra, 0 not said. */
  int priority(int version) {
    return traits.get(version) >> 3;
  }

  /** The highest priority of the indexes it is in. */
  int pin(int version) {
    return pins.get(version);
  }

  boolean isIn(int version, int index) {
    return (indexes[version] >>> index & 1) != 0;
  }

  /** The index it was first found in. */
  int firstIndex(int version) {
    return Long.numberOfTrailingZeros(indexes[version]);
  }

  long packageSize(int version) {
    return sizes[version];
  }

  String path(int version) {
    int from = pathStarts.get(version);
    return new String(paths, from, pathStarts.get(version + 1) - from, StandardCharsets.UTF_8);
  }

  Digest digest(int version) {
    return Digest.fromRaw(
        Arrays.copyOfRange(digests, version * Digest.BYTES, (version + 1) * Digest.BYTES));
  }

  /**
   * The row of a paragraph's version: a new one, or the one that has the same version and bytes.
   * Rows of a node are linked from the newest to the oldest.
   */
  int add(Paragraph paragraph, UniverseBuilder universe, int node, int index) throws Malformed {
    check(paragraph);
    int text =
        universe.texts.add(paragraph.bytes(), paragraph.from(VERSION), paragraph.to(VERSION));
    int row = size();
    digests = grown(digests, (row + 1) * Digest.BYTES);
    readDigest(paragraph, row * Digest.BYTES);
    int pin = universe.indexes.get(index).priority();
    int before = -1;
    int after = universe.nodeVersions.get(node);
    while (after >= 0) {
      int order = universe.compare(text, texts.get(after));
      if (order > 0) {
        break;
      }
      if (order == 0 && sameBytes(row, after)) {
        indexes[after] |= 1L << index;
        pins.set(after, Math.max(pins.get(after), pin));
        return after;
      }
      before = after;
      after = next.get(after);
    }
    addRow(paragraph, text, node, index, pin);
    next.add(after);
    if (before < 0) {
      universe.nodeVersions.set(node, row);
    } else {
      next.set(before, row);
    }
    return row;
  }

  private void addRow(Paragraph paragraph, int text, int node, int index, int pin)
      throws Malformed {
    int row = size();
    if (row == sizes.length) {
      sizes = Arrays.copyOf(sizes, row * 2);
      indexes = Arrays.copyOf(indexes, row * 2);
    }
    sizes[row] = packageSize(paragraph);
    indexes[row] = 1L << index;
    int length = paragraph.to(FILENAME) - paragraph.from(FILENAME);
    int start = pathStarts.get(row);
    paths = grown(paths, start + length);
    System.arraycopy(paragraph.bytes(), paragraph.from(FILENAME), paths, start, length);
    pathStarts.add(start + length);
    nodes.add(node);
    texts.add(text);
    int forAll = paragraph.is(PackagesReader.ARCHITECTURE, "all") ? FOR_ALL : 0;
    traits.add(priority(paragraph) << 3 | forAll | multiArch(paragraph));
    pins.add(pin);
  }

  private static byte[] grown(byte[] bytes, int needed) {
    return needed <= bytes.length
        ? bytes
        : Arrays.copyOf(bytes, Math.max(needed, bytes.length * 2));
  }

  private boolean sameBytes(int a, int b) {
    int length = Digest.BYTES;
    return Arrays.equals(
        digests, a * length, (a + 1) * length, digests, b * length, (b + 1) * length);
  }

  private static void check(Paragraph paragraph) throws Malformed {
    String fault = DebianVersion.fault(paragraph.text(VERSION));
    if (!fault.isEmpty()) {
      throw paragraph.wrong("the version '" + paragraph.text(VERSION) + "' is wrong: " + fault);
    }
    if (!isRelativePath(paragraph.bytes(), paragraph.from(FILENAME), paragraph.to(FILENAME))) {
      throw paragraph.wrong("the file name leads out of the archive or is missing");
    }
    if (paragraph.to(SHA256) - paragraph.from(SHA256) != 2 * Digest.BYTES) {
      throw paragraph.wrong("there is no SHA256 of 64 digits");
    }
  }

  /** Visible characters only, no empty, {@code .} or {@code ..} part, not absolute. */
  private static boolean isRelativePath(byte[] bytes, int from, int to) {
    int start = from;
    for (int i = from; i <= to; i++) {
      if (i == to || bytes[i] == '/') {
        int length = i - start;
        boolean dots = length <= 2;
        for (int j = start; j < i; j++) {
          dots &= bytes[j] == '.';
        }
        if (dots) {
          return false;
        }
        start = i + 1;
      } else if (bytes[i] <= ' ' || bytes[i] == '\\' || bytes[i] == '?' || bytes[i] == '#') {
        return false;
      }
    }
    return true;
  }

  private void readDigest(Paragraph paragraph, int at) throws Malformed {
    for (int i = 0; i < Digest.BYTES; i++) {
      int from = paragraph.from(SHA256) + 2 * i;
      int high = Character.digit(paragraph.bytes()[from], 16);
      int low = Character.digit(paragraph.bytes()[from + 1], 16);
      if (high < 0 || low < 0) {
        throw paragraph.wrong("the SHA256 has a character that is no hexadecimal digit");
      }
      digests[at + i] = (byte) (high << 4 | low);
    }
  }

  private static long packageSize(Paragraph paragraph) throws Malformed {
    long size = 0;
    for (int i = paragraph.from(SIZE); i < paragraph.to(SIZE); i++) {
      int digit = paragraph.bytes()[i] - '0';
      if (digit < 0 || digit > 9 || size > LARGEST_PACKAGE) {
        throw paragraph.wrong("the size is no number a package can have");
      }
      size = size * 10 + digit;
    }
    if (size == 0) {
      throw paragraph.wrong("there is no size");
    }
    return size;
  }

  private static int priority(Paragraph paragraph) {
    return switch (paragraph.text(PackagesReader.PRIORITY)) {
      case "" -> 0;
      case "required" -> 1;
      case "important" -> 2;
      case "standard" -> 3;
      case "optional" -> 4;
      default -> 5;
    };
  }

  private static int multiArch(Paragraph paragraph) {
    return switch (paragraph.text(PackagesReader.MULTI_ARCH)) {
      case "same" ->
          paragraph.is(PackagesReader.ARCHITECTURE, "all")
              ? DebianUniverse.SINGLE
              : DebianUniverse.SAME;
      case "foreign" -> DebianUniverse.FOREIGN;
      case "allowed" -> DebianUniverse.ALLOWED;
      default -> DebianUniverse.SINGLE;
    };
  }
}
