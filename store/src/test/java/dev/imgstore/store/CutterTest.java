package dev.imgstore.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CutterTest {
  /** Bytes of a generator that everybody can write down (Knuth's constants). */
  static byte[] sample(int length) {
    byte[] bytes = new byte[length];
    long x = 1;
    for (int i = 0; i < length; i++) {
      x = x * 6364136223846793005L + 1442695040888963407L;
      bytes[i] = (byte) (x >>> 56);
    }
    return bytes;
  }

  private static List<Integer> cuts(byte[] bytes, int start) {
    List<Integer> cuts = new ArrayList<>();
    for (int at = start; at < bytes.length; ) {
      at += Cutter.cut(bytes, at, bytes.length);
      cuts.add(at);
    }
    return cuts;
  }

  @Test
  void theCutsNeverChange() {
    assertEquals(List.of(47182, 113831, 183495, 200_000), cuts(sample(200_000), 0));
    List<Integer> many = cuts(sample(64 << 20), 0);
    assertEquals(909, many.size());
    int forced = 0;
    int before = 0;
    for (int cut : many) {
      assertTrue(cut - before <= Cutter.MAX);
      forced += cut - before == Cutter.MAX ? 1 : 0;
      before = cut;
    }
    assertEquals(15, forced);
    assertEquals(8, cuts(new byte[1 << 20], 0).size());
  }

  @Test
  void cutsAreTheSameWhenMoreBytesAreSeenThanNeeded() {
    byte[] bytes = sample(1 << 20);
    for (int at = 0; bytes.length - at > Cutter.MAX; ) {
      int all = Cutter.cut(bytes, at, bytes.length);
      assertEquals(all, Cutter.cut(bytes, at, at + Cutter.MAX));
      at += all;
    }
  }

  @Test
  void aByteInFrontMovesTheCutsAlong() {
    byte[] bytes = sample(8 << 20);
    byte[] moved = new byte[bytes.length + 1];
    System.arraycopy(bytes, 0, moved, 1, bytes.length);
    Set<Integer> there = new HashSet<>(cuts(moved, 0));
    List<Integer> all = cuts(bytes, 0);
    long kept = all.stream().filter(cut -> there.contains(cut + 1)).count();
    assertEquals(all.size(), kept);
  }
}
