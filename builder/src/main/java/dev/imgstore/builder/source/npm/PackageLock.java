package dev.imgstore.builder.source.npm;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.imgstore.builder.source.fetch.Address;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * A package-lock.json of version 2 or 3: its {@code packages} that come from a registry. Read
 * strictly where something is used; the rest is npm's own affair.
 */
final class PackageLock {
  /** Larger lock files are refused. */
  static final int LARGEST = 64 << 20;

  private static final int MOST_PACKAGES = 100_000;
  private static final Pattern NAME = Pattern.compile("(@[a-zA-Z0-9~_.-]+/)?[a-zA-Z0-9~_.-]+");
  private static final Pattern VERSION = Pattern.compile("[0-9A-Za-z.+-]{1,128}");
  private static final ObjectMapper JSON =
      new ObjectMapper(
          JsonFactory.builder()
              .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
              .streamReadConstraints(
                  StreamReadConstraints.builder().maxNestingDepth(32).maxNameLength(4096).build())
              .build());

  private final String file;
  private final List<Entry> entries = new ArrayList<>();

  /**
   * A package at its place.
   *
   * @param location for instance {@code node_modules/a/node_modules/b}
   * @param name of the package in the registry, which an alias's place does not tell
   * @param resolved the address npm took it from; empty if the lock file leaves it out
   * @param integrity hashes, each {@code algorithm-base64}, separated by blanks
   * @param bins commands by name, each a path in the package
   * @param requested whether the project itself asks for it
   */
  record Entry(
      String location,
      String name,
      String version,
      String resolved,
      String integrity,
      SortedMap<String, String> bins,
      Constraint os,
      Constraint cpu,
      Constraint libc,
      boolean optional,
      boolean hasScript,
      boolean requested) {
    Entry {
      bins = Collections.unmodifiableSortedMap(new TreeMap<>(bins));
    }
  }

  /** A list of words of which one must be ours, or which, after a {@code !}, must not be. */
  record Constraint(List<String> words) {
    Constraint {
      words = List.copyOf(words);
    }

    boolean allows(String word) {
      boolean named = words.contains(word);
      boolean anyWanted = words.stream().anyMatch(each -> !each.startsWith("!"));
      return !words.contains("!" + word) && (named || !anyWanted || words.contains("any"));
    }
  }

  private PackageLock(String file) {
    this.file = file;
  }

  /**
   * Reads a lock file.
   *
   * @param file its name, for complaints
   * @param dev whether packages that only development needs are wanted
   * @throws IOException if it is none, or asks for what does not come from a registry
   */
  static List<Entry> read(String file, byte[] text, boolean dev) throws IOException {
    PackageLock lock = new PackageLock(file);
    JsonNode top;
    try {
      top = JSON.readTree(text);
    } catch (IOException e) {
      String why = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
      throw new IOException(file + " is no JSON: " + why, e);
    }
    int version = top.path("lockfileVersion").asInt();
    if (version != 2 && version != 3) {
      throw new IOException(
          file
              + " has lockfileVersion "
              + (version == 0 ? "none" : version)
              + ", and 2 and 3 are read; npm install --lockfile-version 3 makes it anew");
    }
    JsonNode packages = top.path("packages");
    if (packages.size() > MOST_PACKAGES) {
      throw new IOException(file + " has more than " + MOST_PACKAGES + " packages");
    }
    Set<String> requested = lock.requested(packages.path(""), dev);
    for (Map.Entry<String, JsonNode> each : packages.properties()) {
      if (!each.getKey().isEmpty()) {
        lock.entry(each.getKey(), each.getValue(), dev, requested);
      }
    }
    return lock.entries;
  }

  private Set<String> requested(JsonNode root, boolean dev) {
    Set<String> names = new HashSet<>();
    for (String kind : List.of("dependencies", "optionalDependencies", "devDependencies")) {
      if (dev || !kind.startsWith("dev")) {
        root.path(kind).fieldNames().forEachRemaining(name -> names.add("node_modules/" + name));
      }
    }
    return names;
  }

  private void entry(String location, JsonNode node, boolean dev, Set<String> requested)
      throws IOException {
    if (node.path("dev").asBoolean() && !dev) {
      return;
    }
    if (node.path("inBundle").asBoolean()) {
      return; // in the tarball of the package that bundles it
    }
    if (!isLocation(location) || node.path("link").asBoolean()) {
      throw fault(
          location, "it lies beside the lock file, and only packages of a registry are taken");
    }
    String name =
        node.path("name").asText(location.substring(location.lastIndexOf("node_modules/") + 13));
    String version = node.path("version").asText();
    String resolved = node.path("resolved").asText();
    if (!NAME.matcher(name).matches() || !VERSION.matcher(version).matches()) {
      throw fault(location, "its name or version is none of a registry");
    }
    if (!resolved.isEmpty()
        && !resolved.startsWith("https://")
        && !resolved.startsWith("http://")) {
      throw fault(location, "it comes from " + resolved + ", which is no registry");
    }
    if (!resolved.isEmpty()) {
      Address.of(file + ": " + location + ": where it comes from", resolved);
    }
    entries.add(
        new Entry(
            location,
            name,
            version,
            resolved,
            node.path("integrity").asText(),
            bins(name, node.path("bin")),
            constraint(node.path("os")),
            constraint(node.path("cpu")),
            constraint(node.path("libc")),
            node.path("optional").asBoolean() || node.path("devOptional").asBoolean(),
            node.path("hasInstallScript").asBoolean(),
            requested.contains(location)));
  }

  /** Names of packages below each other, and nothing that leads elsewhere. */
  private static boolean isLocation(String location) {
    for (String part : location.split("(^|/)node_modules/", -1)) {
      if (!part.isEmpty()
          && (!NAME.matcher(part).matches() || part.matches("\\.{1,2}|.*/\\.{1,2}"))) {
        return false;
      }
    }
    return location.startsWith("node_modules/") && !location.endsWith("/");
  }

  private static SortedMap<String, String> bins(String name, JsonNode bin) {
    SortedMap<String, String> bins = new TreeMap<>();
    if (bin.isTextual()) {
      bins.put(name.substring(name.indexOf('/') + 1), bin.asText());
    }
    for (Map.Entry<String, JsonNode> each : bin.properties()) {
      bins.put(
          each.getKey().substring(each.getKey().lastIndexOf('/') + 1), each.getValue().asText());
    }
    bins.keySet().removeIf(key -> !NAME.matcher(key).matches() || key.matches("\\.{1,2}"));
    return bins;
  }

  private static Constraint constraint(JsonNode node) {
    List<String> words = new ArrayList<>();
    if (node.isTextual()) {
      words.add(node.asText());
    }
    node.elements().forEachRemaining(each -> words.add(each.asText()));
    return new Constraint(words);
  }

  private IOException fault(String location, String why) {
    return new IOException(file + ": " + location + ": " + why);
  }
}
