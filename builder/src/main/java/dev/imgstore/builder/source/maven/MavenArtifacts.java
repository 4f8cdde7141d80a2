package dev.imgstore.builder.source.maven;

import dev.imgstore.builder.lock.Lock;
import dev.imgstore.builder.recipe.InputSource;
import dev.imgstore.builder.recipe.InputSource.Layout;
import dev.imgstore.builder.recipe.SourceSection;
import dev.imgstore.builder.source.fetch.Fetcher;
import dev.imgstore.builder.source.fetch.Together;
import dev.imgstore.builder.source.signature.DetachedSignature;
import dev.imgstore.builder.source.signature.SigningKeys;
import dev.imgstore.store.FrameStore;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.Callable;
import org.apache.maven.model.io.xpp3.MavenXpp3Reader;
import org.apache.maven.repository.internal.MavenRepositorySystemUtils;
import org.codehaus.plexus.util.xml.pull.XmlPullParserException;
import org.eclipse.aether.DefaultRepositorySystemSession;
import org.eclipse.aether.RepositoryException;
import org.eclipse.aether.RepositorySystem;
import org.eclipse.aether.artifact.Artifact;
import org.eclipse.aether.artifact.DefaultArtifact;
import org.eclipse.aether.collection.CollectRequest;
import org.eclipse.aether.graph.Dependency;
import org.eclipse.aether.graph.DependencyNode;
import org.eclipse.aether.repository.LocalRepository;
import org.eclipse.aether.repository.RemoteRepository;
import org.eclipse.aether.repository.RepositoryPolicy;
import org.eclipse.aether.resolution.ArtifactResult;
import org.eclipse.aether.resolution.DependencyRequest;
import org.eclipse.aether.resolution.DependencyResult;
import org.eclipse.aether.util.artifact.JavaScopes;
import org.eclipse.aether.util.filter.DependencyFilterUtils;

/**
 * Locks and fetches inputs by {@code maven}. What an artifact depends on at run time comes with it,
 * as Maven resolves it; each file is checked against the repository's checksum, and refused where
 * there is none. Safe for many threads.
 */
public final class MavenArtifacts {
  /** Maven 3 does so in its PlexusUtilsInjector. */
  private static final String GIVEN_TO_PLUGINS = "org.codehaus.plexus:plexus-utils:1.1";

  private static final int LARGEST_SIGNATURE = 1 << 20;

  private final MavenSetup setup;
  private final Fetcher fetcher;
  private final Together downloads;

  /**
   * Asks the repositories of this setup.
   *
   * @param downloads fetches several signatures at a time
   */
  public MavenArtifacts(MavenSetup setup, Fetcher fetcher, Together downloads) {
    this.setup = setup;
    this.fetcher = fetcher;
    this.downloads = downloads;
  }

  /**
   * What the artifacts mean today. For a class path they are resolved together, so that there is
   * one version of each; for a repository each is resolved alone, and the models that were read are
   * part of it, so that Maven finds all it asks for.
   *
   * @param keys one of which must have signed each file; nothing if signatures are not asked for
   * @param scratch an empty directory, which is the caller's to remove
   */
  public List<Lock.Fetched> lock(
      String input,
      InputSource.Maven source,
      Optional<SigningKeys> keys,
      File scratch,
      FrameStore store)
      throws IOException {
    List<Lock.Fetched> files = resolved(input, source, scratch, store);
    if (keys.isEmpty()) {
      return files;
    }
    List<Callable<Lock.Fetched>> work = new ArrayList<>();
    files.forEach(file -> work.add(() -> file.signedBy(signer(file, keys.get(), store))));
    return downloads.all(work);
  }

  private String signer(Lock.Fetched file, SigningKeys keys, FrameStore store) throws IOException {
    String what = file.path();
    List<String> complaints = new ArrayList<>();
    for (RemoteRepository each : setup.repositories()) {
      try {
        byte[] signature =
            fetcher.small(
                what + ".asc", URI.create(address(each) + what + ".asc"), LARGEST_SIGNATURE);
        return DetachedSignature.verify(
            what,
            new String(signature, StandardCharsets.ISO_8859_1),
            keys,
            () -> store.open(file.sha256()));
      } catch (IOException e) {
        complaints.add(String.valueOf(e.getMessage()));
      }
    }
    throw new IOException(
        "the input "
            + file.input()
            + ": "
            + what
            + " has no signature by one of its keys: "
            + String.join("; ", complaints));
  }

  private List<Lock.Fetched> resolved(
      String input, InputSource.Maven source, File scratch, FrameStore store) throws IOException {
    Gathered gathered = new Gathered(fetcher);
    Map<String, Fetcher.Taken> taken = gathered.files();
    RepositorySystem system =
        new MavenSystem(
                repository -> new StoreTransporter(address(repository), fetcher, store, gathered))
            .get();
    Map<String, Lock.Fetched> files = new HashMap<>();
    try {
      DefaultRepositorySystemSession session = session(system, scratch);
      for (List<String> together : groups(source)) {
        List<CollectRequest> requests = new ArrayList<>(List.of(asDependencies(together)));
        for (int i = 0; i < requests.size(); i++) {
          DependencyResult result = resolve(system, session, input, requests.get(i));
          Map<String, String> reasons = new HashMap<>();
          reasons(result.getRoot(), "requested", reasons);
          for (ArtifactResult each : result.getArtifactResults()) {
            String name = name(each.getArtifact());
            String path = path(each.getArtifact());
            Fetcher.Taken file =
                Optional.ofNullable(taken.get(path))
                    .orElseThrow(() -> new IOException("Maven Resolver did not fetch " + path));
            String reason = reasons.getOrDefault(name, "requested");
            files.putIfAbsent(
                path,
                pin(input, source, name, each.getArtifact().getVersion(), file, path, reason));
          }
          if (i == 0 && source.layout() == Layout.REPOSITORY) {
            requests.addAll(asPlugin(together.get(0), taken, store));
          }
        }
      }
    } finally {
      system.shutdown();
    }
    if (source.layout() == Layout.REPOSITORY) {
      taken.forEach(
          (path, file) -> files.computeIfAbsent(path, key -> model(input, source, path, file)));
    }
    return files.values().stream().sorted().toList();
  }

  private static List<List<String>> groups(InputSource.Maven source) {
    return source.layout() == Layout.FLAT
        ? List.of(source.artifacts())
        : source.artifacts().stream().map(List::of).toList();
  }

  private CollectRequest asDependencies(List<String> artifacts) {
    CollectRequest collect = new CollectRequest();
    collect.setRepositories(setup.repositories());
    for (String each : artifacts) {
      collect.addDependency(new Dependency(new DefaultArtifact(each), JavaScopes.RUNTIME));
    }
    return collect;
  }

  /**
   * What Maven asks for besides when it runs this artifact as a plugin, if it is one. A plugin's
   * own management of versions counts then; and Maven 3 gives each plugin that does not use {@code
   * plexus-utils} an old one.
   */
  private List<CollectRequest> asPlugin(
      String artifact, Map<String, Fetcher.Taken> taken, FrameStore store) throws IOException {
    Artifact plugin = new DefaultArtifact(artifact);
    Artifact model =
        new DefaultArtifact(
            plugin.getGroupId(), plugin.getArtifactId(), "pom", plugin.getVersion());
    Fetcher.Taken file = taken.get(path(model));
    if (file == null || !packaging(file, store).equals("maven-plugin")) {
      return List.of();
    }
    CollectRequest alone = new CollectRequest();
    alone.setRepositories(setup.repositories());
    alone.setRoot(new Dependency(plugin, JavaScopes.RUNTIME));
    return List.of(alone, asDependencies(List.of(GIVEN_TO_PLUGINS)));
  }

  private static String packaging(Fetcher.Taken model, FrameStore store) throws IOException {
    try (InputStream in = store.open(model.digest())) {
      return String.valueOf(new MavenXpp3Reader().read(in, false).getPackaging());
    } catch (XmlPullParserException e) {
      return ""; // Maven Resolver has said what it thinks of it
    }
  }

  private DependencyResult resolve(
      RepositorySystem system,
      DefaultRepositorySystemSession session,
      String input,
      CollectRequest collect)
      throws IOException {
    try {
      return system.resolveDependencies(
          session,
          new DependencyRequest(
              collect,
              DependencyFilterUtils.classpathFilter(JavaScopes.COMPILE, JavaScopes.RUNTIME)));
    } catch (RepositoryException e) {
      throw new IOException("the input " + input + " cannot be resolved: " + why(e), e);
    }
  }

  /** What went wrong at the bottom, where it is told. */
  private static String why(Exception failure) {
    Throwable deepest = failure;
    while (deepest.getCause() != null && deepest.getCause().getMessage() != null) {
      deepest = deepest.getCause();
    }
    String top = String.valueOf(failure.getMessage());
    String bottom = String.valueOf(deepest.getMessage());
    return top.contains(bottom) ? top : top + ": " + bottom;
  }

  /** The same on every machine: models may ask for properties, and get these. */
  private static DefaultRepositorySystemSession session(RepositorySystem system, File scratch) {
    DefaultRepositorySystemSession session = MavenRepositorySystemUtils.newSession();
    Properties properties = new Properties();
    properties.setProperty("java.version", "17");
    properties.setProperty("os.name", "Linux");
    properties.setProperty("os.arch", "amd64");
    session.setSystemProperties(properties);
    session.setUserProperties(new Properties());
    session.setConfigProperty("aether.dependencyCollector.impl", "df");
    session.setChecksumPolicy(RepositoryPolicy.CHECKSUM_POLICY_FAIL);
    session.setUpdatePolicy(RepositoryPolicy.UPDATE_POLICY_ALWAYS);
    session.setLocalRepositoryManager(
        system.newLocalRepositoryManager(session, new LocalRepository(scratch)));
    return session;
  }

  private static void reasons(DependencyNode node, String because, Map<String, String> reasons) {
    for (DependencyNode child : node.getChildren()) {
      String name = name(child.getArtifact());
      boolean first = reasons.putIfAbsent(name, because) == null;
      if (first) {
        reasons(child, name, reasons);
      }
    }
  }

  private static String name(Artifact artifact) {
    String classifier = artifact.getClassifier().isEmpty() ? "" : ":" + artifact.getClassifier();
    String extension = artifact.getExtension();
    return artifact.getGroupId()
        + ":"
        + artifact.getArtifactId()
        + (extension.equals("jar") && classifier.isEmpty() ? "" : ":" + extension + classifier);
  }

  private static String path(Artifact artifact) {
    String classifier = artifact.getClassifier().isEmpty() ? "" : "-" + artifact.getClassifier();
    return artifact.getGroupId().replace('.', '/')
        + "/"
        + artifact.getArtifactId()
        + "/"
        + artifact.getBaseVersion()
        + "/"
        + artifact.getArtifactId()
        + "-"
        + artifact.getVersion()
        + classifier
        + "."
        + artifact.getExtension();
  }

  /** A file that was read on the way: {@code group/artifact/version/artifact-version.pom}. */
  private static Lock.Fetched model(
      String input, InputSource.Maven source, String path, Fetcher.Taken file) {
    List<String> parts = new ArrayList<>(List.of(path.split("/", -1)));
    int count = parts.size();
    String group = String.join(".", parts.subList(0, Math.max(1, count - 3)));
    String name = count > 3 ? group + ":" + parts.get(count - 3) + ":pom" : path;
    return pin(input, source, name, count > 3 ? parts.get(count - 2) : "", file, path, "model");
  }

  private static Lock.Fetched pin(
      String input,
      InputSource.Maven source,
      String name,
      String version,
      Fetcher.Taken file,
      String path,
      String reason) {
    return new Lock.Fetched(
        input,
        SourceSection.mark(source),
        "maven",
        name,
        version,
        file.digest(),
        file.size(),
        path,
        reason);
  }

  /** Puts a locked file into the store, from the first repository that has it. */
  public void fetch(Lock.Fetched file, FrameStore store) throws IOException {
    List<URI> repositories = new ArrayList<>();
    for (RemoteRepository each : setup.repositories()) {
      repositories.add(address(each));
    }
    fetcher.fetch(
        file.name() + " " + file.version(),
        repositories,
        file.path(),
        file.sha256(),
        file.size(),
        store);
  }

  private static URI address(RemoteRepository repository) {
    String url = repository.getUrl();
    return URI.create(url.endsWith("/") ? url : url + "/");
  }
}
