package dev.imgstore.builder.spec;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * The bytes of a file, and its text. Three ways to say a place: a byte of the file; a code point of
 * the text, without the byte order mark; line and column for people.
 */
final class SpecText {
  private static final int STRIDE = 1024;

  private final byte[] bytes;
  private final int start;
  private final String text;
  private final int[] every; // the byte of each STRIDE-th code point
  private final int[] lines; // the byte where each line begins

  /**
   * Takes the bytes of a file.
   *
   * @throws CharacterCodingException if they are not UTF-8
   */
  SpecText(byte[] bytes) throws CharacterCodingException {
    this.bytes = bytes.clone();
    boolean mark =
        bytes.length > 2
            && bytes[0] == (byte) 0xef
            && bytes[1] == (byte) 0xbb
            && bytes[2] == (byte) 0xbf;
    start = mark ? 3 : 0;
    text =
        StandardCharsets.UTF_8
            .newDecoder()
            .decode(ByteBuffer.wrap(bytes, start, bytes.length - start))
            .toString();
    int[] places = new int[bytes.length / STRIDE + 1];
    int[] begins = new int[16];
    int count = 0;
    int ends = 1;
    begins[0] = start;
    for (int at = start; at < bytes.length; at++) {
      if (bytes[at] == '\n') {
        begins = ends < begins.length ? begins : Arrays.copyOf(begins, 2 * ends);
        begins[ends++] = at + 1;
      }
      if (isStart(bytes[at])) {
        if (count % STRIDE == 0) {
          places[count / STRIDE] = at;
        }
        count++;
      }
    }
    every = Arrays.copyOf(places, count / STRIDE + 1);
    if (count % STRIDE == 0) {
      every[count / STRIDE] = bytes.length;
    }
    lines = Arrays.copyOf(begins, ends);
  }

  private static boolean isStart(byte each) {
    return (each & 0xc0) != 0x80;
  }

  /** Without a byte order mark. */
  String text() {
    return text;
  }

  int start() {
    return start;
  }

  int length() {
    return bytes.length;
  }

  /** The byte, 0 to 255; -1 past either end. */
  int at(int place) {
    return place < 0 || place >= bytes.length ? -1 : bytes[place] & 0xff;
  }

  /** What is written in these bytes. */
  String slice(int from, int to) {
    return new String(bytes, from, to - from, StandardCharsets.UTF_8);
  }

  /** One character for each byte, so that places in it are places in the file. */
  String narrow() {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  byte[] content() {
    return Arrays.copyOfRange(bytes, start, bytes.length);
  }

  /** The byte where this code point of the text begins. */
  int byteOf(int codePoint) {
    int at = every[codePoint / STRIDE];
    for (int left = codePoint % STRIDE; left > 0; left--) {
      do {
        at++;
      } while (at < bytes.length && !isStart(bytes[at]));
    }
    return at;
  }

  private int codePointOf(int place) {
    int found = Arrays.binarySearch(every, place);
    int stride = found >= 0 ? found : -found - 2;
    int codePoint = stride * STRIDE;
    for (int at = every[stride]; at < place; at++) {
      codePoint += isStart(bytes[at]) ? 1 : 0;
    }
    return codePoint;
  }

  /** A remark about the place of a byte. */
  Note note(int place, String remark, List<String> images) {
    int at = Math.max(start, Math.min(place, bytes.length));
    int found = Arrays.binarySearch(lines, at);
    int line = found >= 0 ? found : -found - 2;
    return new Note(line + 1, codePointOf(at) - codePointOf(lines[line]) + 1, remark, images);
  }

  /** The first byte of the line that a byte is in. */
  int lineStart(int place) {
    int at = place;
    while (at > start && !isBreak(at - 1)) {
      at--;
    }
    return at;
  }

  /** The end of the line that a byte is in: where what ends it begins. */
  int lineEnd(int place) {
    int at = place;
    while (at < bytes.length && !isBreak(at)) {
      at++;
    }
    return at;
  }

  /** A carriage return alone ends a line, too (YAML 1.2.2, 5.4). */
  private boolean isBreak(int place) {
    return bytes[place] == '\n' || bytes[place] == '\r';
  }

  /** How the line of a byte ends; as the first line does if it is the last. */
  String lineBreak(int place) {
    int end = lineEnd(place);
    if (end >= bytes.length) {
      end = lineEnd(start);
    }
    return at(end) != '\r' ? "\n" : at(end + 1) == '\n' ? "\r\n" : "\r";
  }
}
