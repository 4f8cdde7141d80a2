package dev.imgstore.builder.source.debian.resolve;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.imgstore.builder.source.debian.archive.AptSources;
import dev.imgstore.builder.source.debian.archive.DebianArchive;
import dev.imgstore.builder.source.debian.archive.Release;
import dev.imgstore.builder.source.debian.resolve.Request.Base;
import dev.imgstore.builder.source.debian.resolve.Request.Recommends;
import dev.imgstore.builder.source.fetch.Fetcher;
import dev.imgstore.builder.source.fetch.Proxies;
import dev.imgstore.testkit.MemoryBlobStore;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.tukaani.xz.XZInputStream;

/**
 * What is asked for in {@code apt-requests.txt}, resolved by us and by the machine's apt from an
 * empty system. Both read the same index files, fetched from the machine's mirror just before, so
 * that a mirror that changes cannot fail this.
 */
@Tag("network")
class AptOracleTest {
  private static final Path ETC = Path.of("/etc/apt");
  private static final Path KEYRING = Path.of("/usr/share/keyrings/debian-archive-keyring.gpg");
  private static final Pattern OLDER = Pattern.compile("%OLDER:([^%]+)%");
  private static final int FEWEST = 40;

  /** A suite that is not taken automatically, with a package whose need only that suite meets. */
  private static final String BACKPORTS =
      """
      Package: git
      Version: 1:99-1~bpo
      Depends: git-man (>> 1:99), libc6

      Package: git-man
      Version: 1:99-1~bpo
      """;

  private final MemoryBlobStore store = new MemoryBlobStore();
  private final UniverseBuilder builder = new UniverseBuilder("amd64", List.of());

  @TestFactory
  List<DynamicTest> resolvesAsAptDoes(@TempDir Path root) throws Exception {
    assumeTrue(AptOracle.isThere() && Files.exists(KEYRING), "this is no Debian machine");
    AptOracle apt = new AptOracle(root, List.of("amd64"));
    fetch(apt);
    TestArchive backports = new TestArchive().suite("imgstore-backports", 100, BACKPORTS);
    backports.writeLast(apt);
    backports.readInto(builder);
    DebianUniverse universe = builder.build();
    Map<String, Optional<SortedSet<String>>> expected = askApt(apt, requests(universe));
    assertTrue(expected.size() >= FEWEST, "the list is shorter than " + FEWEST);
    List<DynamicTest> tests = new ArrayList<>();
    expected.forEach(
        (line, packages) -> {
          Result ours = Resolver.resolve(universe, request(line));
          tests.add(
              DynamicTest.dynamicTest(
                  line, () -> assertEquals(print(packages), print(AptOracle.print(ours)))));
        });
    return tests;
  }

  private static String print(Optional<SortedSet<String>> packages) {
    return packages.map(all -> String.join("\n", all)).orElse("refused");
  }

  /** Gives the same indexes to apt, as files, and to our universe. */
  private void fetch(AptOracle apt) throws IOException {
    DebianArchive archive =
        new DebianArchive(
            machineSources(), new Fetcher(new Proxies(machineConf(), System.getenv())));
    byte[] keyring = Files.readAllBytes(KEYRING);
    for (String suite : List.of("bookworm", "bookworm-updates", "bookworm-security")) {
      Release release =
          archive.release(suite, List.of("main"), keyring, Clock.systemUTC().instant());
      archive.read(release, "main", "amd64", store, new UniverseBuilder("amd64", List.of()));
      byte[] plain = plainIndex(release);
      Index index = new Index(suite, release.names(), "main", "amd64", release.priority());
      Files.write(apt.index(index), plain);
      builder.read(index, new ByteArrayInputStream(plain));
    }
  }

  private byte[] plainIndex(Release release) throws IOException {
    for (Map.Entry<String, Release.Entry> file : release.files().entrySet()) {
      String path = file.getKey();
      if (path.startsWith("main/binary-amd64/Packages.") && store.has(file.getValue().digest())) {
        try (InputStream packed = store.open(file.getValue().digest());
            InputStream plain =
                path.endsWith(".gz") ? new GZIPInputStream(packed) : new XZInputStream(packed)) {
          return plain.readAllBytes();
        }
      }
    }
    throw new IOException("no index of " + release.suite() + " is in the store");
  }

  private static AptSources machineSources() throws IOException {
    SortedMap<String, String> files = new TreeMap<>();
    for (Path file : under(ETC.resolve("sources.list"), ETC.resolve("sources.list.d"))) {
      files.put(file.toString(), Files.readString(file));
    }
    return AptSources.read(files);
  }

  private static String machineConf() throws IOException {
    StringBuilder text = new StringBuilder();
    for (Path file : under(ETC.resolve("apt.conf"), ETC.resolve("apt.conf.d"))) {
      text.append(Files.readString(file)).append('\n');
    }
    return text.toString();
  }

  private static List<Path> under(Path file, Path directory) throws IOException {
    List<Path> all = new ArrayList<>();
    if (Files.isRegularFile(file)) {
      all.add(file);
    }
    if (Files.isDirectory(directory)) {
      try (Stream<Path> files = Files.list(directory)) {
        files.sorted().forEach(all::add);
      }
    }
    return all;
  }

  private static List<String> requests(DebianUniverse universe) throws IOException {
    String text;
    try (InputStream in = AptOracleTest.class.getResourceAsStream("/apt-requests.txt")) {
      text = new String(in.readAllBytes(), UTF_8);
    }
    List<String> lines = new ArrayList<>();
    for (String line : text.lines().toList()) {
      if (!line.isBlank() && !line.startsWith("#")) {
        lines.add(OLDER.matcher(line).replaceAll(match -> oldest(universe, match.group(1))));
      }
    }
    return lines;
  }

  private static String oldest(DebianUniverse universe, String name) {
    int version = universe.newest(universe.node(name, ""));
    while (universe.versions().next(version) >= 0) {
      version = universe.versions().next(version);
    }
    return universe.versionText(version);
  }

  private static boolean follows(String line) {
    return line.startsWith("recommends ");
  }

  private static List<String> wanted(String line) {
    List<String> words = Arrays.asList(line.split(" ", -1));
    return follows(line) ? words.subList(1, words.size()) : words;
  }

  private static Request request(String line) {
    return new Request(
        wanted(line).stream().map(Wanted::parse).toList(),
        Base.NONE,
        follows(line) ? Recommends.FOLLOW : Recommends.IGNORE,
        Collections.emptySortedMap());
  }

  private static Map<String, Optional<SortedSet<String>>> askApt(AptOracle apt, List<String> lines)
      throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());
    try {
      // The first one writes the cache that the others share.
      apt.install(false, List.of("git"));
      Map<String, Future<Optional<SortedSet<String>>>> running = new LinkedHashMap<>();
      for (String line : lines) {
        running.put(line, pool.submit(() -> apt.install(follows(line), wanted(line))));
      }
      Map<String, Optional<SortedSet<String>>> results = new LinkedHashMap<>();
      for (Map.Entry<String, Future<Optional<SortedSet<String>>>> one : running.entrySet()) {
        results.put(one.getKey(), one.getValue().get());
      }
      return results;
    } finally {
      pool.shutdownNow();
    }
  }
}
