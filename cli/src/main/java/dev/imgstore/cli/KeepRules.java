package dev.imgstore.cli;

import dev.imgstore.builder.recipe.Settings;
import dev.imgstore.model.Profile;
import dev.imgstore.store.Collector;
import dev.imgstore.store.Profiles;
import dev.imgstore.store.Retention;
import dev.imgstore.store.Root;
import java.io.IOException;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** The rules of settings and command line, applied to all profiles. */
final class KeepRules implements Collector.Policy {
  private final Profiles profiles;
  private final Settings settings;
  private final Retention over;
  private final Instant now;

  /**
   * Rules.
   *
   * @param over those of the command line, which take the place of the settings' of their kind
   */
  KeepRules(Profiles profiles, Settings settings, Retention over, Instant now) {
    this.profiles = profiles;
    this.settings = settings;
    this.over = over;
    this.now = now;
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

  private Retention of(String profile) {
    return settings.retention(profile).with(over);
  }

  /** All different rules, for people. */
  String words(List<Root> roots) {
    Set<String> words = new LinkedHashSet<>();
    names(roots).forEach(name -> words.add(rule(name)));
    return String.join("; ", words);
  }
}
