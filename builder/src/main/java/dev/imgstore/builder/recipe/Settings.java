package dev.imgstore.builder.recipe;

import dev.imgstore.store.Retention;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What a person set in the settings files, by key: {@code max-size}, {@code retention.keep}, {@code
 * retention.profiles.web.for}, {@code caches}, {@code trust.keys.ci}. A list is one value. All
 * values are valid; what is not set has its default.
 */
public record Settings(SortedMap<String, Setting> values) {
  /** Nothing is set. */
  public static final Settings NONE = new Settings(Collections.emptySortedMap());

  static final String MAX_SIZE = "max-size";
  static final String CATALOG_URL = "catalog.url";
  static final String RETENTION = "retention.";
  static final String PROFILES = "retention.profiles.";
  static final String CACHES = "caches";
  static final String TRUST = "trust.";
  static final String NEED = "need";
  static final String KEYS = "trust.keys.";
  static final String REGISTRIES = "registries.";
  static final String INSECURE = ".insecure";
  static final String SWITCHING = "profiles.";
  static final String ACTIVATE = "activate";
  static final String HEALTH = "health";
  static final String TIMEOUT = "timeout";
  static final String FORM = "form";
  static final String PINS = "pins.";
  static final String GRACE = "grace";
  static final String KEEP = "keep";
  static final String FOR = "for";
  static final String ALWAYS = "always";
  static final String IDENTITY = "identity";
  static final String CHECKPOINTS = "checkpoints";
  static final String KEY = "key";
  static final String AFTER = "after";

  private static final Duration TIMEOUT_UNLESS_SET = Duration.ofSeconds(30);
  private static final Pattern DURATION = Pattern.compile("([1-9][0-9]{0,4})([smh])");
  private static final Duration USUAL_GRACE = Duration.ofDays(7);
  private static final Pattern BYTES = Pattern.compile("([1-9][0-9]{0,8}) ?([KMGT])(?:iB)?");

  /**
   * One value.
   *
   * @param text as it was written
   * @param origin the file that set it
   */
  public record Setting(String text, String origin) {
    private static final Pattern PASSWORD = Pattern.compile("(?<=[?&]password=)[^&]*");

    /** For people: a password in a URL is not shown. */
    public String shown() {
      return PASSWORD.matcher(text).replaceAll("...");
    }
  }

  /** Copies in. */
  public Settings {
    values = Collections.unmodifiableSortedMap(new TreeMap<>(values));
  }

  /** These settings, where they are set, over others. */
  public Settings over(Settings weaker) {
    SortedMap<String, Setting> all = new TreeMap<>(weaker.values);
    all.putAll(values);
    return new Settings(all);
  }

  /** What runs the commands, for the journal: a text with {@code ${NAME}}; empty if unset. */
  public String identity() {
    Setting set = values.get(IDENTITY);
    return set == null ? "" : set.text();
  }

  /** The key that signs checkpoints of the journal by itself; empty if none does. */
  public String checkpointKey() {
    Setting set = values.get(CHECKPOINTS + "." + KEY);
    return set == null ? "" : set.text();
  }

  /** After which changes a checkpoint is made: {@code collection}, {@code push}, ... */
  public List<String> checkpointAfter() {
    Setting set = values.get(CHECKPOINTS + "." + AFTER);
    return set == null ? List.of("collection", "push") : words(set);
  }

  private static List<String> words(Setting list) {
    return list.text().isEmpty() ? List.of() : List.of(list.text().split(", ", -1));
  }

  /** The bytes a store should have at most after a collection; 0 if there is no ceiling. */
  public long maxSize() {
    Setting set = values.get(MAX_SIZE);
    return set == null ? 0 : bytes(set.text());
  }

  /** Where the catalog is; empty for a file of the store. */
  public String catalogUrl() {
    Setting set = values.get(CATALOG_URL);
    return set == null ? "" : set.text();
  }

  /** The shared caches, {@code HOST/REPOSITORY}, in the order in which they are asked. */
  public List<String> caches() {
    Setting set = values.get(CACHES);
    return set == null ? List.of() : words(set);
  }

  /** How many trusted keys must have signed a result of a shared cache. */
  public int trustNeed() {
    Setting set = values.get(TRUST + NEED);
    return set == null ? 1 : Integer.parseInt(set.text());
  }

  /** Public keys, {@code ed25519:BASE64}, by the names that people gave them. */
  public SortedMap<String, String> trustedKeys() {
    SortedMap<String, String> keys = new TreeMap<>();
    values
        .tailMap(KEYS)
        .forEach(
            (key, set) -> {
              if (key.startsWith(KEYS)) {
                keys.put(key.substring(KEYS.length()), set.text());
              }
            });
    return keys;
  }

  /** Hosts of registries, as they are written in names, that may be asked without TLS. */
  public SortedSet<String> insecureRegistries() {
    SortedSet<String> hosts = new TreeSet<>();
    values
        .tailMap(REGISTRIES)
        .forEach(
            (key, set) -> {
              if (key.startsWith(REGISTRIES)
                  && key.endsWith(INSECURE)
                  && set.text().equals("true")) {
                hosts.add(key.substring(REGISTRIES.length(), key.length() - INSECURE.length()));
              }
            });
    return hosts;
  }

  /** The command that makes a generation of a profile work on this machine; empty for none. */
  public String activate(String profile) {
    return switching(profile, ACTIVATE);
  }

  /** The command that says whether what a profile has as current works; empty for none. */
  public String health(String profile) {
    return switching(profile, HEALTH);
  }

  /** How long each of them may take. */
  public Duration timeout(String profile) {
    String text = switching(profile, TIMEOUT);
    return text.isEmpty() ? TIMEOUT_UNLESS_SET : duration(text);
  }

  /** What other programs find of what is current: {@code tree}, {@code layout}, or empty. */
  public String form(String profile) {
    String form = switching(profile, FORM);
    return form.equals("none") ? "" : form;
  }

  private String switching(String profile, String key) {
    Setting set = values.get(SWITCHING + profile + "." + key);
    return set == null ? "" : set.text();
  }

  /**
   * A time that a program may take: {@code 30s}, {@code 5m}, {@code 1h}.
   *
   * @throws IllegalArgumentException with a sentence, if it is none
   */
  public static Duration duration(String text) {
    Matcher matcher = DURATION.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "not a time: " + text + "; write a number and s, m or h, as in 30s");
    }
    long number = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "s" -> Duration.ofSeconds(number);
      case "m" -> Duration.ofMinutes(number);
      default -> Duration.ofHours(number);
    };
  }

  /** How long an image is kept that a deploy spec does not say any more. */
  public Duration pinGrace() {
    Setting set = values.get(PINS + GRACE);
    return set == null ? USUAL_GRACE : Retention.parse(set.text());
  }

  /** The policy of profiles that have none of their own. */
  public Retention retention() {
    return under(RETENTION);
  }

  /** The policy of a profile: its own rules, and the store's where it has none of a kind. */
  public Retention retention(String profile) {
    return retention().with(under(PROFILES + profile + "."));
  }

  private Retention under(String prefix) {
    List<Retention.Rule> rules = new ArrayList<>();
    Setting keep = values.get(prefix + KEEP);
    if (keep != null) {
      rules.add(new Retention.KeepLast(Integer.parseInt(keep.text())));
    }
    Setting time = values.get(prefix + FOR);
    if (time != null) {
      rules.add(new Retention.KeepFor(Retention.parse(time.text())));
    }
    Setting always = values.get(prefix + ALWAYS);
    if (always != null) {
      rules.add(
          new Retention.Always(
              words(always).stream().map(Retention.Mark::parse).collect(Collectors.toSet())));
    }
    return new Retention(rules);
  }

  /**
   * A number of bytes as people write it: {@code 500M}, {@code 20G}, {@code 20GiB}; units are
   * powers of 1024.
   *
   * @throws IllegalArgumentException with a sentence, if it is none
   */
  public static long bytes(String text) {
    Matcher matcher = BYTES.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "not a size: " + text + "; write a number and K, M, G or T, as in 20G");
    }
    int shift = Map.of("K", 10, "M", 20, "G", 30, "T", 40).getOrDefault(matcher.group(2), 0);
    return Long.parseLong(matcher.group(1)) << shift;
  }
}
