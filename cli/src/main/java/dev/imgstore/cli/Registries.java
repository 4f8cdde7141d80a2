package dev.imgstore.cli;

import dev.imgstore.builder.source.fetch.Proxies;
import dev.imgstore.sync.ImageName;
import dev.imgstore.sync.client.Patience;
import dev.imgstore.sync.client.ProxyChoice;
import dev.imgstore.sync.client.RegistrySettings;
import java.io.IOException;
import java.net.Proxy;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** What this machine says of registries: where credentials are, proxies, authorities. */
final class Registries {
  private static final int MAX_AUTHORITIES = 8 << 20;

  private Registries() {}

  /** The name of an image in a registry, as a person typed it. */
  static ImageName name(String typed) throws CommandFailure {
    try {
      return ImageName.parse(typed);
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(ExitCode.USAGE, String.valueOf(e.getMessage()), e);
    }
  }

  /**
   * Settings for a client.
   *
   * @param insecure hosts that may be asked without TLS, with those of the settings
   */
  static RegistrySettings settings(Imgstore root, List<String> insecure) throws IOException {
    return settings(root, insecure, Patience.usual());
  }

  /** The same, with other patience. */
  static RegistrySettings settings(Imgstore root, List<String> insecure, Patience patience)
      throws IOException {
    Context context = root.context();
    Set<String> plain = new TreeSet<>(SettingsFiles.read(root).insecureRegistries());
    plain.addAll(insecure);
    return new RegistrySettings(
        plain,
        credentials(context),
        proxies(new Proxies("", context.environment())),
        authorities(context),
        "imgstore",
        patience);
  }

  private static ProxyChoice proxies(Proxies machine) {
    return new ProxyChoice() {
      @Override
      public Proxy of(URI address) throws IOException {
        return machine.of(address);
      }

      @Override
      public String login(URI address) throws IOException {
        return machine.login(address);
      }
    };
  }

  /** Where podman and docker keep what was logged in with; podman's own setting first. */
  private static List<Path> credentials(Context context) {
    List<Path> files = new ArrayList<>();
    String named = context.environment("REGISTRY_AUTH_FILE");
    if (!named.isEmpty()) {
      files.add(context.path(named));
    }
    String docker = context.environment("DOCKER_CONFIG");
    String home = context.environment("HOME");
    if (!docker.isEmpty()) {
      files.add(context.path(docker).resolve("config.json"));
    } else if (!home.isEmpty()) {
      files.add(Path.of(home, ".docker", "config.json"));
    }
    String runtime = context.environment("XDG_RUNTIME_DIR");
    if (!runtime.isEmpty()) {
      files.add(Path.of(runtime, "containers", "auth.json"));
    }
    if (!home.isEmpty()) {
      files.add(Path.of(home, ".config", "containers", "auth.json"));
    }
    return files.stream().filter(Files::exists).toList();
  }

  /** Certificates that are trusted besides the machine's, as other programs have it. */
  private static String authorities(Context context) throws IOException {
    String named = context.environment("SSL_CERT_FILE");
    if (named.isEmpty()) {
      return "";
    }
    Path file = context.path(named);
    if (!Files.isRegularFile(file) || Files.size(file) > MAX_AUTHORITIES) {
      throw new CommandFailure(
          ExitCode.USAGE, "SSL_CERT_FILE names " + file + ", which is no file of certificates");
    }
    return Files.readString(file, StandardCharsets.ISO_8859_1);
  }
}
