package dev.imgstore.builder.recipe;

import dev.imgstore.model.Problem;
import dev.imgstore.model.Profile;
import dev.imgstore.store.Retention;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * Text to {@link Settings}: strict YAML 1.2, all mistakes at once. Pure, as {@link RecipeReader}.
 */
public final class SettingsReader {
  private static final int MOST_KEPT = 1_000_000;
  private static final int MOST_KEYS = 100;
  private static final int LONGEST_COMMAND = 4096;
  private static final List<String> FORMS = List.of("none", "tree", "layout");

  private static final String HOST_TEXT =
      "(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\\[[0-9a-fA-F:]+\\])(?::[0-9]{1,5})?";
  private static final String PART = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
  private static final Pattern HOST = Pattern.compile(HOST_TEXT);
  private static final Pattern REPOSITORY =
      Pattern.compile("(?=localhost/|[^/]*[.:])" + HOST_TEXT + "/" + PART + "(?:/" + PART + ")*");
  private static final Pattern PUBLIC_KEY = Pattern.compile("ed25519:[A-Za-z0-9+/]{43}=");

  private final String file;
  private final Values values;
  private final SortedMap<String, Settings.Setting> found = new TreeMap<>();

  private SettingsReader(String file, Complaints complaints) {
    this.file = file;
    this.values = new Values(complaints);
  }

  /** The mappings of a settings file and the keys each knows. */
  private enum Mapping implements Keys {
    TOP(
        Settings.CACHES,
        "catalog",
        "pins",
        "profiles",
        Settings.CHECKPOINTS,
        Settings.IDENTITY,
        "registries",
        "retention",
        "trust",
        Settings.MAX_SIZE),
    SWITCHING(Settings.ACTIVATE, Settings.HEALTH, Settings.TIMEOUT, Settings.FORM),
    CHECKPOINT(Settings.KEY, Settings.AFTER),
    CACHE("repository"),
    PINS(Settings.GRACE),
    REGISTRY("insecure"),
    TRUST("keys", Settings.NEED),
    CATALOG("url"),
    RETENTION(Settings.KEEP, Settings.FOR, Settings.ALWAYS, "profiles"),
    PROFILE(Settings.KEEP, Settings.FOR, Settings.ALWAYS);

    @SuppressWarnings("ImmutableEnumChecker") // List.of cannot be changed
    private final List<String> keys;

    Mapping(String... keys) {
      this.keys = List.of(keys);
    }

    @Override
    public List<String> keys() {
      return keys;
    }

    @Override
    public String unknown(String key) {
      String written = "unknown setting " + Complaints.quote(key);
      return Nearest.of(key, keys)
          .map(near -> written + "; did you mean `" + near + "`?")
          .orElse(written + "; the settings here are `" + String.join("`, `", keys) + "`");
    }
  }

  /**
   * Reads a settings file; one without anything sets nothing.
   *
   * @param file as the person named it; used in messages and as the origin of each setting
   * @param yaml UTF-8, at most 1 MiB
   * @param problems gets what is wrong, by place; nothing if all is well
   * @return what could be read
   */
  public static Settings read(String file, byte[] yaml, List<Problem> problems) {
    Complaints complaints = new Complaints(file);
    SettingsReader reader = new SettingsReader(file, complaints);
    try {
      Optional<Yaml> root = YamlComposer.compose(YamlText.decode(yaml), complaints);
      boolean nothing =
          root.isEmpty() || (root.get() instanceof Yaml.Scalar scalar && scalar.isNull());
      if (!nothing) {
        Section.of("a settings file", root.get(), Mapping.TOP, reader.values)
            .ifPresent(reader::top);
      }
    } catch (Unreadable e) {
      complaints.add(e.place(), e.why());
    }
    problems.addAll(complaints.sorted());
    return new Settings(reader.found);
  }

  private void top(Section top) {
    set(Settings.MAX_SIZE, top, Settings.MAX_SIZE, rule(Settings::bytes));
    top.section("catalog", Mapping.CATALOG)
        .ifPresent(catalog -> set(Settings.CATALOG_URL, catalog, "url", SettingsReader::catalog));
    top.section("pins", Mapping.PINS)
        .ifPresent(
            pins ->
                set(Settings.PINS + Settings.GRACE, pins, Settings.GRACE, rule(Retention::parse)));
    top.section("retention", Mapping.RETENTION)
        .ifPresent(
            retention -> {
              policy(Settings.RETENTION, retention);
              retention
                  .value("profiles")
                  .ifPresent(
                      node ->
                          profiles(
                              node,
                              Mapping.PROFILE,
                              (name, own) -> policy(Settings.PROFILES + name + ".", own)));
            });
    top.value("profiles").ifPresent(node -> profiles(node, Mapping.SWITCHING, this::switching));
    if (top.has(Settings.CACHES)) {
      caches(top);
    }
    set(Settings.IDENTITY, top, Settings.IDENTITY, rule(Identity::parse));
    top.section(Settings.CHECKPOINTS, Mapping.CHECKPOINT).ifPresent(this::checkpoints);
    top.section("trust", Mapping.TRUST).ifPresent(this::trust);
    for (Yaml.Entry entry : top.entries("registries")) {
      registry(entry);
    }
  }

  /** One value, so that a stronger file names all caches, or none with an empty list. */
  private void caches(Section top) {
    Set<String> caches = new LinkedHashSet<>();
    for (Yaml item : top.list(Settings.CACHES)) {
      Section.of("a cache", item, Mapping.CACHE, values)
          .ifPresent(
              cache -> {
                cache.required("repository", "a cache");
                cache
                    .text("repository", SettingsReader::repository)
                    .filter(repository -> !caches.add(repository))
                    .ifPresent(
                        twice ->
                            cache.complain(
                                item.place(), Complaints.quote(twice) + " is here twice"));
              });
    }
    found.put(Settings.CACHES, new Settings.Setting(String.join(", ", caches), file));
  }

  private static Optional<String> repository(String text) {
    return REPOSITORY.matcher(text).matches()
        ? Optional.empty()
        : Optional.of(
            Complaints.quote(text)
                + " names no repository; write HOST/REPOSITORY without a tag, as in"
                + " registry.example.com/team/cache");
  }

  private void trust(Section trust) {
    if (trust.has(Settings.NEED)) {
      long need = trust.number(Settings.NEED, 0, 1, MOST_KEYS);
      if (need > 0) {
        found.put(Settings.TRUST + Settings.NEED, new Settings.Setting(Long.toString(need), file));
      }
    }
    trust
        .map("keys", SettingsReader::keyName, SettingsReader::publicKey)
        .forEach((name, key) -> found.put(Settings.KEYS + name, new Settings.Setting(key, file)));
  }

  private void checkpoints(Section section) {
    section.required(Settings.KEY, "`checkpoints`");
    set(Settings.CHECKPOINTS + "." + Settings.KEY, section, Settings.KEY, SettingsReader::keyName);
    list(
        Settings.CHECKPOINTS + "." + Settings.AFTER,
        section,
        Settings.AFTER,
        Rule.oneOf(List.of("collection", "push", "pin", "build", "every")));
  }

  private static Optional<String> keyName(String text) {
    return Profile.isName(text)
        ? Optional.empty()
        : Optional.of(Complaints.quote(text) + " names no key; " + Profile.NAME_RULE);
  }

  private static Optional<String> publicKey(String text) {
    return PUBLIC_KEY.matcher(text).matches()
        ? Optional.empty()
        : Optional.of(
            "a public key is ed25519: and 44 characters of Base64; imgstore key show NAME prints"
                + " it");
  }

  private void registry(Yaml.Entry entry) {
    String host = entry.key().text();
    if (!HOST.matcher(host).matches()) {
      values
          .complaints()
          .add(
              entry.key().place(),
              Complaints.quote(host) + " is no host; write it as in names, with its port if any");
      return;
    }
    Section.of("`" + host + "`", entry.value(), Mapping.REGISTRY, values)
        .filter(registry -> registry.has("insecure"))
        .ifPresent(
            registry ->
                found.put(
                    Settings.REGISTRIES + host + Settings.INSECURE,
                    new Settings.Setting(
                        Boolean.toString(registry.flag("insecure", false)), file)));
  }

  private static Optional<String> catalog(String url) {
    return url.startsWith("jdbc:postgresql:")
        ? Optional.empty()
        : Optional.of(
            "a catalog's URL begins with jdbc:postgresql:, as in jdbc:postgresql://host/db");
  }

  /** What is done when another generation becomes current. */
  private void switching(String name, Section section) {
    String prefix = Settings.SWITCHING + name + ".";
    for (String key : List.of(Settings.ACTIVATE, Settings.HEALTH)) {
      set(prefix + key, section, key, SettingsReader::command);
    }
    set(prefix + Settings.TIMEOUT, section, Settings.TIMEOUT, rule(Settings::duration));
    set(prefix + Settings.FORM, section, Settings.FORM, SettingsReader::form);
  }

  private static Optional<String> command(String text) {
    return text.indexOf('\0') < 0 && text.length() <= LONGEST_COMMAND
        ? Optional.empty()
        : Optional.of("a command has at most " + LONGEST_COMMAND + " characters, and none is NUL");
  }

  private static Optional<String> form(String text) {
    return FORMS.contains(text)
        ? Optional.empty()
        : Optional.of(Complaints.quote(text) + " is no form; it can be none, tree or layout");
  }

  private void profiles(Yaml node, Mapping keys, BiConsumer<String, Section> own) {
    if (!(node instanceof Yaml.Mapping mapping)) {
      values
          .complaints()
          .add(node.place(), "`profiles` is a mapping of names, this is " + node.kind());
      return;
    }
    for (Yaml.Entry entry : mapping.entries()) {
      String name = entry.key().text();
      if (!Profile.isName(name)) {
        values
            .complaints()
            .add(
                entry.key().place(),
                Complaints.quote(name) + " names no profile; " + Profile.NAME_RULE);
        continue;
      }
      Section.of("`" + name + "`", entry.value(), keys, values)
          .ifPresent(section -> own.accept(name, section));
    }
  }

  private void policy(String prefix, Section section) {
    if (section.has(Settings.KEEP)) {
      long keep = section.number(Settings.KEEP, 0, 1, MOST_KEPT);
      if (keep > 0) {
        found.put(prefix + Settings.KEEP, new Settings.Setting(Long.toString(keep), file));
      }
    }
    set(prefix + Settings.FOR, section, Settings.FOR, rule(Retention::parse));
    list(prefix + Settings.ALWAYS, section, Settings.ALWAYS, rule(Retention.Mark::parse));
  }

  /** One value, so that a stronger file names all, or none with an empty list. */
  private void list(String key, Section section, String name, Rule rule) {
    if (section.has(name)) {
      List<String> texts = section.distinct(name, List.of(), rule);
      found.put(key, new Settings.Setting(String.join(", ", texts), file));
    }
  }

  private void set(String key, Section section, String name, Rule rule) {
    section.text(name, rule).ifPresent(text -> found.put(key, new Settings.Setting(text, file)));
  }

  /** What a parser takes; its sentence where it does not. */
  private static Rule rule(Consumer<String> parser) {
    return text -> {
      try {
        parser.accept(text);
        return Optional.empty();
      } catch (IllegalArgumentException e) {
        return Optional.of(String.valueOf(e.getMessage()));
      }
    };
  }
}
