package dev.imgstore.builder.source.debian.resolve;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The machine's own apt on an empty system of its own: nothing installed, no configuration but what
 * is here, and the very index files a test gives it. It is asked what it would install and answers
 * no to its own question, which is the same as a simulation without the slow ordering of steps.
 */
final class AptOracle {
  private static final Path APT = Path.of("/usr/bin/apt-get");
  private static final Pattern NEW_PACKAGE = Pattern.compile(" {3}(\\S+) \\((\\S+)\\)");

  private static final String NEW = "The following NEW packages will be installed:";

  private final Path root;
  private final StringBuilder sources = new StringBuilder();
  private final List<String> architectures;

  /** In an empty directory; the first architecture is the machine's. */
  AptOracle(Path root, List<String> architectures) throws IOException {
    this.root = root;
    this.architectures = architectures;
    for (String name : List.of("etc", "lists/partial", "cache/archives/partial", "none")) {
      Files.createDirectories(root.resolve(name));
    }
    Files.writeString(root.resolve("status"), "");
  }

  static boolean isThere() {
    return Files.isExecutable(APT);
  }

  /** Where the index of a suite must be put; adds the suite. */
  Path index(Index index) throws IOException {
    String line =
        "deb [trusted=yes arch=%s] file:/r/%s %s main\n"
            .formatted(String.join(",", architectures), index.suite(), index.suite());
    if (sources.indexOf(line) < 0) {
      sources.append(line);
      Files.writeString(root.resolve("etc/sources.list"), sources);
    }
    String prefix = "_r_" + index.suite() + "_dists_" + index.suite() + "_";
    String automatic =
        switch (index.priority()) {
          case 500 -> "";
          case 100 -> "NotAutomatic: yes\nButAutomaticUpgrades: yes\n";
          default -> "NotAutomatic: yes\n";
        };
    Files.writeString(
        root.resolve("lists").resolve(prefix + "Release"),
        "Suite: %1$s\nCodename: %1$s\nComponents: main\nArchitectures: %2$s\n%3$s"
            .formatted(index.suite(), String.join(" ", architectures), automatic));
    return root.resolve("lists")
        .resolve(prefix + "main_binary-" + index.architecture() + "_Packages");
  }

  /** What apt would install, as name=version; empty if it refuses. */
  Optional<SortedSet<String>> install(boolean recommends, List<String> wanted)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(APT.toString(), "-q", "-V", "--assume-no"));
    command.addAll(List.of("-o", "APT::Install-Recommends=" + recommends));
    // What is abandoned on the way is not kept because something merely suggests it.
    command.addAll(List.of("-o", "APT::AutoRemove::RecommendsImportant=" + recommends));
    command.add("install");
    command.addAll(wanted);
    Path output = Files.createTempFile(root, "out", ".txt");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
    Map<String, String> environment = builder.environment();
    environment.clear();
    environment.put("APT_CONFIG", configuration().toString());
    environment.put("LC_ALL", "C");
    environment.put("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    builder.start().waitFor();
    String text = Files.readString(output, UTF_8);
    return text.contains(NEW) ? Optional.of(newPackages(text)) : Optional.empty();
  }

  /**
   * What apt would install, without what it says itself is not needed: it keeps an abandoned
   * package if some unmet recommendation has its name, though in a version that is not there.
   */
  private static SortedSet<String> newPackages(String text) {
    SortedSet<String> packages = listed(text, NEW);
    packages.removeAll(listed(text, "The following package was automatically installed"));
    packages.removeAll(listed(text, "The following packages were automatically installed"));
    return Collections.unmodifiableSortedSet(packages);
  }

  private static SortedSet<String> listed(String text, String heading) {
    SortedSet<String> packages = new TreeSet<>();
    boolean listed = false;
    for (String line : text.split("\n", -1)) {
      if (!line.startsWith("   ")) {
        listed = line.startsWith(heading);
        continue;
      }
      Matcher matcher = NEW_PACKAGE.matcher(line);
      if (listed && matcher.matches()) {
        packages.add(matcher.group(1) + "=" + matcher.group(2));
      }
    }
    return packages;
  }

  private Path configuration() throws IOException {
    Path file = root.resolve("apt.conf");
    if (!Files.exists(file)) {
      StringBuilder text = new StringBuilder();
      set(text, "Dir", root + "/");
      set(text, "Dir::Etc", "etc");
      set(text, "Dir::Etc::main", "none");
      set(text, "Dir::Etc::parts", "../none");
      set(text, "Dir::Etc::sourceparts", "../none");
      set(text, "Dir::Etc::preferencesparts", "../none");
      set(text, "Dir::State", "");
      set(text, "Dir::State::lists", "lists");
      set(text, "Dir::State::status", root.resolve("status").toString());
      set(text, "Dir::State::extended_states", "extended");
      set(text, "Dir::Cache", "cache");
      set(text, "Dir::Log", "none");
      // Where nothing is added to what was asked for apt does not ask, but it has nothing to fetch.
      set(text, "Dir::Bin::dpkg", "/bin/false");
      set(text, "APT::Architecture", architectures.get(0));
      architectures.forEach(architecture -> set(text, "APT::Architectures::", architecture));
      set(text, "APT::AutoRemove::SuggestsImportant", "false");
      set(text, "APT::Sandbox::User", "root");
      set(text, "Debug::NoLocking", "true");
      Files.writeString(file, text);
    }
    return file;
  }

  private static void set(StringBuilder text, String name, String value) {
    text.append(name).append(" \"").append(value).append("\";\n");
  }

  /** A result in the oracle's words; empty if there is no set of packages. */
  static Optional<SortedSet<String>> print(Result result) {
    return result.match(
        resolved -> {
          SortedSet<String> all = new TreeSet<>();
          for (Result.Chosen chosen : resolved.packages()) {
            boolean own = List.of("amd64", "all").contains(chosen.architecture());
            String architecture = own ? "" : ":" + chosen.architecture();
            all.add(chosen.name() + architecture + "=" + chosen.version());
          }
          return Optional.of(all);
        },
        unsatisfiable -> Optional.empty(),
        unknown -> Optional.empty());
  }
}
