package dev.imgstore.sync.cache;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.imgstore.model.Descriptor;
import dev.imgstore.model.Digest;
import dev.imgstore.sync.Manifest;
import dev.imgstore.sync.Registry;
import dev.imgstore.sync.RegistryException;
import dev.imgstore.sync.RegistryException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;

/**
 * The inventory where it is: by a tag of its own. Of two that write at once the last one stays, and
 * what the other sent is found by nobody but those who fetch it.
 *
 * @param manifest it was read from; empty if there was none
 */
record InventoryFile(Inventory inventory, Optional<Digest> manifest) {
  private static final String TYPE = "application/vnd.imgstore.cache.inventory.list.v1";

  /** What is there; nothing if that is none. */
  static InventoryFile read(Registry registry) throws IOException {
    Optional<Manifest> found = registry.manifest(Inventory.TAG);
    if (found.isEmpty()) {
      return new InventoryFile(new Inventory(), Optional.empty());
    }
    return new InventoryFile(list(registry, found.get()), Optional.of(found.get().digest()));
  }

  private static Inventory list(Registry registry, Manifest manifest) throws IOException {
    try {
      JsonNode top = new ObjectMapper().readTree(manifest.bytes());
      JsonNode config = top.required("config");
      Descriptor list =
          new Descriptor(
              TYPE,
              Digest.parse(config.required("digest").asText()),
              config.required("size").asLong());
      if (!top.path("artifactType").asText().equals(Inventory.ARTIFACT)
          || list.size() > Inventory.MAX) {
        return new Inventory();
      }
      try (InputStream in = registry.open(list)) {
        return Inventory.decode(in.readNBytes((int) list.size()));
      }
    } catch (RegistryException e) {
      if (e.kind() == Kind.UNKNOWN || e.kind() == Kind.WRONG) {
        return new Inventory(); // it costs bytes only
      }
      throw e;
    } catch (com.fasterxml.jackson.core.JsonProcessingException | IllegalArgumentException e) {
      return new Inventory();
    }
  }

  /** What is there now, if somebody else wrote meanwhile; or a copy of this. */
  InventoryFile again(Registry registry) throws IOException {
    Optional<Digest> now = registry.head(Inventory.TAG).map(Descriptor::digest);
    if (!now.equals(manifest)) {
      return read(registry);
    }
    Inventory copy = new Inventory();
    inventory.packs().forEach(copy::add);
    return new InventoryFile(copy, manifest);
  }

  /**
   * Puts it there.
   *
   * @return bytes that were sent
   */
  long write(Registry registry) throws IOException {
    Descriptor list = Sending.upload(registry, TYPE, inventory.encode());
    Manifest document =
        CacheManifest.document(
            CacheManifest.artifact(Inventory.ARTIFACT, list, List.of(empty(registry))));
    if (!manifest.equals(Optional.of(document.digest()))) {
      registry.put(document, Inventory.TAG);
    }
    return list.size() + document.bytes().length;
  }

  /** There must be a layer (OCI image-spec 1.1, "Guidance for an Empty Descriptor"). */
  private static Descriptor empty(Registry registry) throws IOException {
    return Sending.upload(registry, "application/vnd.oci.empty.v1+json", new byte[] {'{', '}'});
  }
}
