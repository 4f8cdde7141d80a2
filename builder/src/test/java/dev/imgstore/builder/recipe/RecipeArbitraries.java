package dev.imgstore.builder.recipe;

import dev.imgstore.model.Digest;
import dev.imgstore.model.Platform;
import dev.imgstore.model.TreePath;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/** Recipes of any shape the reader can give. */
final class RecipeArbitraries {
  private static final Arbitrary<String> TEXT =
      Arbitraries.strings()
          .withChars("aZ09 $${}:#-[]\"'\\\n\t\u0085\u2028é漢%&*!|>~")
          .withCharRange(' ', '~')
          .ofMaxLength(12);
  private static final Arbitrary<String> WORD =
      Arbitraries.strings().withCharRange('a', 'z').numeric().ofMinLength(2).ofMaxLength(8);
  private static final Arbitrary<String> ACCOUNT = WORD.map(word -> "u" + word);
  private static final Arbitrary<String> PATH =
      WORD.list().ofMinSize(1).ofMaxSize(3).map(words -> "/" + String.join("/", words));
  private static final Arbitrary<SortedMap<String, String>> MAP =
      Arbitraries.maps(ACCOUNT, TEXT).ofMaxSize(4).map(TreeMap::new);

  private RecipeArbitraries() {}

  static Arbitrary<Recipe> recipes() {
    return Combinators.combine(
            WORD,
            Arbitraries.subsetOf("linux/amd64", "linux/arm64", "linux/arm/v7"),
            Arbitraries.longs().between(0, Times.LATEST),
            Combinators.combine(debian(), inputs()).as(Map::entry),
            files(),
            ACCOUNT.set().ofMaxSize(3),
            ACCOUNT.set().ofMaxSize(3),
            image())
        .as(
            (name, platforms, epoch, sources, files, groups, users, image) ->
                new Recipe(
                    name,
                    platforms.isEmpty()
                        ? List.of(Platform.parse("linux/s390x"))
                        : platforms.stream().map(Platform::parse).toList(),
                    epoch,
                    sources.getKey(),
                    new TreeMap<>(sources.getValue()),
                    distinct(
                        files.stream()
                            .filter(
                                file ->
                                    !(file instanceof FileEntry.OfInput taken)
                                        || sources.getValue().containsKey(taken.input()))
                            .toList()),
                    groups(groups.stream().sorted().toList()),
                    users(users.stream().sorted().toList()),
                    steps(image),
                    image));
  }

  private static Arbitrary<Map<String, InputSource>> inputs() {
    Arbitrary<InputSource> source =
        Combinators.combine(
                Arbitraries.integers().between(0, 5),
                WORD,
                Arbitraries.of(InputSource.Unpack.class),
                Arbitraries.integers().between(0, InputsPart.MOST_STRIPPED),
                Arbitraries.of(true, false))
            .as(RecipeArbitraries::input);
    return Arbitraries.maps(Arbitraries.of("src", "lib", "x.1"), source).ofMaxSize(3);
  }

  private static InputSource input(
      int kind, String word, InputSource.Unpack unpack, int strip, Boolean flag) {
    String sha256 = flag ? "" : "0123456789abcdef".repeat(4);
    return switch (kind) {
      case 0 ->
          new InputSource.Url(
              List.of("https://example.org/$" + word, "https://[::1]:8080/%20?q=" + strip),
              sha256,
              unpack,
              strip,
              flag);
      case 1 ->
          new InputSource.Maven(
              List.of("org." + word + ":a:1." + strip, "g:a:zip:x:1"),
              flag ? InputSource.Layout.FLAT : InputSource.Layout.REPOSITORY,
              strip % 2 == 0 ? List.of() : List.of(word + "/$x.asc"));
      case 4 -> new InputSource.Oci("/" + word + "$", Digest.of(new byte[] {1}));
      case 2 -> new InputSource.Npm(word + "/$x.json", flag);
      case 3 ->
          new InputSource.Git(
              "../" + word + "$$",
              "0123456789".repeat(4),
              flag ? List.of() : List.of("b.asc", word + ".asc"));
      default -> new InputSource.Local(strip == 0 ? "." : word + "/$" + word);
    };
  }

  /** A few steps that need each other in a row, made of what the image has. */
  private static List<Step> steps(RunConfig image) {
    List<Step> steps = new ArrayList<>();
    for (int i = 0; i < image.layerBudget() % 4; i++) {
      List<Step.Input> inputs = new ArrayList<>();
      inputs.add(new Step.Input("up", new Step.Local(i % 2 == 0 ? "src/a" : "../b"), "/up"));
      if (i > 0) {
        inputs.add(new Step.Input("in", new Step.Output("s" + (i - 1), "x"), "/in/it"));
      }
      Step.Root packages =
          new Step.Packages(
              List.of(new PackageRequest("gcc", "", "", "")),
              i % 2 == 0,
              i % 3 == 0,
              DebianSource.Scripts.NONE);
      Step.Root[] roots = {
        packages, new Step.OfRecipe("../x$y"), new Step.OfTree(new Step.Local("."))
      };
      SortedMap<String, Step.Secret> secrets = new TreeMap<>();
      secrets.put("a", i % 2 == 0 ? new Step.FromVariable("A") : new Step.FromFile("~/$a"));
      steps.add(
          new Step(
              "s" + i,
              roots[i % roots.length],
              inputs,
              image.cmd().isEmpty() ? new Step.Script("x $y ${z}") : new Step.Argv(image.cmd()),
              image.env(),
              List.of("out", "x"),
              new Step.Limits(1_000_000L * (i + 1), i * 7L, 1L << (10 * i), i, i + 1),
              secrets,
              List.of("a/b")));
    }
    return steps;
  }

  private static Arbitrary<DebianSource> debian() {
    return Combinators.combine(
            Arbitraries.of("bookworm", "trixie").set().ofMinSize(1),
            WORD.set().ofMinSize(1).ofMaxSize(2),
            WORD,
            Arbitraries.of(true, false).list().ofSize(2),
            Arbitraries.of(DebianSource.Scripts.class),
            WORD.set().ofMaxSize(4),
            Arbitraries.integers().between(0, 2))
        .as(
            (suites, components, keyring, flags, scripts, packages, kind) ->
                new DebianSource(
                    suites.stream().sorted().toList(),
                    components.stream().sorted().toList(),
                    keyring,
                    flags.get(0),
                    flags.get(1),
                    scripts,
                    packages.stream()
                        .map(
                            name ->
                                new PackageRequest(
                                    name,
                                    kind == 0 ? "i386" : "",
                                    kind == 1 ? "1:2.0-1~x" : "",
                                    kind == 2 ? suites.iterator().next() : ""))
                        .sorted()
                        .toList()));
  }

  private static Arbitrary<List<FileEntry>> files() {
    Arbitrary<FileEntry.Attributes> attributes =
        Combinators.combine(
                Arbitraries.integers().between(-1, 07777),
                ACCOUNT,
                Arbitraries.of("0", "1000", "root"),
                Arbitraries.longs().between(-1, Times.LATEST))
            .as(FileEntry.Attributes::new);
    Arbitrary<FileEntry> file =
        Combinators.combine(
                Arbitraries.integers().between(0, 4),
                PATH,
                TEXT,
                attributes,
                Arbitraries.of("a", "a/b", "."))
            .as(RecipeArbitraries::file);
    return file.list().ofMaxSize(4);
  }

  private static FileEntry file(
      int kind, String path, String text, FileEntry.Attributes attributes, String from) {
    TreePath where = TreePath.of(path);
    return switch (kind) {
      case 0 -> new FileEntry.Copied(where, from, attributes);
      case 1 -> new FileEntry.Inline(where, text, attributes);
      case 2 -> new FileEntry.EmptyDirectory(where, attributes);
      case 3 -> new FileEntry.OfInput(where, "src", from, attributes);
      default ->
          new FileEntry.Link(
              where,
              "t" + text,
              new FileEntry.Attributes(
                  -1, attributes.user(), attributes.group(), attributes.time()));
    };
  }

  private static List<FileEntry> distinct(List<FileEntry> files) {
    TreeMap<TreePath, FileEntry> distinct = new TreeMap<>();
    files.forEach(file -> distinct.put(file.path(), file));
    return List.copyOf(distinct.values());
  }

  private static List<Group> groups(List<String> names) {
    List<Group> groups = new ArrayList<>();
    names.forEach(name -> groups.add(new Group(name, 100 + groups.size())));
    return groups;
  }

  private static List<User> users(List<String> names) {
    List<User> users = new ArrayList<>();
    names.forEach(
        name ->
            users.add(
                new User(
                    name,
                    1000 + users.size(),
                    "some-group",
                    List.of("a", "b").subList(0, users.size() % 3),
                    "/home/" + name,
                    "/bin/sh",
                    "$ comment")));
    return users;
  }

  private static Arbitrary<RunConfig> image() {
    Arbitrary<RunConfig.Healthcheck> check =
        Combinators.combine(
                TEXT,
                Arbitraries.longs().between(0, 1_000_000),
                Arbitraries.integers().between(0, 1000))
            .as(
                (text, millis, retries) ->
                    retries == 0
                        ? RunConfig.Healthcheck.NONE
                        : new RunConfig.Healthcheck(
                            List.of("CMD-SHELL", text),
                            millis * 1_000_000,
                            0,
                            millis * 2_000_000,
                            retries));
    return Combinators.combine(
            TEXT.list().ofMaxSize(3),
            MAP,
            Arbitraries.of("", "root", "app:ops", "1000:0"),
            Arbitraries.subsetOf("80/tcp", "53/udp", "9/sctp"),
            PATH.set().ofMaxSize(2),
            Arbitraries.of("", "SIGQUIT", "SIGRTMIN+3", "9"),
            check,
            Arbitraries.integers().between(1, ImagePart.MOST_LAYERS))
        .as(
            (words, map, user, ports, volumes, signal, healthcheck, layers) ->
                new RunConfig(
                    words,
                    List.copyOf(map.values()),
                    map,
                    layers % 2 == 0 ? "/" : "/srv",
                    user,
                    List.copyOf(ports),
                    List.copyOf(volumes),
                    map,
                    signal,
                    healthcheck,
                    layers % 3 == 0 ? RunConfig.Compression.GZIP : RunConfig.Compression.ZSTD,
                    layers));
  }
}
