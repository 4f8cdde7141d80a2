package dev.imgstore.sync.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.imgstore.model.Digest;
import dev.imgstore.sync.Manifest;
import dev.imgstore.sync.Registry;
import dev.imgstore.sync.Registry.Referrer;
import dev.imgstore.sync.RegistryException;
import dev.imgstore.sync.RegistryException.Kind;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What names a manifest as its subject: the registry's list, or an index by a tag that is made of
 * the subject's digest (distribution-spec 1.1, "Listing Referrers", "Referrers Tag Schema").
 */
final class Referrers {
  private final Registry registry;
  private final Session session;
  private final String base;
  private final String scope;

  Referrers(Registry registry, Session session, String base, String scope) {
    this.registry = registry;
    this.session = session;
    this.base = base;
    this.scope = scope;
  }

  /** Those of this type, or all if it is empty; in the order of the list. */
  List<Referrer> of(Digest subject, String type) throws IOException {
    Map<Digest, Referrer> found = new LinkedHashMap<>();
    String query =
        type.isEmpty() ? "" : "?artifactType=" + URLEncoder.encode(type, StandardCharsets.UTF_8);
    Call call = new Call("GET", session.at(base + "referrers/" + subject + query));
    boolean there =
        new Pages(session, scope).each(call, page -> gather(page, found), () -> found.size());
    if (!there) {
      Optional<Manifest> index = registry.manifest(tag(subject));
      index.ifPresent(each -> gather(Documents.read(each.bytes()), found));
    }
    return found.values().stream()
        .filter(each -> type.isEmpty() || each.artifactType().equals(type))
        .toList();
  }

  private static String tag(Digest subject) {
    return "sha256-" + subject.hex();
  }

  private static void gather(JsonNode index, Map<Digest, Referrer> found) {
    for (JsonNode entry : index.path("manifests")) {
      Documents.referrer(entry).ifPresent(each -> found.put(each.manifest().digest(), each));
    }
  }

  /** Adds to the index by tag, for a registry that keeps no list; what is in it stays as it is. */
  void add(Digest subject, Manifest manifest) throws IOException {
    Optional<Manifest> old = registry.manifest(tag(subject));
    JsonNode read = old.map(each -> Documents.read(each.bytes())).orElseGet(Referrers::empty);
    if (!(read instanceof ObjectNode index)
        || !(index.path("manifests") instanceof ArrayNode list)) {
      throw new RegistryException(
          Kind.WRONG, registry.name() + ":" + tag(subject) + " is no index of referrers");
    }
    String digest = manifest.digest().toString();
    for (JsonNode entry : list) {
      if (entry.path("digest").asText().equals(digest)) {
        return;
      }
    }
    list.add(Documents.entry(manifest.descriptor(), manifest.bytes()));
    byte[] bytes = new ObjectMapper().writeValueAsBytes(index);
    registry.put(new Manifest(Documents.INDEX, bytes), tag(subject));
  }

  private static JsonNode empty() {
    ObjectNode index = new ObjectMapper().createObjectNode();
    index.put("schemaVersion", 2).put("mediaType", Documents.INDEX).putArray("manifests");
    return index;
  }
}
