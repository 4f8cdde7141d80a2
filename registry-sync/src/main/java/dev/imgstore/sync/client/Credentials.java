package dev.imgstore.sync.client;

import com.google.cloud.tools.jib.api.Credential;
import com.google.cloud.tools.jib.api.LogEvent;
import com.google.cloud.tools.jib.registry.credentials.DockerConfigCredentialRetriever;
import dev.imgstore.sync.RegistryException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The credentials this machine has for one registry, looked up once and when they are wanted. */
final class Credentials {
  private static final long HELPER_SECONDS = 60;

  private final String host;
  private final List<Path> files;
  private final Secrets secrets;
  private volatile boolean failed;
  private Optional<Credential> found = Optional.empty();
  private boolean looked;

  Credentials(String host, List<Path> files, Secrets secrets) {
    this.host = host;
    this.files = files;
    this.secrets = secrets;
  }

  /** Those for this host, by docker's configuration and its helpers; nothing if there are none. */
  synchronized Optional<Credential> get() throws IOException {
    if (!looked) {
      found = lookUp();
      found.ifPresent(each -> secrets.add(each.getPassword()));
      looked = true;
    }
    return found;
  }

  /** For a message: where was looked, and what to do. */
  synchronized String advice() {
    String there = files.isEmpty() ? "" : " (looked in " + String.join(", ", names()) + ")";
    return "log in with docker login "
        + host
        + " or podman login "
        + host
        + there
        + (failed ? "; a credential helper that is named there failed: try it by hand" : "");
  }

  private List<String> names() {
    return files.stream().map(Path::toString).toList();
  }

  private Optional<Credential> lookUp() throws IOException {
    for (Path file : files) {
      Optional<Credential> credential = in(file);
      if (credential.isPresent()) {
        return credential;
      }
    }
    return Optional.empty();
  }

  /** A helper is a program and may never end; what it says may be a secret and is not passed on. */
  private Optional<Credential> in(Path file) throws IOException {
    CompletableFuture<Optional<Credential>> result = new CompletableFuture<>();
    Thread thread = new Thread(() -> retrieve(file, result), "registry-credentials");
    thread.setDaemon(true);
    thread.start();
    try {
      return result.get(HELPER_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    } catch (TimeoutException e) {
      throw denied(
          "the credential helper that " + file + " names for " + host + " does not answer");
    } catch (ExecutionException e) {
      // Not passed on as the cause: a parser's message quotes what it could not read.
      throw denied(
          "the credentials in " + file + " cannot be read: it is not of docker's config.json form");
    }
  }

  private static RegistryException denied(String message) {
    return new RegistryException(RegistryException.Kind.DENIED, message);
  }

  private void retrieve(Path file, CompletableFuture<Optional<Credential>> result) {
    try {
      result.complete(DockerConfigCredentialRetriever.create(host, file).retrieve(this::note));
    } catch (IOException | RuntimeException | LinkageError e) {
      result.completeExceptionally(e);
    }
  }

  private void note(LogEvent event) {
    if (event.getLevel() == LogEvent.Level.WARN || event.getLevel() == LogEvent.Level.ERROR) {
      failed = true;
    }
  }
}
