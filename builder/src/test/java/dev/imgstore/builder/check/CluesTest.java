package dev.imgstore.builder.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CluesTest {
  /** 2026-01-02 03:04:05. */
  private static final long FROM = 1_767_323_045L;

  private static final Clues CLUES = new Clues(FROM, FROM + 3, 8, 1);
  private static final int BLOCK = 512;

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static Optional<Kind> told(String was, String is) {
    return CLUES.told(bytes(was), bytes(is));
  }

  /** A member of a tar as others write it: eleven digits and a zero byte. */
  private static byte[] member(String name, String size, byte[] body) {
    byte[] member = new byte[BLOCK + (body.length + BLOCK - 1) / BLOCK * BLOCK];
    System.arraycopy(bytes(name), 0, member, 0, name.length());
    System.arraycopy(bytes(size), 0, member, 124, size.length());
    System.arraycopy(bytes("ustar"), 0, member, 257, 5);
    System.arraycopy(body, 0, member, BLOCK, body.length);
    return member;
  }

  private static byte[] tar(byte[]... members) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] each : members) {
      out.writeBytes(each);
    }
    out.writeBytes(new byte[2 * BLOCK]);
    return out.toByteArray();
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream zip = new GZIPOutputStream(out)) {
      zip.write(bytes);
    }
    return out.toByteArray();
  }

  @Test
  void whatIsEqualEmptyOrOnlyLongerTellsNothing() {
    assertEquals(Optional.empty(), told("", ""));
    assertEquals(Optional.empty(), told("same", "same"));
    assertEquals(Optional.empty(), told("", "more"));
    assertEquals(Optional.empty(), told("same, less", "same"));
    assertEquals(Kind.RANDOMNESS, CLUES.kind(bytes("same"), bytes("same, more"), false));
    assertEquals(Kind.ORDER, CLUES.kind(bytes("same"), bytes("same, more"), true));
  }

  @Test
  void theSameLinesOrWordsInAnotherOrderAreOrder() {
    assertEquals(Optional.of(Kind.ORDER), told("one\ntwo\nthree\n", "three\none\ntwo\n"));
    assertEquals(Optional.of(Kind.ORDER), told("a b c", "c a b"));
    assertEquals(Optional.of(Kind.ORDER), told("x\0y z\0", "y z\0x\0"));
    assertEquals(Optional.empty(), told("one\ntwo\n", "owt\none\n"));
    assertEquals(Optional.empty(), told("a a b", "a b b"), "each as often");
  }

  @Test
  void theSameMembersOfATarInAnotherOrderAreOrder() throws IOException {
    byte[] one = member("one", "00000000005\0", bytes("first"));
    byte[] two = member("two", "00000001000\0", new byte[512]);
    byte[] dir = member("dir", "00000000000\0", new byte[0]);
    Optional<Kind> order = Optional.of(Kind.ORDER);
    assertEquals(order, CLUES.told(tar(one, two, dir), tar(dir, one, two)));
    assertEquals(order, CLUES.told(gzip(tar(one, two, dir)), gzip(tar(two, one, dir))));
    byte[] other = member("two", "00000001000\0", bytes("x".repeat(512)));
    assertEquals(Optional.empty(), CLUES.told(tar(one, two), tar(one, other)));
    byte[] tail = tar(one, two);
    tail[tail.length - 1] = 1;
    assertEquals(Optional.empty(), CLUES.told(tar(one, two), tail), "the members are as they were");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"77777777777\0", "99999999999\0", "-0000000001\0", "            ", "\u00ff\u00ff"})
  void whatOnlyLooksLikeATarIsLookedAtAsBytes(String size) {
    byte[] was = tar(member("one", size, bytes("first")));
    byte[] is = tar(member("one", size, bytes("other")));
    assertEquals(Optional.empty(), CLUES.told(was, is));
    byte[] cut = java.util.Arrays.copyOf(was, BLOCK + 1);
    assertEquals(Optional.empty(), CLUES.told(cut, java.util.Arrays.copyOf(is, BLOCK + 2)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Fri Jan  2 03:04:06 UTC 2026",
        "built 2026-01-02T03:04:06Z on x",
        "03:04:06.123456789",
        "1767323046",
        "1767323046.5 s",
        "20260102030406",
        "03-04-06",
        "03.04.06",
        "6956a1a6 hexadecimal",
        "mtime 15125520646"
      })
  void aTimeOfTheLaterRunAsTextIsATimestamp(String text) {
    String later = text.replace("6956a1a6", Long.toHexString(FROM + 1));
    later = later.replace("15125520646", Long.toOctalString(FROM + 1));
    for (int i = 0; i < later.length(); i++) {
      boolean digit = Character.digit(later.charAt(i), 16) >= 0;
      if (digit && i == lastDigit(later)) {
        byte[] was = bytes(later);
        was[i] = 'x';
        assertEquals(
            Optional.of(Kind.TIMESTAMP), CLUES.told(was, bytes(later)), later + " at " + i);
      }
    }
  }

  /** A digit that every spelling of the second has. */
  private static int lastDigit(String text) {
    for (String each :
        List.of(
            "03:04:06",
            "1767323046",
            "030406",
            "03-04-06",
            "03.04.06",
            Long.toHexString(FROM + 1),
            Long.toOctalString(FROM + 1))) {
      if (text.contains(each)) {
        return text.indexOf(each) + each.length() - 1;
      }
    }
    throw new AssertionError(text);
  }

  @Test
  void partsOfASecondBelongToTheTime() {
    assertEquals(Optional.of(Kind.TIMESTAMP), told("03:04:05.111", "03:04:05.222"));
    assertEquals(Optional.of(Kind.TIMESTAMP), told(FROM + ",1", FROM + ",2"));
    assertEquals(Optional.empty(), told(FROM + ", a", FROM + ", b"));
  }

  @Test
  void anotherTimeIsNoTimestamp() {
    assertEquals(Optional.empty(), told("03:04:06", "07:08:09"));
    assertEquals(Optional.empty(), told("a 03:04:06", "b 03:04:06"), "it is beside the time");
    long after = FROM + 4;
    assertEquals(Optional.empty(), told("x" + (after - 9), "y" + after));
  }

  @Test
  void aTimeOfTheLaterRunAsANumberIsATimestamp() throws IOException {
    for (ByteOrder order : List.of(ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN)) {
      ByteBuffer seconds = ByteBuffer.allocate(9).order(order).put(2, (byte) 7);
      byte[] was = seconds.putInt(3, (int) FROM - 90).array().clone();
      byte[] is = seconds.putInt(3, (int) FROM + 2).array().clone();
      assertEquals(Optional.of(Kind.TIMESTAMP), CLUES.told(was, is), order::toString);
      ByteBuffer millis = ByteBuffer.allocate(8).order(order);
      was = millis.putLong(0, (FROM - 90) * 1000 + 77).array().clone();
      is = millis.putLong(0, FROM * 1000 + 999).array().clone();
      assertEquals(Optional.of(Kind.TIMESTAMP), CLUES.told(was, is), order::toString);
    }
    byte[] was = gzip(bytes("same"));
    byte[] is = was.clone();
    ByteBuffer.wrap(is).order(ByteOrder.LITTLE_ENDIAN).putInt(4, (int) FROM);
    assertEquals(Optional.of(Kind.TIMESTAMP), CLUES.told(was, is), "the header of gzip");
    // 2026-01-02 03:04:05 in an entry of a zip: 46<<9|1<<5|2, 3<<11|4<<5|5>>1
    byte[] entry = {'P', 'K', 3, 4, 20, 0, 0, 0, 8, 0, (byte) 0x82, 0x18, 0x22, 0x5c, 9, 9};
    byte[] before = entry.clone();
    before[10] = 0x11;
    assertEquals(Optional.of(Kind.TIMESTAMP), CLUES.told(before, entry), "an entry of a zip");
  }

  @Test
  void theNumberOfProcessorsIsSeen() {
    assertEquals(Optional.of(Kind.PROCESSORS), told("jobs=8\n", "jobs=1\n"));
    assertEquals(Optional.empty(), told("jobs=18\n", "jobs=11\n"));
    Clues same = new Clues(FROM, FROM, 1, 1);
    assertEquals(Optional.empty(), same.told(bytes("8"), bytes("1")));
  }

  @Test
  void whatUnpacksToVeryMuchIsNotUnpacked() throws IOException {
    byte[] bomb = gzip(new byte[100 << 20]);
    byte[] other = bomb.clone();
    other[other.length - 1]++;
    assertEquals(Optional.empty(), CLUES.told(bomb, other));
  }

  @Property(tries = 300)
  void nothingIsTooStrange(@ForAll byte[] was, @ForAll byte[] is) {
    assertNotEquals(Kind.FAILURE, CLUES.kind(was, is, true));
    byte[] gzip = {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, 0, 0};
    byte[] longer = java.util.Arrays.copyOf(gzip, gzip.length + was.length);
    System.arraycopy(was, 0, longer, gzip.length, was.length);
    assertNotEquals(Kind.FAILURE, CLUES.kind(gzip, longer, false));
  }

  @Property(tries = 100)
  void anyOtherOrderOfLinesIsOrder(
      @ForAll @Size(min = 2, max = 50) List<String> lines, @ForAll long seed) {
    List<String> shuffled = new ArrayList<>(lines);
    java.util.Collections.shuffle(shuffled, new Random(seed));
    byte[] was = String.join("\n", lines).getBytes(StandardCharsets.UTF_8);
    byte[] is = String.join("\n", shuffled).getBytes(StandardCharsets.UTF_8);
    boolean same = java.util.Arrays.equals(was, is);
    assertEquals(same ? Optional.empty() : Optional.of(Kind.ORDER), CLUES.told(was, is));
  }
}
