package dev.imgstore.sync.client;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.imgstore.testkit.DockerRegistry;
import java.io.IOException;
import java.net.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Set;

/** Settings of clients under test, which wait for nothing. */
final class Settings {
  private Settings() {}

  static final Patience IMPATIENT =
      new Patience(
          Duration.ofSeconds(5),
          Duration.ofSeconds(2),
          Duration.ofSeconds(1),
          Duration.ofMinutes(2),
          4,
          time -> {},
          System::nanoTime);

  static RegistrySettings of(List<Path> credentials, String authorities, Patience patience) {
    return new RegistrySettings(
        Set.of(), credentials, address -> Proxy.NO_PROXY, authorities, "imgstore-test", patience);
  }

  static RegistrySettings plain() {
    return of(List.of(), "", Patience.usual());
  }

  static RegistrySettings trusting(Path directory) throws IOException {
    String authority = Files.readString(DockerRegistry.authority(directory), ISO_8859_1);
    return of(List.of(), authority, Patience.usual());
  }

  static RegistrySettings withLogin(Path directory, String host, String password)
      throws IOException {
    return of(List.of(login(directory, host, password)), "", Patience.usual());
  }

  /** A file as docker login writes it. */
  static Path login(Path directory, String host, String password) throws IOException {
    String auth = DockerRegistry.USER + ":" + password;
    String coded = Base64.getEncoder().encodeToString(auth.getBytes(UTF_8));
    return Files.writeString(
        directory.resolve("config.json"),
        "{\"auths\": {\"" + host + "\": {\"auth\": \"" + coded + "\"}}}");
  }
}
