package dev.imgstore.store;

import dev.imgstore.model.Digest;
import java.time.Instant;
import java.util.List;
import java.util.Objects;

/**
 * What a collection would do, found out without changing anything. All bytes are bytes on disk,
 * counted in whole blocks as {@code du} does, unless said otherwise.
 *
 * @param head the last entry of the journal that was taken into account
 * @param pins those whose time is over, by name
 * @param drops generations that go, by profile and number
 * @param segments segments that go, by name; what of them is still needed is written anew before
 * @param blobs that go, each counted once, however often and in whatever forms it is stored
 * @param records action records that go, because what they name goes
 * @param bytes totals
 * @param faults damage that was met; what it concerns stays
 */
public record CollectPlan(
    Head head,
    List<Over> pins,
    List<Drop> drops,
    List<Doomed> segments,
    long blobs,
    List<String> records,
    Bytes bytes,
    List<CheckReport.Finding> faults) {
  /** Copies in. */
  public CollectPlan {
    Objects.requireNonNull(head);
    pins = pins.stream().sorted().toList();
    drops = drops.stream().sorted().toList();
    segments = segments.stream().sorted().toList();
    records = records.stream().sorted().toList();
    Objects.requireNonNull(bytes);
    faults = faults.stream().sorted().toList();
  }

  /** A place in the journal. */
  public record Head(long sequence, String hash) {}

  /**
   * A pin that keeps nothing any more.
   *
   * @param expired when its time was over
   */
  public record Over(String name, Digest image, Instant expired) implements Comparable<Over> {
    @Override
    public int compareTo(Over other) {
      return name.compareTo(other.name);
    }
  }

  /**
   * A generation that goes.
   *
   * @param reason the rule that no longer keeps it, for people
   * @param marks those it has and that do not keep it, see {@link Root.OfGeneration#marks}
   */
  public record Drop(
      String profile, int number, Digest image, Instant created, String reason, List<String> marks)
      implements Comparable<Drop> {
    /** Copies in. */
    public Drop {
      marks = List.copyOf(marks);
    }

    @Override
    public int compareTo(Drop other) {
      int byProfile = profile.compareTo(other.profile);
      return byProfile != 0 ? byProfile : Integer.compare(number, other.number);
    }
  }

  /** Why a segment goes. */
  public enum Fate {
    /** Nothing in it is needed. */
    DEAD,
    /** Enough in it is not needed; the rest is written anew. */
    REWRITTEN,
    /** It is one of many small ones, which are written anew as one. */
    MERGED
  }

  /**
   * A segment that goes.
   *
   * @param file its name
   * @param size bytes of the file
   * @param live bytes of bodies in it that are needed and have no copy elsewhere
   */
  public record Doomed(String file, Fate fate, long size, long live) implements Comparable<Doomed> {
    @Override
    public int compareTo(Doomed other) {
      return file.compareTo(other.file);
    }
  }

  /**
   * Totals.
   *
   * @param before of all segments and of the action records that go, now
   * @param freed that come back
   * @param written that are written on the way
   * @param sources plain bytes of fetched inputs that stay only because build records name them
   * @param over by which what must stay is more than the ceiling; 0 if it is not, or if there is
   *     none
   */
  public record Bytes(long before, long freed, long written, long sources, long over) {}

  /** True if there is nothing to do. */
  public boolean isEmpty() {
    return pins.isEmpty() && drops.isEmpty() && segments.isEmpty() && records.isEmpty();
  }
}
