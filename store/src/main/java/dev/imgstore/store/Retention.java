package dev.imgstore.store;

import dev.imgstore.model.Generation;
import dev.imgstore.model.Profile;
import dev.imgstore.model.Switch;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which generations of a profile may go. A generation stays if any rule keeps it; without a rule
 * all stay. Whatever the rules say, what is current, held or pinned stays, and what is last known
 * to be good or tagged unless {@link Always} says otherwise, and what was rolled back from while
 * nothing was built since: else the next equal build would undo the rollback.
 *
 * @param rules any number, for instance {@code keep 5} and {@code for 30d}
 */
public record Retention(List<Rule> rules) {
  /** Everything stays. */
  public static final Retention ALL = new Retention(List.of());

  private static final Pattern SPAN = Pattern.compile("([1-9][0-9]{0,8}) ?(m|h|d|w)");
  private static final Map<String, Duration> UNITS =
      Map.of(
          "m", Duration.ofMinutes(1),
          "h", Duration.ofHours(1),
          "d", Duration.ofDays(1),
          "w", Duration.ofDays(7));

  /** Copies in. */
  public Retention {
    rules = List.copyOf(rules);
  }

  /** One reason to keep a generation. */
  public sealed interface Rule {}

  /** The generations with the highest numbers. */
  public record KeepLast(int count) implements Rule {
    /** Refuses less than one: the current generation stays anyway. */
    public KeepLast {
      if (count < 1) {
        throw new IllegalArgumentException("keep at least 1, not " + count);
      }
    }
  }

  /** What was made, or was still current, less than this time ago. */
  public record KeepFor(Duration time) implements Rule {
    /** Refuses times that are none. */
    public KeepFor {
      if (time.isNegative() || time.isZero()) {
        throw new IllegalArgumentException("keep for some time, not " + time);
      }
    }
  }

  /**
   * What stays whatever the other rules say; without this rule it is all of them. It keeps nothing
   * by itself if there is no other rule, for then everything stays.
   */
  public record Always(Set<Mark> marks) implements Rule {
    /** Copies in. */
    public Always {
      marks = Set.copyOf(marks);
    }
  }

  /** How people mark generations. */
  public enum Mark {
    /** Marked as the last one known to be good. */
    LAST_GOOD,
    /** It has a tag. */
    TAGGED;

    /** As settings spell it: {@code last-good}. */
    public String word() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /**
     * What a word means.
     *
     * @throws IllegalArgumentException with a sentence, if it means nothing
     */
    public static Mark parse(String word) {
      return Stream.of(values())
          .filter(each -> each.word().equals(word))
          .findFirst()
          .orElseThrow(
              () ->
                  new IllegalArgumentException(
                      "nothing stays because it is " + word + "; there are last-good and tagged"));
    }
  }

  /**
   * What becomes of one generation. It goes if neither list has a reason.
   *
   * @param always why it stays whatever the rules are, for people: {@code current}, {@code held by
   *     legal}
   * @param byRule why a rule keeps it: {@code one of the last 5}
   */
  public record Verdict(Generation generation, List<String> always, List<String> byRule) {
    /** Copies in. */
    public Verdict {
      always = List.copyOf(always);
      byRule = List.copyOf(byRule);
    }

    /** Whether it may go. */
    public boolean goes() {
      return always.isEmpty() && byRule.isEmpty();
    }

    /** All reasons, the strongest first. */
    public List<String> reasons() {
      List<String> all = new ArrayList<>(always);
      all.addAll(byRule);
      return List.copyOf(all);
    }
  }

  /**
   * Judges every generation of a profile, by rising number.
   *
   * @param roots all roots of the store, of the same moment as the profile
   */
  public List<Verdict> judge(Profile profile, List<Root> roots, Instant now) {
    Map<Integer, List<String>> always = always(profile, roots, marks());
    boolean isKeeping = rules.stream().allMatch(Always.class::isInstance);
    List<Generation> generations = profile.generations();
    Map<Integer, Instant> last = lastCurrent(profile);
    List<Verdict> verdicts = new ArrayList<>();
    for (int i = 0; i < generations.size(); i++) {
      Generation each = generations.get(i);
      List<String> byRule = new ArrayList<>();
      for (Rule rule : rules) {
        if (rule instanceof KeepLast newest) {
          if (generations.size() - i <= newest.count()) {
            byRule.add("one of the last " + newest.count());
          }
        } else if (rule instanceof KeepFor young) {
          keepFor(young, each, last.getOrDefault(each.number(), each.created()), now, byRule);
        } else if (!(rule instanceof Always)) {
          throw new AssertionError(rule);
        }
      }
      if (isKeeping) {
        byRule.add("no rule removes it");
      }
      verdicts.add(new Verdict(each, always.getOrDefault(each.number(), List.of()), byRule));
    }
    return List.copyOf(verdicts);
  }

  private static void keepFor(
      KeepFor rule, Generation generation, Instant last, Instant now, List<String> reasons) {
    Instant since = now.minus(rule.time());
    if (generation.created().isAfter(since)) {
      reasons.add("younger than " + print(rule.time()));
    } else if (last.isAfter(since)) {
      reasons.add("current within the last " + print(rule.time()));
    }
  }

  /** What keeps a generation whatever the other rules say. */
  private Set<Mark> marks() {
    return rules.stream()
        .filter(Always.class::isInstance)
        .findFirst()
        .map(rule -> ((Always) rule).marks())
        .orElse(Set.of(Mark.values()));
  }

  private static Map<Integer, List<String>> always(
      Profile profile, List<Root> roots, Set<Mark> marks) {
    Map<Integer, List<String>> always = new HashMap<>();
    for (Root root : roots) {
      if (root instanceof Root.OfGeneration of && of.profile().equals(profile.name())) {
        for (String mark : of.marks()) {
          if (marks.contains(
              mark.equals(Root.OfGeneration.LAST_GOOD) ? Mark.LAST_GOOD : Mark.TAGGED)) {
            add(always, of.number(), mark);
          }
        }
      }
    }
    Set<Integer> back = rolledBack(profile);
    int refuge = refuge(profile);
    for (Generation each : profile.generations()) {
      int number = each.number();
      if (number == profile.current()) {
        always.computeIfAbsent(number, n -> new ArrayList<>()).add(0, "current");
      }
      for (Root root : roots) {
        if (!(root instanceof Root.OfGeneration) && root.image().equals(each.image())) {
          add(always, number, root.keeping());
        }
      }
      if (back.contains(number)) {
        add(always, number, "rolled back from, and nothing was built since");
      }
      if (refuge == number) {
        add(always, number, "what to go back to: " + REFUGE);
      }
    }
    return always;
  }

  private static void add(Map<Integer, List<String>> to, int number, String reason) {
    to.computeIfAbsent(number, n -> new ArrayList<>()).add(reason);
  }

  /** The generations that were rolled back from while nothing was built since. */
  public static Set<Integer> rolledBack(Profile profile) {
    Set<Integer> back = new HashSet<>();
    for (Switch change : profile.history()) {
      if (change.kind() == Switch.Kind.BUILD) {
        back.clear();
      } else if (change.kind() == Switch.Kind.ROLLBACK) {
        back.add(change.from());
      }
      back.remove(change.to());
    }
    return back;
  }

  /** Why {@link #refuge} stays, for people. */
  public static final String REFUGE = "what is current was not seen to work";

  /**
   * What to go back to while nobody has said that what is current works, though commands were to
   * see to that; 0 for none. It is what a rollback goes back to.
   */
  public static int refuge(Profile profile) {
    boolean isInDoubt =
        profile.activation() == Profile.Activation.BEGUN
            || profile.activation() == Profile.Activation.FAILED;
    return isInDoubt ? Past.previous(profile) : 0;
  }

  /** When each was left for another; what is current now was never left last. */
  private static Map<Integer, Instant> lastCurrent(Profile profile) {
    Map<Integer, Instant> last = new HashMap<>();
    for (Switch change : profile.history()) {
      last.put(change.from(), change.when());
    }
    return last;
  }

  /**
   * This policy with other values for some rules: for instance a profile's own over the store's.
   *
   * @param over its rules take the place of the rules of their kind; the others stay
   */
  public Retention with(Retention over) {
    Set<Class<?>> kinds = new HashSet<>();
    over.rules.forEach(rule -> kinds.add(rule.getClass()));
    List<Rule> all = new ArrayList<>(over.rules);
    rules.stream().filter(rule -> !kinds.contains(rule.getClass())).forEach(all::add);
    all.sort(Comparator.comparingInt(Retention::place));
    return new Retention(all);
  }

  private static int place(Rule rule) {
    return rule instanceof KeepLast ? 0 : rule instanceof KeepFor ? 1 : 2;
  }

  /** How many of the newest stay; empty if no rule says. */
  public OptionalInt keep() {
    return rules.stream()
        .filter(KeepLast.class::isInstance)
        .mapToInt(rule -> ((KeepLast) rule).count())
        .max();
  }

  /**
   * A time as people write it: minutes, hours, days or weeks, {@code 90m}, {@code 12h}, {@code
   * 30d}, {@code 8w}.
   *
   * @throws IllegalArgumentException with a sentence, if it is none
   */
  public static Duration parse(String text) {
    Matcher span = SPAN.matcher(text);
    if (!span.matches()) {
      throw new IllegalArgumentException(
          "not a time: " + text + "; write a number and m, h, d or w, as in 30d");
    }
    return UNITS
        .getOrDefault(span.group(2), Duration.ZERO)
        .multipliedBy(Long.parseLong(span.group(1)));
  }

  /** As {@link #parse} reads it, in the largest unit but weeks. */
  public static String print(Duration time) {
    return time.toMinutes() % (24 * 60) == 0
        ? time.toDays() + "d"
        : time.toMinutes() % 60 == 0 ? time.toHours() + "h" : time.toMinutes() + "m";
  }

  private static String words(Set<Mark> marks) {
    return marks.isEmpty()
        ? "nothing"
        : marks.stream().sorted().map(Mark::word).collect(Collectors.joining(" and "));
  }

  @Override
  public String toString() {
    List<String> words = new ArrayList<>();
    for (Rule rule : rules) {
      if (rule instanceof KeepLast newest) {
        words.add("keep " + newest.count());
      } else if (rule instanceof KeepFor young) {
        words.add("for " + print(young.time()));
      } else if (rule instanceof Always always) {
        words.add("always " + words(always.marks()));
      }
    }
    return rules.stream().allMatch(Always.class::isInstance)
        ? "keep all"
        : String.join(", ", words);
  }
}
