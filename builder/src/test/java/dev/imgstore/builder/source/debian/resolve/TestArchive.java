package dev.imgstore.builder.source.debian.resolve;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.imgstore.builder.source.debian.resolve.Request.Base;
import dev.imgstore.builder.source.debian.resolve.Request.Recommends;
import dev.imgstore.builder.source.debian.resolve.Result.Chosen;
import dev.imgstore.model.Digest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Small universes written as text: fields a test does not care for are filled in. */
final class TestArchive {
  private final List<Index> indexes = new ArrayList<>();
  private final List<String> texts = new ArrayList<>();
  private List<String> foreign = List.of();

  static TestArchive of(String packages) {
    return new TestArchive().suite("stable", 500, packages);
  }

  TestArchive suite(String suite, int priority, String packages) {
    return suite(suite, priority, "amd64", packages);
  }

  TestArchive suite(String suite, int priority, String architecture, String packages) {
    indexes.add(new Index(suite, List.of(suite), "main", architecture, priority));
    texts.add(
        Arrays.stream(packages.strip().split("\n\n"))
            .map(stanza -> complete(stanza.strip(), architecture))
            .collect(Collectors.joining("\n\n")));
    return this;
  }

  TestArchive foreign(String... architectures) {
    foreign = List.of(architectures);
    return this;
  }

  /** Gives the suite that was added last to apt. */
  void writeLast(AptOracle apt) throws IOException {
    int last = indexes.size() - 1;
    Files.writeString(apt.index(indexes.get(last)), texts.get(last) + "\n");
  }

  private static String complete(String stanza, String architecture) {
    StringBuilder text = new StringBuilder(stanza);
    addIfAbsent(text, "Version", "1");
    addIfAbsent(text, "Architecture", architecture);
    addIfAbsent(text, "Priority", "optional");
    addIfAbsent(
        text, "Filename", "pool/" + Digest.of(text.toString().getBytes(UTF_8)).hex() + ".deb");
    addIfAbsent(text, "Size", "10");
    addIfAbsent(text, "SHA256", Digest.of(text.toString().getBytes(UTF_8)).hex());
    return text.toString();
  }

  private static void addIfAbsent(StringBuilder text, String field, String value) {
    if (!text.toString().startsWith(field + ":") && text.indexOf("\n" + field + ":") < 0) {
      text.append('\n').append(field).append(": ").append(value);
    }
  }

  DebianUniverse universe() {
    UniverseBuilder builder = new UniverseBuilder("amd64", foreign);
    readInto(builder);
    return builder.build();
  }

  void readInto(UniverseBuilder builder) {
    try {
      for (int i = 0; i < indexes.size(); i++) {
        builder.read(indexes.get(i), new ByteArrayInputStream(texts.get(i).getBytes(UTF_8)));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Result resolve(String... wanted) {
    return resolve(Base.NONE, Recommends.IGNORE, wanted);
  }

  Result resolve(Base base, Recommends recommends, String... wanted) {
    List<Wanted> packages = Arrays.stream(wanted).map(Wanted::parse).toList();
    return Resolver.resolve(
        universe(), new Request(packages, base, recommends, Collections.emptySortedMap()));
  }

  Result resolveKeeping(Map<String, String> keep, String... wanted) {
    List<Wanted> packages = Arrays.stream(wanted).map(Wanted::parse).toList();
    return Resolver.resolve(
        universe(), new Request(packages, Base.NONE, Recommends.IGNORE, new TreeMap<>(keep)));
  }

  /** The names and versions, with the architecture where it is foreign; or the explanation. */
  static String print(Result result) {
    return result.match(
        resolved ->
            resolved.packages().stream().map(TestArchive::label).collect(Collectors.joining(" ")),
        unsatisfiable -> String.join("; ", unsatisfiable.chain()),
        unknown ->
            unknown.missing().stream()
                .map(missing -> missing.reason() + " " + missing.instead())
                .collect(Collectors.joining("; ")));
  }

  private static String label(Chosen chosen) {
    return chosen.name()
        + (List.of("amd64", "all").contains(chosen.architecture())
            ? ""
            : ":" + chosen.architecture())
        + (chosen.version().equals("1") ? "" : "=" + chosen.version());
  }
}
