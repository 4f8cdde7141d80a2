package dev.imgstore.cli;

import dev.imgstore.builder.sandbox.HostProgram;
import dev.imgstore.builder.sandbox.IdRange;
import dev.imgstore.builder.source.debian.archive.AptSources;
import dev.imgstore.builder.source.debian.archive.DebianArchive;
import dev.imgstore.builder.source.fetch.Fetcher;
import dev.imgstore.builder.source.fetch.Proxies;
import dev.imgstore.builder.source.maven.MavenArtifacts;
import dev.imgstore.builder.source.maven.MavenSetup;
import dev.imgstore.builder.source.npm.NpmPackages;
import dev.imgstore.builder.source.npm.NpmSetup;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What this machine already knows: apt's mirrors and proxies, keyrings, ranges of ids.
 *
 * @param root says where settings are
 * @param notices gets a sentence where something failed and something else helped
 */
record Machine(Imgstore root, Context context, Consumer<String> notices) {
  /** Others in apt.conf.d are ignored (apt.conf(5)). */
  private static final String APT_CONF = "[A-Za-z0-9_-]+|[A-Za-z0-9_.-]+[.]conf";

  private static final int MAX_ANSWER = 4096;
  private static final int MAX_CONFIGURATION = 1 << 20;
  private static final int MAX_KEYRING = 16 << 20;
  private static final Pattern RANGE = Pattern.compile("[^:]+:([0-9]{1,10}):([0-9]{1,10})");

  /** One whose notices nobody reads. */
  Machine(Imgstore root) {
    this(root, notice -> {});
  }

  /** Of the machine that a command runs on. */
  Machine(Imgstore root, Consumer<String> notices) {
    this(root, root.context(), notices);
  }

  /** A fetcher of the web, through the proxies that the environment names. */
  Fetcher web() {
    return new Fetcher(new Proxies("", context.environment()), notices);
  }

  /** Maven's repositories, as its settings name them. */
  MavenArtifacts maven() throws IOException {
    String set = context.environment("IMGSTORE_MAVEN");
    Path user =
        set.isEmpty()
            ? Path.of(context.environment("HOME"), ".m2", "settings.xml")
            : context.path(set).resolve("settings.xml");
    Path global = installations().stream().filter(Files::isRegularFile).findFirst().orElse(user);
    MavenSetup setup =
        MavenSetup.read(
            set.isEmpty() ? global.toFile() : user.toFile(),
            user.toFile(),
            user.resolveSibling("settings-security.xml").toString(),
            context.environment());
    return new MavenArtifacts(
        setup,
        new Fetcher(new Proxies("", setup.environment()), setup.accounts(), notices),
        Downloads.together());
  }

  /**
   * npm's registries, as its configuration names them: the project's npmrc, then the user's, the
   * installation's, and npm itself where none says.
   */
  NpmPackages npm(Optional<Path> project) throws IOException {
    Map<String, String> environment = context.environment();
    List<String> files = new ArrayList<>();
    files.add(first(globalNpmrc()));
    String user = context.environment("npm_config_userconfig");
    files.add(
        first(
            List.of(
                user.isEmpty()
                    ? Path.of(context.environment("HOME"), ".npmrc")
                    : context.path(user))));
    if (project.isPresent()) {
      files.add(first(List.of(project.get().resolve(".npmrc"))));
    }
    NpmSetup setup = NpmSetup.read(files, environment);
    if (!setup.hasRegistry()) {
      setup = askNpm().map(setup::withRegistry).orElse(setup);
    }
    Map<String, String> proxies = setup.proxies(environment);
    return new NpmPackages(
        setup,
        new Fetcher(new Proxies("", proxies), setup.accounts(), notices),
        Downloads.together());
  }

  private List<Path> globalNpmrc() {
    String set = context.environment("npm_config_globalconfig");
    return set.isEmpty()
        ? List.of(Path.of("/usr/etc/npmrc"), Path.of("/usr/local/etc/npmrc"), Path.of("/etc/npmrc"))
        : List.of(context.path(set));
  }

  /** The registry that npm uses where nothing is set; nothing where there is no npm. */
  private Optional<String> askNpm() {
    List<String> question = List.of("npm", "config", "get", "registry");
    try (HostProgram npm =
        new HostProgram(question, context.environment(), context.workingDirectory().toFile())) {
      byte[] answer = npm.output().readNBytes(MAX_ANSWER);
      String registry = new String(answer, StandardCharsets.UTF_8).strip();
      return registry.matches("https?://\\S+") ? Optional.of(registry) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty(); // without npm, where the lock file says it was
    }
  }

  /** Where an installation of Maven has its settings. */
  private List<Path> installations() {
    List<Path> places = new ArrayList<>();
    for (String variable : List.of("MAVEN_HOME", "M2_HOME")) {
      if (!context.environment(variable).isEmpty()) {
        places.add(Path.of(context.environment(variable), "conf", "settings.xml"));
      }
    }
    places.add(Path.of("/usr/share/maven/conf/settings.xml"));
    places.add(Path.of("/etc/maven/settings.xml"));
    return places;
  }

  /** The text of the first of these files that is there; empty if none is. */
  private static String first(List<Path> files) throws IOException {
    for (Path file : files) {
      SortedMap<String, String> text = new TreeMap<>();
      read(file, text);
      if (!text.isEmpty()) {
        return text.getOrDefault(text.firstKey(), "");
      }
    }
    return "";
  }

  /** Where apt is configured. */
  private Path apt() {
    String set = context.environment("IMGSTORE_APT");
    return set.isEmpty() ? Path.of("/etc/apt") : context.path(set);
  }

  /** The mirrors apt knows. */
  AptSources aptSources() throws IOException {
    SortedMap<String, String> files = new TreeMap<>();
    read(apt().resolve("sources.list"), files);
    directory(apt().resolve("sources.list.d"), files);
    return AptSources.read(files);
  }

  /** A Debian archive over apt's mirrors and proxies. */
  DebianArchive debian() throws IOException {
    SortedMap<String, String> files = new TreeMap<>();
    directory(apt().resolve("apt.conf.d"), files);
    files.keySet().removeIf(name -> !name.matches(APT_CONF));
    SortedMap<String, String> last = new TreeMap<>();
    read(apt().resolve("apt.conf"), last);
    List<String> texts = new ArrayList<>(files.values());
    texts.addAll(last.values());
    Proxies proxies = new Proxies(String.join("\n", texts), context.environment());
    return new DebianArchive(aptSources(), new Fetcher(proxies, notices));
  }

  /** OpenPGP keys by the name of their file. */
  byte[] keyring(String name) throws IOException {
    List<Path> places =
        List.of(
            apt().resolve("keyrings"),
            Path.of("/usr/share/keyrings"),
            Path.of("/etc/apt/keyrings"));
    for (Path place : places) {
      for (String ending : List.of(".gpg", ".pgp", ".asc")) {
        Path file = place.resolve(name + ending);
        if (Files.isRegularFile(file) && Files.size(file) <= MAX_KEYRING) {
          return Files.readAllBytes(file);
        }
      }
    }
    throw new CommandFailure(
        ExitCode.FAILED,
        "there is no keyring "
            + name
            + " in /usr/share/keyrings or /etc/apt/keyrings; install it"
            + " (Debian: the package "
            + name
            + "), or name another in the recipe's debian: keyring:");
  }

  /** The ids a sandbox may map. */
  IdRange ids() throws IOException {
    if (context.user().equals("root")) {
      return IdRange.ofRoot();
    }
    SortedMap<String, String> files = new TreeMap<>();
    read(Path.of("/etc/subuid"), files);
    read(Path.of("/etc/subgid"), files);
    Object uid = Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    return IdRange.ofUser(
            context.user(),
            String.valueOf(uid),
            files.getOrDefault("subuid", ""),
            files.getOrDefault("subgid", ""))
        .orElseThrow(
            () ->
                new CommandFailure(
                    ExitCode.FAILED,
                    "scripts: sandbox needs a range of 65536 ids for the user "
                        + context.user()
                        + " in /etc/subuid and /etc/subgid; as root: usermod --add-subuids %s"
                            .formatted(free(files.values()))
                        + " --add-subgids %s ".formatted(free(files.values()))
                        + context.user()));
  }

  /** A range nobody has yet: two users with one would own each other's files. */
  private static String free(Collection<String> files) {
    long first = 100_000;
    for (String line : String.join("\n", files).split("\n", -1)) {
      Matcher range = RANGE.matcher(line.strip());
      if (range.matches()) {
        first = Math.max(first, Long.parseLong(range.group(1)) + Long.parseLong(range.group(2)));
      }
    }
    return first + "-" + (first + IdRange.COUNT - 1);
  }

  private static void directory(Path directory, SortedMap<String, String> files)
      throws IOException {
    if (Files.isDirectory(directory)) {
      try (Stream<Path> children = Files.list(directory)) {
        for (Path child : children.sorted().toList()) {
          read(child, files);
        }
      }
    }
  }

  private static void read(Path file, SortedMap<String, String> files) throws IOException {
    if (Files.isRegularFile(file)
        && Files.isReadable(file)
        && Files.size(file) <= MAX_CONFIGURATION) {
      files.put(
          file.getFileName().toString(),
          new String(Files.readAllBytes(file), StandardCharsets.UTF_8));
    }
  }
}
