package dev.imgstore.store;

import static dev.imgstore.testkit.Facts.digest;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.Generation;
import dev.imgstore.model.Profile;
import dev.imgstore.model.Switch;
import dev.imgstore.store.Retention.KeepFor;
import dev.imgstore.store.Retention.KeepLast;
import dev.imgstore.store.Retention.Rule;
import dev.imgstore.store.Retention.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** What a policy lets go, on random histories. */
final class RetentionProperties {
  private static final Instant BEGIN = Instant.parse("2024-01-01T00:00:00Z");

  /** A profile after some builds, switches and rollbacks, a day apart, and its roots. */
  record Story(Profile profile, List<Root> roots, Instant now) {}

  @Provide
  Arbitrary<Story> stories() {
    return Combinators.combine(
            Arbitraries.integers().between(0, 99).list().ofMinSize(1).ofMaxSize(30),
            Arbitraries.integers().between(0, 30),
            Arbitraries.integers().between(0, 30),
            Arbitraries.integers().between(0, 40))
        .as(RetentionProperties::story);
  }

  @Provide
  Arbitrary<Retention> policies() {
    Arbitrary<Rule> last = Arbitraries.integers().between(1, 12).map(KeepLast::new);
    Arbitrary<Rule> young =
        Arbitraries.integers().between(1, 40).map(days -> new KeepFor(Duration.ofDays(days)));
    return Arbitraries.oneOf(last, young).list().ofMaxSize(3).map(Retention::new);
  }

  private static Story story(List<Integer> steps, int pinned, int good, int later) {
    List<Generation> generations = new ArrayList<>();
    List<Switch> history = new ArrayList<>();
    int current = 0;
    Instant when = BEGIN;
    for (int step : steps) {
      when = when.plus(Duration.ofDays(1));
      int to = generations.size() + 1;
      Switch.Kind kind = Switch.Kind.BUILD;
      if (step < 40 && !generations.isEmpty()) {
        to = 1 + step % generations.size();
        kind = step % 2 == 0 ? Switch.Kind.SWITCH : Switch.Kind.ROLLBACK;
      } else {
        generations.add(new Generation(to, digest("i" + to), digest("r"), when, "ann", ""));
      }
      if (to != current) {
        history.add(new Switch(kind, current, to, when, "ann", ""));
        current = to;
      }
    }
    Profile profile = new Profile("web", current, generations.size() + 1, generations, history);
    List<Root> roots = new ArrayList<>();
    for (Generation each : generations) {
      roots.add(
          new Root.OfGeneration("web", each, each.number() == current, each.number() == good));
    }
    roots.add(new Root.Pin("deploy", digest("i" + pinned), BEGIN, "ann"));
    roots.add(new Root.Hold(digest("i" + (pinned + 1)), "legal", "case 7", BEGIN, "ann"));
    return new Story(profile, roots, when.plus(Duration.ofDays(later)));
  }

  private static Set<Integer> gone(Retention policy, Story story) {
    Set<Integer> gone = new TreeSet<>();
    for (Verdict each : policy.judge(story.profile, story.roots, story.now)) {
      if (each.goes()) {
        gone.add(each.generation().number());
      }
    }
    return gone;
  }

  @Property
  void whatIsCurrentGoodHeldOrPinnedNeverGoes(
      @ForAll("stories") Story story, @ForAll("policies") Retention policy) {
    for (int number : gone(policy, story)) {
      assertTrue(number != story.profile.current());
      Root.OfGeneration root = (Root.OfGeneration) story.roots.get(number - 1);
      assertFalse(root.isLastGood() || root.isCurrent());
      assertTrue(
          story.roots.stream()
              .noneMatch(
                  each ->
                      !(each instanceof Root.OfGeneration) && each.image().equals(root.image())));
    }
  }

  /** Every generation is judged once, and what stays says why. */
  @Property
  void everyGenerationIsJudgedAndTheRulesDecide(
      @ForAll("stories") Story story, @ForAll("policies") Retention policy) {
    List<Verdict> verdicts = policy.judge(story.profile, story.roots, story.now);
    assertEquals(story.profile.generations(), verdicts.stream().map(Verdict::generation).toList());
    int count = verdicts.size();
    for (Verdict each : verdicts) {
      int number = each.generation().number();
      boolean kept = policy.rules().isEmpty();
      for (Rule rule : policy.rules()) {
        kept |= rule instanceof KeepLast newest && number > count - newest.count();
        kept |= rule instanceof KeepFor young && usedWithin(story, number, young.time());
      }
      assertEquals(kept, !each.byRule().isEmpty(), each.toString());
    }
  }

  private static boolean usedWithin(Story story, int number, Duration time) {
    Instant since = story.now.minus(time);
    Instant last = story.profile.generation(number).orElseThrow().created();
    for (Switch change : story.profile.history()) {
      if (change.from() == number) {
        last = change.when();
      }
    }
    return last.isAfter(since);
  }

  @Property
  void moreRulesKeepMore(
      @ForAll("stories") Story story,
      @ForAll("policies") Retention one,
      @ForAll("policies") Retention other) {
    List<Rule> both = new ArrayList<>(one.rules());
    both.addAll(other.rules());
    if (!one.rules().isEmpty() && !other.rules().isEmpty()) {
      Set<Integer> each = gone(one, story);
      each.retainAll(gone(other, story));
      assertEquals(each, gone(new Retention(both), story));
    }
  }

  @Property
  void whatTimeAloneRemovesNeverComesBackLater(
      @ForAll("stories") Story story, @ForAll("policies") Retention policy) {
    Story later = new Story(story.profile, story.roots, story.now.plus(Duration.ofDays(3)));
    assertTrue(gone(policy, later).containsAll(gone(policy, story)));
  }

  /** Carrying it out and judging again removes nothing more. */
  @Property
  void aSecondRunFindsNothing(
      @ForAll("stories") Story story, @ForAll("policies") Retention policy) {
    Set<Integer> gone = gone(policy, story);
    List<Generation> left =
        story.profile.generations().stream().filter(g -> !gone.contains(g.number())).toList();
    Profile after =
        new Profile(
            "web", story.profile.current(), story.profile.next(), left, story.profile.history());
    List<Root> roots =
        story.roots.stream()
            .filter(r -> !(r instanceof Root.OfGeneration g && gone.contains(g.number())))
            .toList();
    assertEquals(Set.of(), gone(policy, new Story(after, roots, story.now)));
  }

  /** The nightly build of a recipe that was rolled back must find what it equals. */
  @Property
  void whatWasRolledBackStaysUntilSomethingElseIsBuilt(
      @ForAll("stories") Story story, @ForAll("policies") Retention policy) {
    Set<Integer> gone = gone(policy, story);
    List<Switch> history = story.profile.history();
    for (int i = history.size() - 1; i >= 0 && history.get(i).kind() != Switch.Kind.BUILD; i--) {
      if (history.get(i).kind() == Switch.Kind.ROLLBACK) {
        int from = history.get(i).from();
        boolean chosen =
            history.subList(i, history.size()).stream().anyMatch(change -> change.to() == from);
        assertTrue(chosen || !gone.contains(from), "web@" + from);
      }
    }
  }

  @Example
  void reasonsAreWordsForPeople() {
    // five builds a day apart, and back to the fourth; 20 days later
    Story story = story(List.of(50, 50, 50, 50, 50, 3), 1, 2, 20);
    Retention policy = new Retention(List.of(new KeepLast(2), new KeepFor(Duration.ofDays(22))));
    List<List<String>> reasons =
        policy.judge(story.profile, story.roots, story.now).stream().map(Verdict::reasons).toList();
    assertEquals(
        List.of(
            List.of("pinned by deploy"),
            List.of("last good", "held by legal"),
            List.of(),
            List.of("current", "one of the last 2", "current within the last 22d"),
            List.of(
                "rolled back from, and nothing was built since",
                "one of the last 2",
                "younger than 22d")),
        reasons);
    assertEquals("keep 2, for 22d", policy.toString());
  }

  @Example
  void whatWasCurrentUntilYesterdayIsNotOld() {
    Story story = story(List.of(50, 50, 0, 50), 30, 30, 0); // 1, 2, back to 1, 3
    Retention policy = new Retention(List.of(new KeepFor(Duration.ofDays(1))));
    assertEquals(
        List.of("current within the last 1d"),
        policy
            .judge(story.profile, story.roots, story.now.plus(Duration.ofHours(1)))
            .get(0)
            .reasons());
  }

  @Example
  void aProfilesOwnRulesTakeThePlaceOfTheStores() {
    Retention store = new Retention(List.of(new KeepLast(5), new KeepFor(Duration.ofDays(30))));
    assertEquals("keep 9, for 30d", store.with(new Retention(List.of(new KeepLast(9)))).toString());
    assertEquals("keep 5, for 30d", store.with(Retention.ALL).toString());
    assertEquals("keep all", Retention.ALL.toString());
  }

  @Property
  void timesAreReadAsTheyArePrinted(@ForAll("minutes") int minutes) {
    Duration time = Duration.ofMinutes(minutes);
    assertEquals(time, Retention.parse(Retention.print(time)));
  }

  @Provide
  Arbitrary<Integer> minutes() {
    return Arbitraries.oneOf(
        Arbitraries.integers().between(1, 999_999),
        Arbitraries.integers().between(1, 600).map(days -> days * 24 * 60));
  }

  @Example
  void timesThatAreNoneAreRefused() {
    assertEquals(Duration.ofDays(56), Retention.parse("8w"));
    for (String text : List.of("", "30", "d", "0d", "-1d", "1y", "1.5d", "9999999999d", "1d2h")) {
      assertThrows(IllegalArgumentException.class, () -> Retention.parse(text), text);
    }
  }
}
