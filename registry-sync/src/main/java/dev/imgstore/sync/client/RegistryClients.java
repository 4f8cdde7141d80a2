package dev.imgstore.sync.client;

import com.google.cloud.tools.jib.registry.RegistryAliasGroup;
import dev.imgstore.sync.ImageName;
import dev.imgstore.sync.Registry;

/** Opens repositories of registries. Nothing is asked before the first method is called. */
public final class RegistryClients {
  private RegistryClients() {}

  /**
   * For reading; the caller closes it. A registry that gives tokens is asked for one that only
   * reads.
   */
  public static Registry reading(ImageName image, RegistrySettings settings) {
    return open(image, settings, "pull");
  }

  /** For reading and writing; the caller closes it. */
  public static Registry writing(ImageName image, RegistrySettings settings) {
    return open(image, settings, "pull,push");
  }

  private static Registry open(ImageName image, RegistrySettings settings, String actions) {
    String host = image.host();
    String server = Hosts.isLoopback(host) ? host : RegistryAliasGroup.getHost(host);
    // Where a host stands for another, as that of Docker does, single names are short for these.
    boolean isShort = !server.equals(host) && image.repository().indexOf('/') < 0;
    String repository = isShort ? "library/" + image.repository() : image.repository();
    return new HttpRegistry(
        image.host() + "/" + image.repository(),
        repository,
        "repository:" + repository + ":" + actions,
        new Session(host, server, settings));
  }
}
