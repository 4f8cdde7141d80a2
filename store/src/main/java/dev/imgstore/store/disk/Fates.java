package dev.imgstore.store.disk;

import dev.imgstore.store.CollectPlan.Fate;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What becomes of each segment, given what must stay. One copy of each form is kept, the one in the
 * segment where most stays. A segment is removed if nothing in it must stay; written anew without
 * the rest if a quarter of it or more need not stay; and if it refers to other blobs, as soon as
 * anything in it need not stay: what is found there is taken to have all that it names. Small ones
 * are merged once they are many.
 */
final class Fates {
  /** A segment is written anew if this part of it can go. */
  static final double WASTE = 0.25;

  /** Segments up to this size are small. */
  static final long SMALL = 8L << 20;

  /** So many small ones of a purpose are merged. */
  static final int MANY = 32;

  /** Bytes that are written before what they came from is removed, so that a full disk will do. */
  static final long BATCH = 512L << 20;

  /** Space is given to files in blocks of this size. */
  private static final long BLOCK = 4096;

  private static final int NONE = -1;

  private final Survey survey;
  private final Census census;
  private final Marker marker;
  private final double waste;
  private final BitSet spare = new BitSet();
  private final BitSet bad = new BitSet();
  private final long[] live;
  private final boolean[] loses;
  private final Map<Integer, Fate> fates = new TreeMap<>();

  /** Decides, with what is marked now. */
  Fates(Survey survey, double waste) {
    this.survey = survey;
    this.census = survey.census();
    this.marker = survey.marker();
    this.waste = waste;
    this.live = new long[census.parts().size()];
    this.loses = new boolean[census.parts().size()];
    count();
    findSpare();
    decide();
  }

  /** Bytes a file takes on disk. */
  static long onDisk(long size) {
    return (size + BLOCK - 1) / BLOCK * BLOCK;
  }

  private void count() {
    for (int i = 0; i < live.length; i++) {
      Census.Part part = census.parts().get(i);
      for (int spot = part.base(); spot < part.end(); spot++) {
        if (marker.isLive(spot)) {
          live[i] += census.stored(spot) + Entry.BYTES;
        } else {
          loses[i] = true;
        }
      }
    }
  }

  /** Of several copies the one stays that lies where most stays. */
  private void findSpare() {
    long[] all = live.clone();
    for (int i = 0; i < all.length; i++) {
      Census.Part part = census.parts().get(i);
      if (survey.isLeased(part)) {
        continue;
      }
      for (int spot = part.base(); spot < part.end(); spot++) {
        if (marker.isLive(spot) && hasBetterCopy(part, i, spot, all)) {
          spare.set(spot);
          live[i] -= census.stored(spot) + Entry.BYTES;
        }
      }
    }
  }

  private boolean hasBetterCopy(Census.Part part, int index, int spot, long[] all) {
    if (census.isAlone(spot)) {
      return false;
    }
    int first = census.first(part.footer().entries(), (spot - part.base()) * Entry.BYTES);
    for (int other = first; other != NONE; other = census.next(other)) {
      if (other != spot && marker.isLive(other) && census.isCopy(other, spot)) {
        int where = census.of(other).index();
        boolean better = all[where] > all[index] || (all[where] == all[index] && other < spot);
        if (better && census.of(other).fault().isEmpty()) {
          return true;
        }
      }
    }
    return false;
  }

  private void decide() {
    Map<Purpose, List<Integer>> small = new EnumMap<>(Purpose.class);
    for (int i = 0; i < live.length; i++) {
      Census.Part part = census.parts().get(i);
      if (!part.fault().isEmpty() || survey.isLeased(part)) {
        continue;
      }
      long content = part.size() - SegmentFormat.HEADER - SegmentFormat.TRAILER;
      if (live[i] == 0) {
        fates.put(i, Fate.DEAD);
      } else if ((loses[i] && part.refers()) || content - live[i] > waste * content) {
        fates.put(i, Fate.REWRITTEN);
      } else if (part.size() <= SMALL) {
        small.computeIfAbsent(part.purpose(), purpose -> new ArrayList<>()).add(i);
      }
    }
    for (List<Integer> each : small.values()) {
      if (each.size() >= MANY) {
        each.forEach(i -> fates.put(i, Fate.MERGED));
      }
    }
  }

  /** What becomes of a segment; empty if it stays as it is. */
  Optional<Fate> of(int part) {
    return Optional.ofNullable(fates.get(part));
  }

  /** Bytes in a segment that must stay and have no better copy. */
  long live(int part) {
    return live[part];
  }

  /** True for a copy that is not needed although its blob is. */
  boolean isSpare(int spot) {
    return spare.get(spot);
  }

  /** A copy that turned out to be needed. */
  void keep(int spot) {
    spare.clear(spot);
  }

  /** A copy that cannot stand for others. */
  void isBad(int spot) {
    bad.set(spot);
  }

  /** The copy that is kept in place of a spare one, and that is not known to be bad. */
  Optional<Integer> kept(int spot) {
    Census.Part part = census.of(spot);
    int first = census.first(part.footer().entries(), (spot - part.base()) * Entry.BYTES);
    for (int other = first; other != NONE; other = census.next(other)) {
      if (other != spot
          && marker.isLive(other)
          && !spare.get(other)
          && !bad.get(other)
          && census.isCopy(other, spot)) {
        return Optional.of(other);
      }
    }
    return Optional.empty();
  }

  /** All that go, by index. */
  Set<Integer> doomed() {
    return fates.keySet();
  }

  /**
   * Segments that go, in the order in which they go: first what refers to others, with all that is
   * dead; then the rest, so many at a time as {@link #BATCH} says.
   */
  List<List<Census.Part>> batches(Set<Integer> doomed) {
    List<List<Census.Part>> batches = new ArrayList<>();
    List<Census.Part> first = new ArrayList<>();
    batches.add(first);
    List<Census.Part> batch = new ArrayList<>();
    long size = 0;
    for (Integer index : new TreeSet<>(doomed)) {
      Census.Part part = census.parts().get(index);
      if (part.refers() || live[index] == 0) {
        first.add(part);
        continue;
      }
      batch.add(part);
      size += live[index];
      if (size >= BATCH) {
        batches.add(batch);
        batch = new ArrayList<>();
        size = 0;
      }
    }
    batches.add(batch);
    batches.removeIf(List::isEmpty);
    return batches;
  }

  /** The spots of a segment that are written anew when it goes, in the order in which they lie. */
  int[] copied(Census.Part part) {
    return census.inOrder(part, spot -> marker.isLive(spot) && !spare.get(spot));
  }

  /** Bytes on disk of what is written when these go. */
  long written(List<List<Census.Part>> batches) {
    long written = 0;
    for (List<Census.Part> batch : batches) {
      Map<Purpose, Growing> open = new EnumMap<>(Purpose.class);
      for (Census.Part part : batch) {
        Growing segment = open.computeIfAbsent(part.purpose(), purpose -> new Growing());
        for (int spot : copied(part)) {
          segment.add(census.stored(spot));
        }
      }
      for (Growing each : open.values()) {
        each.end();
        written += each.onDisk;
      }
    }
    return written;
  }

  /** The sizes that segments will have which are filled one after the other. */
  private static final class Growing {
    private long bodies;
    private int entries;
    private long onDisk;

    void add(long stored) {
      bodies += stored;
      entries++;
      if (SegmentFormat.HEADER + bodies >= SegmentFormat.FULL
          || entries >= SegmentFormat.MAX_ENTRIES) {
        end();
      }
    }

    void end() {
      if (entries > 0) {
        onDisk += onDisk(bodies, entries);
      }
      bodies = 0;
      entries = 0;
    }

    private static long onDisk(long bodies, int entries) {
      return Fates.onDisk(
          SegmentFormat.HEADER + bodies + (long) entries * Entry.BYTES + SegmentFormat.TRAILER);
    }
  }
}
