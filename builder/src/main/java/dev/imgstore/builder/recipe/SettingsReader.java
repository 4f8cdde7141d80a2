package dev.imgstore.builder.recipe;

import dev.imgstore.model.Problem;
import dev.imgstore.model.Profile;
import dev.imgstore.store.Retention;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Text to {@link Settings}: strict YAML 1.2, all mistakes at once. Pure, as {@link RecipeReader}.
 */
public final class SettingsReader {
  private static final int MOST_KEPT = 1_000_000;

  private final String file;
  private final Values values;
  private final SortedMap<String, Settings.Setting> found = new TreeMap<>();

  private SettingsReader(String file, Complaints complaints) {
    this.file = file;
    this.values = new Values(complaints);
  }

  /** The mappings of a settings file and the keys each knows. */
  private enum Mapping implements Keys {
    TOP("catalog", "retention", Settings.MAX_SIZE),
    CATALOG("url"),
    RETENTION(Settings.KEEP, Settings.FOR, "profiles"),
    PROFILE(Settings.KEEP, Settings.FOR);

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
    top.section("retention", Mapping.RETENTION)
        .ifPresent(
            retention -> {
              policy(Settings.RETENTION, retention);
              retention.value("profiles").ifPresent(this::profiles);
            });
  }

  private static Optional<String> catalog(String url) {
    return url.startsWith("jdbc:postgresql:")
        ? Optional.empty()
        : Optional.of(
            "a catalog's URL begins with jdbc:postgresql:, as in jdbc:postgresql://host/db");
  }

  private void profiles(Yaml node) {
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
      Section.of("`" + name + "`", entry.value(), Mapping.PROFILE, values)
          .ifPresent(section -> policy(Settings.PROFILES + name + ".", section));
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
