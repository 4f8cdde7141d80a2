package dev.imgstore.store;

import dev.imgstore.store.Profiles.Because;
import java.io.Closeable;
import java.io.IOException;
import java.time.Clock;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SortedMap;

/**
 * One collection of what nothing needs any more. While it is open no other can be. Not for several
 * threads.
 */
public interface Collector extends Closeable {
  /**
   * Which generations need not be kept. Whatever it says, the current generation of a profile and
   * those with an image that is pinned or held are kept.
   */
  interface Policy {
    /** Keeps every generation. */
    Policy ALL =
        new Policy() {
          @Override
          public Map<String, List<Retention.Verdict>> judge(List<Root> roots) {
            return Map.of();
          }

          @Override
          public String rule(String profile) {
            return "keep all";
          }
        };

    /** A verdict on each generation, by profile; what none is about stays. */
    Map<String, List<Retention.Verdict>> judge(List<Root> roots) throws IOException;

    /** Whether the time of a pin is over, so that it keeps nothing any more. */
    default boolean isOver(Root.Pin pin) {
      return false;
    }

    /** What holds for a profile, for people: {@code keep 5, for 30d}. */
    String rule(String profile);
  }

  /**
   * Finds out what could go; changes nothing.
   *
   * @param ceiling bytes on disk that all segments together should not exceed: then more
   *     generations go, the oldest first, except those with a verdict that says always
   * @throws StoreException if anything on the way cannot be read, or something that must stay is
   *     missing: then nothing may be removed
   */
  CollectPlan plan(Policy policy, OptionalLong ceiling) throws IOException;

  /**
   * Does what a plan says: ends its pins and drops its generations, then removes its segments and
   * records, and nothing else. What was sealed, leased or made a generation since is kept (law 3);
   * every reference is gone durably before what it refers to (law 4).
   *
   * @param clock says how long it took
   * @return with {@link CollectReport#changes} if the plan does not fit any more; then nothing was
   *     done
   */
  default CollectReport apply(CollectPlan plan, Because because, Clock clock) throws IOException {
    return apply(plan, because, clock, Collections.emptySortedMap());
  }

  /**
   * The same for a collection that nobody typed: it is in the journal also if nothing was to be
   * done.
   *
   * @param facts what else its entry is to say: why it ran
   */
  CollectReport apply(
      CollectPlan plan, Because because, Clock clock, SortedMap<String, String> facts)
      throws IOException;

  /**
   * Notes in the journal that a collection which nobody typed has failed. Durable on return (law
   * 6).
   *
   * @param sentence what happened
   * @param because its {@code took} is how long it ran
   * @param facts as of {@link #apply(CollectPlan, Because, Clock, SortedMap)}
   */
  void failed(String sentence, Because because, SortedMap<String, String> facts) throws IOException;

  @Override
  void close() throws IOException;
}
