package dev.imgstore.builder.lock;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Platform;
import dev.imgstore.model.Problem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** Reads one lock. */
final class LockParser {
  static final int LARGEST = 64 << 20;
  private static final int MOST_PROBLEMS = 100;
  private static final String AGAIN =
      "; take the lock from version control or make it again with `imgstore lock`";
  private static final List<String> TOP = List.of("format", "source", "date", "inputs");
  private static final String FETCHED = "fetched";
  private static final List<String> TEXTS =
      List.of(
          "kind",
          "platform",
          "name",
          "version",
          "architecture",
          "suite",
          "component",
          "sha256",
          "path",
          "reason");
  private static final List<String> FETCHED_TEXTS =
      List.of("input", "source", "kind", "name", "version", "sha256", "path", "reason");

  /** Only there if the input is for the root of a step. */
  private static final String ROOT = "root";

  /** Only there if a signature was checked. */
  private static final String SIGNER = "signer";

  private static final Set<String> KINDS = Set.of("debian");
  private static final Set<String> FETCHED_KINDS = Set.of("url", "maven", "npm", "git", "oci");
  private static final Set<String> FORMATS =
      Set.of("" + LockCodec.PACKAGES_ONLY, "" + LockCodec.FORMAT);
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(8)
                  .maxStringLength(1 << 16)
                  .maxNameLength(1 << 10)
                  .maxNumberLength(32)
                  .build())
          .build();

  private final String file;
  private final JsonParser parser;
  private final List<Problem> problems = new ArrayList<>();
  private final Map<String, Integer> lines = new HashMap<>();

  private record Field(String text, JsonToken token, JsonLocation at) {}

  private LockParser(String file, JsonParser parser) {
    this.file = file;
    this.parser = parser;
  }

  static LockCodec.Result read(String file, byte[] json) {
    if (json.length > LARGEST) {
      return mistakes(new Problem(file, 0, 0, "a lock has at most 64 MiB" + AGAIN));
    }
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(json)).toString();
    } catch (CharacterCodingException e) {
      return mistakes(new Problem(file, 0, 0, "this lock is not UTF-8" + AGAIN));
    }
    List<Problem> conflicts = conflicts(file, text);
    if (!conflicts.isEmpty()) {
      return new LockCodec.Mistakes(conflicts);
    }
    try (JsonParser parser = JSON.createParser(text)) {
      return new LockParser(file, parser).lock();
    } catch (JsonProcessingException e) {
      JsonLocation at = e.getLocation();
      String why = e.getOriginalMessage().lines().findFirst().orElse("");
      return mistakes(
          new Problem(
              file,
              at == null ? 0 : Math.max(0, at.getLineNr()),
              at == null ? 0 : Math.max(0, at.getColumnNr()),
              "this is no lock: " + why + AGAIN));
    } catch (IOException e) {
      throw new UncheckedIOException("a text in memory cannot fail", e);
    }
  }

  private static LockCodec.Result mistakes(Problem problem) {
    return new LockCodec.Mistakes(List.of(problem));
  }

  private static List<Problem> conflicts(String file, String text) {
    List<Problem> found = new ArrayList<>();
    int number = 0;
    for (String line : (Iterable<String>) text.lines()::iterator) {
      number++;
      if (line.startsWith("<<<<<<<")) {
        found.add(
            new Problem(
                file,
                number,
                1,
                "a merge left both sides here; keep one side of the whole lock, then run"
                    + " `imgstore lock`"));
      }
    }
    return found;
  }

  private LockCodec.Result lock() throws IOException {
    JsonToken first = parser.nextToken();
    if (first != JsonToken.START_OBJECT) {
      return mistakes(problem(here(), "a lock is one JSON object" + AGAIN));
    }
    JsonLocation start = here();
    Map<String, Field> fields = new HashMap<>();
    List<Lock.Input> inputs = new ArrayList<>();
    List<Lock.Fetched> fetched = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      JsonLocation at = here();
      parser.nextToken();
      Field field = field();
      if (!TOP.contains(name) && !name.equals(FETCHED)) {
        add(at, "unknown field `" + plain(name) + "`");
        parser.skipChildren();
      } else if (name.equals("format") && !FORMATS.contains(field.text())) {
        return mistakes(
            problem(
                field.at(),
                "this lock has format "
                    + plain(field.text())
                    + ", this imgstore reads format "
                    + LockCodec.FORMAT
                    + "; use the imgstore that wrote it, or make it again with `imgstore lock`"));
      } else if (name.equals("inputs") && field.token() == JsonToken.START_ARRAY) {
        inputs = list("an input", TEXTS, this::input);
      } else if (name.equals(FETCHED) && field.token() == JsonToken.START_ARRAY) {
        fetched = list("a fetched file", FETCHED_TEXTS, this::fetched);
      } else {
        parser.skipChildren();
      }
      fields.put(name, field);
    }
    if (parser.nextToken() != null) {
      add(here(), "there is something after the lock's end");
    }
    missing(start, "a lock", TOP, fields);
    Optional<Digest> source = value(fields, "source", Digest::parse);
    Optional<Instant> date = value(fields, "date", LockParser::date);
    for (String name : List.of("inputs", FETCHED)) {
      Field list = fields.get(name);
      if (list != null && list.token() != JsonToken.START_ARRAY) {
        add(list.at(), "`" + name + "` is a list");
      }
    }
    agree(fields);
    return problems.isEmpty() && source.isPresent() && date.isPresent()
        ? new LockCodec.Read(new Lock(source.get(), date.get(), inputs, fetched))
        : new LockCodec.Mistakes(sorted());
  }

  /** Format 1 has no fetched files; format 2 has some. */
  private void agree(Map<String, Field> fields) {
    Field format = fields.get("format");
    Field fetched = fields.get(FETCHED);
    boolean packagesOnly = format != null && format.text().equals("" + LockCodec.PACKAGES_ONLY);
    if (format != null && packagesOnly == (fetched != null)) {
      add(
          format.at(),
          packagesOnly ? "a lock of format 1 has no `fetched`" : "a lock needs `fetched`");
    }
  }

  /** Makes a pin of the fields of an object that begins somewhere. */
  private interface Pinning<T> {
    Optional<T> of(JsonLocation start, Map<String, Field> fields);
  }

  private <T> List<T> list(String what, List<String> texts, Pinning<T> pinning) throws IOException {
    List<T> inputs = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      JsonLocation start = here();
      if (parser.currentToken() != JsonToken.START_OBJECT) {
        add(start, what + " is a JSON object");
        parser.skipChildren();
        continue;
      }
      Map<String, Field> fields = new HashMap<>();
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String name = parser.currentName();
        JsonLocation at = here();
        parser.nextToken();
        boolean ours = name.equals(texts.contains("platform") ? ROOT : SIGNER);
        if (texts.contains(name) || name.equals("size") || ours) {
          fields.put(name, field());
        } else {
          add(at, "unknown field `" + plain(name) + "` of " + what);
        }
        parser.skipChildren();
      }
      pinning.of(start, fields).ifPresent(inputs::add);
    }
    return inputs;
  }

  private Optional<Lock.Input> input(JsonLocation start, Map<String, Field> fields) {
    int before = problems.size();
    missing(start, "an input", TEXTS, fields);
    missing(start, "an input", List.of("size"), fields);
    Map<String, String> texts = new HashMap<>();
    for (String name : TEXTS) {
      if (!name.equals("platform") && !name.equals("sha256")) {
        value(fields, name, text -> checked(name, text, KINDS)).ifPresent(t -> texts.put(name, t));
      }
    }
    value(fields, ROOT, text -> checked(ROOT, text, KINDS)).ifPresent(t -> texts.put(ROOT, t));
    Optional<Platform> platform = value(fields, "platform", Platform::parse);
    Optional<Digest> sha256 = value(fields, "sha256", Digest::new);
    Optional<Long> size = size(fields);
    if (problems.size() > before
        || platform.isEmpty()
        || sha256.isEmpty()
        || size.isEmpty()
        || texts.size() < TEXTS.size() - 2) {
      return Optional.empty();
    }
    Function<String, String> text = name -> texts.getOrDefault(name, "");
    Lock.Input input =
        new Lock.Input(
            text.apply("kind"),
            platform.get(),
            text.apply("name"),
            text.apply("version"),
            text.apply("architecture"),
            text.apply("suite"),
            text.apply("component"),
            sha256.get(),
            size.get(),
            text.apply("path"),
            text.apply("reason"),
            text.apply(ROOT));
    return once(start, input);
  }

  private Optional<Lock.Fetched> fetched(JsonLocation start, Map<String, Field> fields) {
    int before = problems.size();
    missing(start, "a fetched file", FETCHED_TEXTS, fields);
    missing(start, "a fetched file", List.of("size"), fields);
    Map<String, String> texts = new HashMap<>();
    for (String name : FETCHED_TEXTS) {
      if (!name.equals("sha256")) {
        value(fields, name, text -> checkedFetched(name, text)).ifPresent(t -> texts.put(name, t));
      }
    }
    value(fields, SIGNER, text -> checked("reason", text, FETCHED_KINDS))
        .ifPresent(t -> texts.put(SIGNER, t));
    Optional<Digest> sha256 = value(fields, "sha256", Digest::new);
    Optional<Long> size = size(fields);
    if (problems.size() > before || sha256.isEmpty() || size.isEmpty()) {
      return Optional.empty();
    }
    Function<String, String> text = name -> texts.getOrDefault(name, "");
    return once(
        start,
        new Lock.Fetched(
            text.apply("input"),
            text.apply("source"),
            text.apply("kind"),
            text.apply("name"),
            text.apply("version"),
            sha256.get(),
            size.get(),
            text.apply("path"),
            text.apply("reason"),
            text.apply(SIGNER)));
  }

  private <T extends Lock.Pinned> Optional<T> once(JsonLocation start, T pinned) {
    Integer line = lines.putIfAbsent(pinned.identity(), start.getLineNr());
    if (line != null) {
      add(start, "`" + pinned.name() + "` is pinned twice; the first is in line " + line);
      return Optional.empty();
    }
    return Optional.of(pinned);
  }

  private static String checkedFetched(String field, String text) {
    return field.equals("version") && text.isEmpty() ? text : checked(field, text, FETCHED_KINDS);
  }

  private static String checked(String field, String text, Set<String> kinds) {
    LockRules.complaint(field, text)
        .ifPresent(
            wrong -> {
              throw new IllegalArgumentException(wrong);
            });
    if (field.equals("kind") && !kinds.contains(text)) {
      throw new IllegalArgumentException("is unknown to this imgstore");
    }
    return text;
  }

  private static Instant date(String text) {
    try {
      Instant date = Instant.parse(text);
      if (date.toString().equals(text)
          && date.equals(date.truncatedTo(ChronoUnit.SECONDS))
          && !date.isBefore(Instant.EPOCH)
          && !date.isAfter(Lock.LATEST)) {
        return date;
      }
    } catch (DateTimeException e) {
      // Told below, with what would be right.
    }
    throw new IllegalArgumentException("must be a time like 2024-01-01T00:00:00Z");
  }

  private Optional<Long> size(Map<String, Field> fields) {
    Field field = fields.get("size");
    if (field == null) {
      return Optional.empty();
    }
    if (field.token() == JsonToken.VALUE_NUMBER_INT && field.text().matches("0|[1-9][0-9]{0,17}")) {
      return Optional.of(Long.parseLong(field.text()));
    }
    add(field.at(), "`size` is a number of bytes");
    return Optional.empty();
  }

  private <T> Optional<T> value(Map<String, Field> fields, String name, Function<String, T> parse) {
    Field field = fields.get(name);
    if (field == null) {
      return Optional.empty();
    }
    if (field.token() != JsonToken.VALUE_STRING) {
      add(field.at(), "`" + name + "` is a text in quotes");
      return Optional.empty();
    }
    try {
      return Optional.of(parse.apply(field.text()));
    } catch (IllegalArgumentException e) {
      add(field.at(), "`" + name + "`: " + plain(field.text()) + ": " + e.getMessage());
      return Optional.empty();
    }
  }

  private void missing(
      JsonLocation start, String what, List<String> names, Map<String, Field> fields) {
    for (String name : names) {
      if (!fields.containsKey(name)) {
        add(start, what + " needs `" + name + "`");
      }
    }
  }

  private Field field() throws IOException {
    JsonToken token = parser.currentToken();
    String text = token.isScalarValue() ? parser.getText() : "";
    return new Field(text, token, here());
  }

  private JsonLocation here() {
    return parser.currentTokenLocation();
  }

  private Problem problem(JsonLocation at, String text) {
    return new Problem(file, Math.max(0, at.getLineNr()), Math.max(0, at.getColumnNr()), text);
  }

  private void add(JsonLocation at, String text) {
    problems.add(problem(at, text));
  }

  private List<Problem> sorted() {
    return problems.stream()
        .sorted(Comparator.comparingInt(Problem::line).thenComparingInt(Problem::column))
        .limit(MOST_PROBLEMS)
        .toList();
  }

  private static String plain(String text) {
    String cut = text.length() > 60 ? text.substring(0, 60) + "…" : text;
    return cut.replaceAll("[^ -~…]", "\ufffd");
  }
}
