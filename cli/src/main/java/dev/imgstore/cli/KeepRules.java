package dev.imgstore.cli;

import dev.imgstore.builder.recipe.Settings;
import dev.imgstore.model.Profile;
import dev.imgstore.store.Collector;
import dev.imgstore.store.Journal;
import dev.imgstore.store.Profiles;
import dev.imgstore.store.Retention;
import dev.imgstore.store.Root;
import dev.imgstore.store.Store;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** The rules of settings and command line, applied to all profiles. */
final class KeepRules implements Collector.Policy {
  private final Profiles profiles;
  private final Settings settings;
  private final Retention over;
  private final Instant now;
  private final String doubt;

  /** A clock this far behind the journal is that of another machine, and right enough. */
  private static final Duration BEHIND = Duration.ofMinutes(5);

  /** A store in which nothing was recorded for longer is rarer than a clock that is wrong. */
  private static final Duration AHEAD = Duration.ofDays(366);

  /** Kinds of entries that no collection makes, nor what follows one or repairs. */
  private static final Set<String> WANTED =
      Set.of(
          "generation",
          "switch",
          "rollback",
          "activating",
          "push",
          "pull",
          "good",
          "tag",
          "untag",
          "pin",
          "pins",
          "hold",
          "release",
          "revoke",
          "reinstate",
          "schedule",
          "unschedule");

  /**
   * Rules.
   *
   * @param over those of the command line, which take the place of the settings' of their kind
   * @param newest see {@link #newest}
   */
  KeepRules(
      Profiles profiles, Settings settings, Retention over, Instant now, Optional<Instant> newest) {
    this.doubt = newest.map(last -> doubt(last, now)).orElse("");
    this.profiles = profiles;
    this.settings = settings;
    this.over = over;
    this.now = now;
  }

  /**
   * Those of the settings, for all profiles of a store, as of now; a person is told if nothing goes
   * by its age.
   *
   * @param over those that take the place of the settings' of their kind
   */
  static KeepRules of(Imgstore root, Store store, Settings settings, Retention over)
      throws IOException {
    KeepRules rules =
        new KeepRules(
            store.profiles(),
            settings,
            over,
            root.context().clock().instant(),
            newest(store.journal().list()));
    String doubt = rules.doubt(store.roots().all());
    if (!doubt.isEmpty()) {
      root.notice(
          doubt
              + "; no generation goes by its age, and no pin because its time is over. If the"
              + " clock is right, use --keep N, or make a generation first; else set the clock");
    }
    return rules;
  }

  @Override
  public Map<String, List<Retention.Verdict>> judge(List<Root> roots) throws IOException {
    Map<String, List<Retention.Verdict>> verdicts = new TreeMap<>();
    for (String name : names(roots)) {
      Profile profile = profiles.open(name).orElse(Profile.empty(name));
      verdicts.put(name, of(name).judge(profile, roots, now));
    }
    return verdicts;
  }

  private static Set<String> names(List<Root> roots) {
    Set<String> names = new TreeSet<>();
    for (Root each : roots) {
      if (each instanceof Root.OfGeneration of) {
        names.add(of.profile());
      }
    }
    return names;
  }

  @Override
  public String rule(String profile) {
    return of(profile).toString();
  }

  /** By a clock that must be wrong no time is over. */
  @Override
  public boolean isOver(Root.Pin pin) {
    return doubt.isEmpty() && pin.isOver(now);
  }

  /** By a clock that must be wrong nothing is old: then a profile with a rule by age keeps all. */
  private Retention of(String profile) {
    Retention rules = settings.retention(profile).with(over);
    return doubt.isEmpty() || !isByAge(rules) ? rules : Retention.ALL;
  }

  private static boolean isByAge(Retention rules) {
    return rules.rules().stream().anyMatch(Retention.KeepFor.class::isInstance);
  }

  /**
   * When somebody last wanted something recorded. What a collection records of itself, or a look at
   * pinned files that nobody asked for, by a clock that may be wrong, makes that clock no better.
   */
  static Optional<Instant> newest(List<Journal.Entry> journal) {
    return journal.stream()
        .filter(each -> WANTED.contains(each.kind()) && !each.why().equals(PinRefresh.WHY))
        .reduce((first, second) -> second)
        .map(Journal.Entry::when);
  }

  /** Why a clock must be wrong that says this after that was recorded; empty if it may be right. */
  static String doubt(Instant newest, Instant now) {
    if (now.isBefore(newest.minus(BEHIND))) {
      return "it is " + now + " by the clock, before the newest record of the journal, " + newest;
    }
    return now.isAfter(newest.plus(AHEAD))
        ? "it is "
            + now
            + " by the clock, more than a year after the newest record of the journal, "
            + newest
        : "";
  }

  /** Why nothing goes by its age; empty if it may, or no rule asks for that. */
  String doubt(List<Root> roots) {
    boolean asked =
        names(roots).stream().anyMatch(name -> isByAge(settings.retention(name).with(over)))
            || roots.stream().anyMatch(root -> root instanceof Root.Pin pin && pin.isOver(now));
    return asked ? doubt : "";
  }

  /** All different rules, for people. */
  String words(List<Root> roots) {
    Set<String> words = new LinkedHashSet<>();
    names(roots).forEach(name -> words.add(rule(name)));
    return String.join("; ", words);
  }
}
