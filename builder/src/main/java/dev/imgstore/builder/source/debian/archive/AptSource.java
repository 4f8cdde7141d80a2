package dev.imgstore.builder.source.debian.archive;

import java.net.URI;
import java.util.List;

/**
 * One entry of the machine's apt configuration (sources.list(5)).
 *
 * @param uris roots of mirrors, each ending in a slash
 * @param suites as written there
 * @param components empty for flat repositories, which are not used
 */
public record AptSource(List<URI> uris, List<String> suites, List<String> components) {
  /** Copies in. */
  public AptSource {
    uris = List.copyOf(uris);
    suites = List.copyOf(suites);
    components = List.copyOf(components);
  }
}
