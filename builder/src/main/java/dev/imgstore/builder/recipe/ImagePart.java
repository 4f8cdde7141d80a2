package dev.imgstore.builder.recipe;

import dev.imgstore.builder.recipe.RunConfig.Compression;
import dev.imgstore.builder.recipe.RunConfig.Healthcheck;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/** Reads how the image is run and packed. */
final class ImagePart {
  static final int LAYERS = 12;
  static final int MOST_LAYERS = 120;
  static final SortedMap<String, Compression> COMPRESSIONS =
      Collections.unmodifiableSortedMap(
          new TreeMap<>(Map.of("zstd", Compression.ZSTD, "gzip", Compression.GZIP)));

  private static final Set<String> PROTOCOLS = new TreeSet<>(Set.of("tcp", "udp", "sctp"));
  private static final RunConfig DEFAULT =
      new RunConfig(
          List.of(),
          List.of(),
          new TreeMap<>(),
          "/",
          "",
          List.of(),
          List.of(),
          new TreeMap<>(),
          "",
          Healthcheck.NONE,
          Compression.ZSTD,
          LAYERS);

  private ImagePart() {}

  static RunConfig read(Section recipe, Optional<DiskConfig> disk) {
    RunConfig config = recipe.section("image", Part.IMAGE).map(ImagePart::config).orElse(DEFAULT);
    String label = config.labels().get(DiskConfig.LABEL);
    if (label != null) {
      labelled(recipe, label, disk);
    }
    return disk.map(machine -> config.with(DiskConfig.LABEL, machine.toString())).orElse(config);
  }

  /** A disk that is written as the label of the image that it is in. */
  private static void labelled(Section recipe, String label, Optional<DiskConfig> disk) {
    Place place = recipe.place("image");
    if (disk.isPresent()) {
      recipe.complain(
          place, "the label `" + DiskConfig.LABEL + "` is what `disk` says; leave it out");
      return;
    }
    try {
      DiskConfig.parse(label);
    } catch (IllegalArgumentException e) {
      recipe.complain(place, String.valueOf(e.getMessage()));
    }
  }

  private static RunConfig config(Section image) {
    return new RunConfig(
        image.texts("entrypoint", Rules.ANY),
        image.texts("cmd", Rules.ANY),
        image.map("env", Rules.ENV_NAME, Rules.ANY),
        image.text("workdir", "/", Rules.ABSOLUTE),
        image.parsed("user", ImagePart::user).orElse(""),
        ports(image),
        image.distinct("volumes", List.of(), Rules.VOLUME),
        image.map("labels", Rules.LABEL, Rules.ANY),
        image.text("stop-signal", "", Rules.SIGNAL),
        image
            .section("healthcheck", Part.HEALTHCHECK)
            .map(ImagePart::healthcheck)
            .orElse(Healthcheck.NONE),
        image.choice("compression", Compression.ZSTD, COMPRESSIONS),
        (int) image.number("layers", LAYERS, 1, MOST_LAYERS));
  }

  private static Parsed<String> user(String text) {
    String[] parts = text.split(":", -1);
    for (String part : parts) {
      if (parts.length > 2 || !FilesPart.isAccount(part)) {
        return new Parsed.Bad<>(
            Complaints.quote(text)
                + " is no user; it is `user` or `user:group`, each a name or a number");
      }
    }
    return new Parsed.Good<>(text);
  }

  private static List<String> ports(Section image) {
    Set<String> ports = new HashSet<>();
    for (Yaml item : image.list("ports")) {
      Optional<String> text = image.values().text("ports", item, Rules.ANY);
      Parsed<String> port = text.map(ImagePart::port).orElse(new Parsed.Good<>(""));
      port.complaint().ifPresent(wrong -> image.complain(item.place(), "`ports`: " + wrong));
      port.value()
          .filter(good -> !good.isEmpty() && !ports.add(good))
          .ifPresent(good -> image.complain(item.place(), "`ports`: `" + good + "` is here twice"));
    }
    return List.copyOf(ports);
  }

  /** {@code 80} or {@code 80/tcp}; always given back with its protocol. */
  static Parsed<String> port(String text) {
    String quoted = Complaints.quote(text);
    if (text.contains(":")) {
      return new Parsed.Bad<>(
          quoted + " maps a port; an image only names its own, whoever runs it maps them");
    }
    String[] parts = text.split("/", -1);
    String protocol = parts.length == 2 ? parts[1] : "tcp";
    if (parts.length > 2
        || !parts[0].matches("[1-9][0-9]{0,4}")
        || Integer.parseInt(parts[0]) > 65_535) {
      return new Parsed.Bad<>(quoted + " is no port; write 1 to 65535, like `80` or `53/udp`");
    }
    Optional<String> complaint = Rule.oneOf(PROTOCOLS).complaint(protocol);
    return complaint.isPresent()
        ? new Parsed.Bad<>(quoted + ": the protocol " + complaint.get())
        : new Parsed.Good<>(parts[0] + "/" + protocol);
  }

  private static Healthcheck healthcheck(Section section) {
    section.required("test", "a health check");
    List<String> test = section.texts("test", Rules.ANY);
    if (!test.isEmpty() || section.value("test").filter(RecipeReader::isEmptyList).isPresent()) {
      testComplaint(test).ifPresent(text -> section.complain(section.place("test"), text));
    }
    return new Healthcheck(
        test,
        span(section, "interval"),
        span(section, "timeout"),
        span(section, "start-period"),
        (int) section.number("retries", 0, 0, 1000));
  }

  private static Optional<String> testComplaint(List<String> test) {
    String first = test.isEmpty() ? "" : test.get(0);
    boolean good =
        switch (first) {
          case "CMD" -> test.size() > 1;
          case "CMD-SHELL" -> test.size() == 2;
          case "NONE" -> test.size() == 1;
          default -> false;
        };
    return good
        ? Optional.empty()
        : Optional.of(
            "`test` is `[CMD, program, argument...]`, `[CMD-SHELL, \"one line\"]` or `[NONE]`");
  }

  private static long span(Section section, String key) {
    return section.parsed(key, Times::nanos).orElse(0L);
  }
}
