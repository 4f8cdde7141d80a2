package dev.imgstore.cli;

import dev.imgstore.builder.lock.Lock;
import dev.imgstore.builder.realise.InputUniverse;
import dev.imgstore.builder.recipe.InputSource;
import dev.imgstore.builder.source.fetch.Fetcher;
import dev.imgstore.builder.source.git.GitCommit;
import dev.imgstore.builder.source.maven.MavenArtifacts;
import dev.imgstore.builder.source.npm.NpmPackages;
import dev.imgstore.builder.source.oci.BaseImage;
import dev.imgstore.builder.source.oci.ImageBlobs;
import dev.imgstore.builder.source.signature.SigningKeys;
import dev.imgstore.builder.source.url.UrlFiles;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Platform;
import dev.imgstore.store.FrameStore;
import dev.imgstore.sync.ImageName;
import dev.imgstore.sync.client.RegistryClients;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.stream.Stream;

/** Every kind of input that is fetched, as this machine is set up. Each is set up when needed. */
final class Universes implements InputUniverse {
  private static final int MAX_LOCK_FILE = 64 << 20;
  private static final int MAX_KEYS = 4 << 20;

  private final Machine machine;
  private final Optional<RecipeDirectory> directory;
  private Optional<Fetcher> web = Optional.empty();
  private Optional<MavenArtifacts> maven = Optional.empty();
  private Optional<NpmPackages> npm = Optional.empty();
  private final Map<String, SortedMap<String, String>> resolved = new HashMap<>();
  private final Map<String, Digest> kept = new HashMap<>();

  /** Away from any recipe: what lies beside one cannot be had. */
  Universes(Machine machine) {
    this(machine, Optional.empty());
  }

  /** For the recipe in this directory. */
  Universes(Machine machine, RecipeDirectory directory) {
    this(machine, Optional.of(directory));
  }

  private Universes(Machine machine, Optional<RecipeDirectory> directory) {
    this.machine = machine;
    this.directory = directory;
  }

  @Override
  public List<Lock.Fetched> lock(
      String input,
      InputSource source,
      List<Platform> platforms,
      List<Lock.Fetched> before,
      FrameStore store)
      throws IOException {
    if (source instanceof InputSource.Url url) {
      return new UrlFiles(web()).lock(input, url, store);
    }
    if (source instanceof InputSource.Maven artifacts) {
      Path scratch = Files.createTempDirectory("imgstore-maven");
      try {
        return maven().lock(input, artifacts, keys(source), scratch.toFile(), store);
      } finally {
        remove(scratch);
      }
    }
    if (source instanceof InputSource.Npm npm) {
      return packages(input, npm, before, store);
    }
    if (source instanceof InputSource.Git git) {
      return List.of(commit(input, git, keys(git), store));
    }
    if (source instanceof InputSource.Oci oci) {
      return BaseImage.lock(input, oci, oci.digest(), platforms, layout(oci), store);
    }
    if (source instanceof InputSource.Image image) {
      try (ImagesOfRegistry from = registry(image)) {
        Digest digest = before.isEmpty() ? from.digest() : BaseImage.locked(input, before);
        return BaseImage.lock(input, image, digest, platforms, from, store);
      }
    }
    throw new AssertionError(source);
  }

  private List<Lock.Fetched> packages(
      String input, InputSource.Npm npm, List<Lock.Fetched> before, FrameStore store)
      throws IOException {
    byte[] lockFile = directory().read(npm.lockFile(), MAX_LOCK_FILE);
    NpmPackages.Locked locked = npm().lock(input, npm, lockFile, before, store);
    if (!locked.withScripts().isEmpty()) {
      notice(
          input,
          "these packages have install scripts, which are not run: "
              + String.join(", ", locked.withScripts()));
    }
    locked.signatures().forEach(said -> notice(input, said));
    return locked.files();
  }

  private void notice(String input, String said) {
    machine.notices().accept("the input " + input + ": " + said);
  }

  private Lock.Fetched commit(
      String input, InputSource.Git git, Optional<SigningKeys> keys, FrameStore store)
      throws IOException {
    Path clone = elsewhere(git.repository());
    if (!Files.isDirectory(clone)) {
      throw new CommandFailure(
          ExitCode.UNKNOWN, "the input " + input + ": there is no directory " + clone);
    }
    return GitCommit.lock(input, git, clone.toFile(), keys, machine.context().environment(), store);
  }

  private ImageBlobs layout(InputSource.Oci oci) throws CommandFailure {
    Path layout = elsewhere(oci.layout());
    if (!Files.isRegularFile(layout.resolve("oci-layout"))) {
      throw new CommandFailure(
          ExitCode.UNKNOWN, layout + " is no image layout: it has no file oci-layout");
    }
    return blob -> {
      Path file = layout.resolve("blobs").resolve("sha256").resolve(blob.hex());
      if (!Files.isRegularFile(file)) {
        throw new CommandFailure(ExitCode.UNKNOWN, layout + " has no blob " + blob);
      }
      return Files.newInputStream(file);
    };
  }

  private ImagesOfRegistry registry(InputSource.Image image) throws IOException {
    ImageName name = Registries.name(image.image());
    return new ImagesOfRegistry(
        RegistryClients.reading(name, Registries.settings(machine.root(), List.of())),
        name.reference());
  }

  @Override
  public boolean isCurrent(InputSource source, List<Lock.Fetched> locked) throws IOException {
    Optional<SigningKeys> keys = keys(source);
    if (keys.isPresent()) {
      return locked.stream().allMatch(file -> keys.get().names().contains(file.signer()));
    }
    if (!(source instanceof InputSource.Npm npm)) {
      return true;
    }
    Digest now = Digest.of(directory().read(npm.lockFile(), MAX_LOCK_FILE));
    return locked.stream()
        .anyMatch(file -> NpmPackages.isLockFile(file) && file.sha256().equals(now));
  }

  /** The keys that an input's files must be signed by, if the recipe names any. */
  private Optional<SigningKeys> keys(InputSource source) throws IOException {
    if (source.keys().isEmpty()) {
      return Optional.empty();
    }
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (String file : source.keys()) {
      byte[] text = directory().read(file, MAX_KEYS);
      if (!new String(text, StandardCharsets.ISO_8859_1).contains("BEGIN PGP PUBLIC KEY BLOCK")) {
        throw new CommandFailure(
            ExitCode.USAGE,
            file + " holds no OpenPGP key in armor; gpg --armor --export KEY makes one");
      }
      all.writeBytes(text);
      all.write('\n');
    }
    return Optional.of(SigningKeys.read(all.toByteArray(), machine.context().clock().instant()));
  }

  /** A directory that is named from the recipe's, or absolutely. */
  private Path elsewhere(String path) throws CommandFailure {
    Path named = Path.of(path);
    return named.isAbsolute() ? named.normalize() : directory().elsewhere(path);
  }

  /** The recipe's own directory: not known where a store is mended. */
  private RecipeDirectory directory() throws CommandFailure {
    return directory.orElseThrow(
        () ->
            new CommandFailure(
                ExitCode.FAILED,
                "it came from beside its recipe, and where that is now is not known"
                    + " (imgstore reproduce takes --directory)"));
  }

  @Override
  public void fetch(Lock.Fetched file, InputSource source, FrameStore store) throws IOException {
    if (source instanceof InputSource.Url url) {
      new UrlFiles(web()).fetch(file, url, store);
    } else if (source instanceof InputSource.Maven) {
      maven().fetch(file, store);
    } else if (source instanceof InputSource.Npm npm) {
      if (NpmPackages.isLockFile(file)) {
        expect(file, store.putVerbatim(lockFile(npm)));
      } else {
        npm().fetch(file, resolved(file.input(), npm, store).getOrDefault(file.path(), ""), store);
      }
    } else if (source instanceof InputSource.Oci oci) {
      BaseImage.fetch(file, layout(oci), store);
    } else if (source instanceof InputSource.Image image) {
      try (ImagesOfRegistry from = registry(image)) {
        BaseImage.fetch(file, from, store);
      }
    } else if (source instanceof InputSource.Git git) {
      expect(file, commit(file.input(), git, Optional.empty(), store).sha256());
    } else {
      throw new AssertionError(source);
    }
  }

  /** From now on a lock's own files may say where others come from, if the store has them. */
  synchronized void remember(Lock lock) {
    resolved.clear();
    kept.clear();
    for (Lock.Fetched file : lock.fetched()) {
      if (NpmPackages.isLockFile(file)) {
        kept.put(file.input(), file.sha256());
      }
    }
  }

  /** What the lock file says of addresses: that beside the recipe, or the one that was kept. */
  private synchronized SortedMap<String, String> resolved(
      String input, InputSource.Npm npm, FrameStore store) throws IOException {
    SortedMap<String, String> known = resolved.get(input);
    if (known == null) {
      Digest text = kept.get(input);
      if (directory.isPresent()) {
        known = NpmPackages.resolved(npm, directory().read(npm.lockFile(), MAX_LOCK_FILE));
      } else if (text != null && store.has(text)) {
        known = NpmPackages.resolved(npm, store.read(text, MAX_LOCK_FILE));
      } else {
        known = Collections.emptySortedMap();
      }
      resolved.put(input, known);
    }
    return known;
  }

  private InputStream lockFile(InputSource.Npm npm) throws IOException {
    return new ByteArrayInputStream(directory().read(npm.lockFile(), MAX_LOCK_FILE));
  }

  private static void expect(Lock.Fetched file, Digest got) throws IOException {
    if (!got.equals(file.sha256())) {
      throw new IOException(
          "the input "
              + file.input()
              + ": "
              + file.name()
              + " should be "
              + file.sha256()
              + ", and is "
              + got);
    }
  }

  private synchronized NpmPackages npm() throws IOException {
    if (npm.isEmpty()) {
      npm = Optional.of(machine.npm(directory.map(RecipeDirectory::directory)));
    }
    return npm.get();
  }

  private synchronized MavenArtifacts maven() throws IOException {
    if (maven.isEmpty()) {
      maven = Optional.of(machine.maven());
    }
    return maven.get();
  }

  private static void remove(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path each : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(each);
      }
    }
  }

  private synchronized Fetcher web() {
    if (web.isEmpty()) {
      web = Optional.of(machine.web());
    }
    return web.get();
  }
}
