package dev.imgstore.builder.check;

import dev.imgstore.model.Digest;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What bytes say about why they differ from those of an earlier run.
 *
 * @param from seconds since 1970 at which the later run began
 * @param to at which it had ended
 * @param processors that the earlier run saw
 * @param others that the later run saw
 */
record Clues(long from, long to, int processors, int others) {
  private static final int BLOCK = 512;
  private static final int SIZE_AT = 124;
  private static final int SIZE_LENGTH = 11;
  private static final int MAGIC_AT = 257;
  private static final int NEAR = 32;
  private static final int MOST_SECONDS = 86_400;

  /** Of FNV-1a with 64 bits. */
  private static final long FNV_BASIS = 0xcbf29ce484222325L;

  private static final long FNV_PRIME = 0x100000001b3L;

  /**
   * The likely cause.
   *
   * @param steady whether a third run, in the surroundings of the later one, gave the same again
   */
  Kind kind(byte[] was, byte[] is, boolean steady) {
    return told(was, is).orElse(steady ? Kind.ORDER : Kind.RANDOMNESS);
  }

  /** The cause that the bytes alone tell; empty if they do not. */
  Optional<Kind> told(byte[] was, byte[] is) {
    byte[] before = was;
    byte[] after = is;
    if (Bodies.offset(was, is) >= 10) { // the header of a gzip file may itself hold a time
      before = Bodies.unpacked(was);
      after = Bodies.unpacked(is);
    }
    if (isReordered(before, after)) {
      return Optional.of(Kind.ORDER);
    }
    int offset = Bodies.offset(before, after);
    if (offset >= 0 && isTime(after, offset)) {
      return Optional.of(Kind.TIMESTAMP);
    }
    return offset >= 0 && isCount(before, after, offset)
        ? Optional.of(Kind.PROCESSORS)
        : Optional.empty();
  }

  private static boolean isReordered(byte[] was, byte[] is) {
    if (was.length != is.length || Bodies.offset(was, is) < 0) {
      return false;
    }
    List<Digest> members = members(was);
    List<Digest> others = members(is);
    if (!members.isEmpty() && !others.isEmpty()) {
      return !members.equals(others)
          && members.stream().sorted().toList().equals(others.stream().sorted().toList());
    }
    return sum(was, "\n") == sum(is, "\n") || sum(was, " \t\r\n\0") == sum(is, " \t\r\n\0");
  }

  /** The same for the same words in any order, and hardly ever for others. */
  private static long sum(byte[] bytes, String between) {
    long sum = 0;
    long word = FNV_BASIS;
    for (byte each : bytes) {
      if (between.indexOf(each) >= 0) {
        sum += mixed(word);
        word = FNV_BASIS;
      } else {
        word = (word ^ (each & 0xff)) * FNV_PRIME;
      }
    }
    return sum + mixed(word);
  }

  private static long mixed(long word) {
    return (word ^ word >>> 31) * 0x9e3779b97f4a7c15L;
  }

  /**
   * The members of a tar (POSIX.1-2017, pax, ustar Interchange Format), header and body; none if it
   * is no tar.
   */
  private static List<Digest> members(byte[] tar) {
    List<Digest> members = new ArrayList<>();
    int at = 0;
    while (at + BLOCK <= tar.length && tar[at] != 0) {
      String magic = new String(tar, at + MAGIC_AT, 5, StandardCharsets.ISO_8859_1);
      String size = new String(tar, at + SIZE_AT, SIZE_LENGTH, StandardCharsets.ISO_8859_1).strip();
      if (!magic.equals("ustar") || !size.matches("[0-7]{1,11}")) {
        return List.of();
      }
      long body = (Long.parseLong(size, 8) + BLOCK - 1) / BLOCK * BLOCK;
      if (body > tar.length - at - BLOCK) {
        return List.of();
      }
      int end = at + BLOCK + (int) body;
      members.add(Digest.of(Arrays.copyOfRange(tar, at, end)));
      at = end;
    }
    return members;
  }

  /** Whether a time of the later run is written over the first byte that differs. */
  private boolean isTime(byte[] bytes, int offset) {
    int start = Math.max(0, offset - NEAR);
    byte[] near = Arrays.copyOfRange(bytes, start, Math.min(bytes.length, offset + NEAR));
    String text = new String(near, StandardCharsets.ISO_8859_1);
    int at = offset - start;
    for (long second = from; second <= Math.min(to, from + MOST_SECONDS); second++) {
      if (isText(text, at, second) || isNumber(near, at, second)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isText(String text, int at, long second) {
    LocalDateTime time = LocalDateTime.ofEpochSecond(second, 0, ZoneOffset.UTC);
    String clock = two(time.getHour()) + ":" + two(time.getMinute()) + ":" + two(time.getSecond());
    return covers(text, at, clock)
        || covers(text, at, Long.toString(second))
        || covers(text, at, Long.toOctalString(second)) // as in the header of a tar
        || covers(text, at, Long.toHexString(second))
        || covers(text, at, clock.replace(":", ""))
        || covers(text, at, clock.replace(":", "."))
        || covers(text, at, clock.replace(":", "-"));
  }

  private static String two(int number) {
    return number < 10 ? "0" + number : Integer.toString(number);
  }

  /** Whether a word is written there, or parts of a second right behind it. */
  private static boolean covers(String text, int at, String word) {
    for (int found = text.indexOf(word); found >= 0 && found <= at; ) {
      int end = found + word.length();
      if (end < text.length() && (text.charAt(end) == '.' || text.charAt(end) == ',')) {
        end++;
        while (end < text.length() && text.charAt(end) >= '0' && text.charAt(end) <= '9') {
          end++;
        }
      }
      if (at < end) {
        return true;
      }
      found = text.indexOf(word, found + 1);
    }
    return false;
  }

  /** Four bytes of seconds, eight of milliseconds, or what zip files have. */
  private static boolean isNumber(byte[] near, int at, long second) {
    for (int start = Math.max(0, at - 7); start <= at && start + 4 <= near.length; start++) {
      ByteBuffer bytes = ByteBuffer.wrap(near, start, near.length - start);
      int big = bytes.getInt(start);
      int little = bytes.order(ByteOrder.LITTLE_ENDIAN).getInt(start);
      boolean covered = at < start + 4;
      if (covered && (big == (int) second || little == (int) second || little == dos(second))) {
        return true;
      }
      if (start + 8 <= near.length) {
        long millis = bytes.getLong(start);
        if (millis / 1000 == second || Long.reverseBytes(millis) / 1000 == second) {
          return true;
        }
      }
    }
    return false;
  }

  /** Time and date of a zip entry (APPNOTE.TXT 4.4.6). */
  private static int dos(long second) {
    LocalDateTime time = LocalDateTime.ofEpochSecond(second, 0, ZoneOffset.UTC);
    int clock = time.getHour() << 11 | time.getMinute() << 5 | time.getSecond() >> 1;
    int date = (time.getYear() - 1980) << 9 | time.getMonthValue() << 5 | time.getDayOfMonth();
    return date << 16 | clock;
  }

  private boolean isCount(byte[] was, byte[] is, int offset) {
    return number(was, offset).equals(Integer.toString(processors))
        && number(is, offset).equals(Integer.toString(others))
        && processors != others;
  }

  private static String number(byte[] bytes, int offset) {
    int from = offset;
    while (from > 0 && isDigit(bytes, from - 1)) {
      from--;
    }
    int to = offset;
    while (isDigit(bytes, to)) {
      to++;
    }
    return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
  }

  private static boolean isDigit(byte[] bytes, int at) {
    return at < bytes.length && bytes[at] >= '0' && bytes[at] <= '9';
  }
}
