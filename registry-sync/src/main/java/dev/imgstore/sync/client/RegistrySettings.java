package dev.imgstore.sync.client;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * What a client takes from this machine.
 *
 * @param insecure hosts, with their ports as they are written in names of images, that may be
 *     spoken to without TLS; this machine itself always may
 * @param credentials files in the form of docker's {@code config.json}, the first that knows a host
 *     wins; read only when a registry wants credentials, and none has to be there
 * @param authorities certificates in PEM that are trusted besides the machine's; empty for none
 * @param agent how the client calls itself
 */
public record RegistrySettings(
    Set<String> insecure,
    List<Path> credentials,
    ProxyChoice proxies,
    String authorities,
    String agent,
    Patience patience) {
  /** Copies in. */
  public RegistrySettings {
    insecure = Set.copyOf(insecure);
    credentials = List.copyOf(credentials);
  }
}
