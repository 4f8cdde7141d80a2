package dev.imgstore.sync.cache;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.imgstore.model.ActionKey;
import dev.imgstore.model.Descriptor;
import dev.imgstore.model.Digest;
import dev.imgstore.sync.Manifest;
import dev.imgstore.sync.keys.PublicKey;
import dev.imgstore.sync.keys.SigningKey;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A result as an artifact (OCI image-spec 1.1, "Guidelines for Artifact Usage"): the list of what
 * it needs is the configuration, the packs are layers, statement and signature are annotations.
 *
 * @param contents of the list
 */
record CacheManifest(Statement statement, Descriptor contents, List<Descriptor> packs) {
  /** Of a result. */
  static final String ARTIFACT = "application/vnd.imgstore.cache.result.v1";

  static final String CONTENTS = "application/vnd.imgstore.cache.contents.v1";
  static final String PACK = "application/vnd.imgstore.cache.pack.v1";
  private static final String ANY_VERSION = "application/vnd.imgstore.cache.";
  private static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
  private static final String STATEMENT = "dev.imgstore.cache.statement";
  private static final String SIGNATURE = "dev.imgstore.cache.signature";
  private static final Pattern TAG = Pattern.compile("[0-9a-f]{64}-[0-9a-f]{16}");

  /** Copies in. */
  CacheManifest {
    packs = List.copyOf(packs);
  }

  /** Where a key's statement on an action is. */
  static String tag(ActionKey key, PublicKey signer) {
    return key.digest().hex() + "-" + signer.id();
  }

  static boolean isTag(String tag) {
    return TAG.matcher(tag).matches();
  }

  /** The document, with its signature. */
  Manifest sign(SigningKey key) {
    String text = statement.text();
    ObjectNode top = artifact(ARTIFACT, contents, packs);
    ObjectNode annotations = top.putObject("annotations");
    annotations.put(STATEMENT, text);
    annotations.put(
        SIGNATURE, Base64.getEncoder().encodeToString(key.sign(Statement.signed(text))));
    return document(top);
  }

  static ObjectNode artifact(String type, Descriptor config, List<Descriptor> layers) {
    ObjectNode top = JsonNodeFactory.instance.objectNode();
    top.put("schemaVersion", 2).put("mediaType", MANIFEST).put("artifactType", type);
    put(top.putObject("config"), config);
    var list = top.putArray("layers");
    layers.forEach(each -> put(list.addObject(), each));
    return top;
  }

  static Manifest document(ObjectNode top) {
    return new Manifest(MANIFEST, top.toString().getBytes(StandardCharsets.UTF_8));
  }

  private static void put(ObjectNode to, Descriptor what) {
    to.put("mediaType", what.mediaType());
    to.put("digest", what.digest().toString());
    to.put("size", what.size());
  }

  /** True if it is of a cache, of whatever version. */
  static boolean isOurs(Manifest manifest) {
    try {
      String type = new ObjectMapper().readTree(manifest.bytes()).path("artifactType").asText();
      return type.startsWith(ANY_VERSION);
    } catch (java.io.IOException e) {
      return false;
    }
  }

  /**
   * Reads one whose signature is right. Whether it is about what was asked for is for the caller.
   *
   * @param signer whose signature it must be; empty for that of whom it names
   */
  static CacheManifest read(Manifest manifest, List<PublicKey> signer) throws Refused {
    try {
      JsonNode top = new ObjectMapper().readTree(manifest.bytes());
      String type = top.path("artifactType").asText();
      if (!type.equals(ARTIFACT)) {
        throw type.startsWith(ANY_VERSION)
            ? Refused.later("it")
            : new Refused("it is no result of a shared cache");
      }
      String text = top.path("annotations").path(STATEMENT).asText();
      Statement statement = Statement.parse(text);
      requireSigned(statement, text, top.path("annotations").path(SIGNATURE).asText(), signer);
      Descriptor contents = descriptor(top.required("config"));
      if (!contents.digest().equals(statement.contents())) {
        throw new Refused("its list of contents is not the one that was signed");
      }
      List<Descriptor> packs = new ArrayList<>();
      top.required("layers").forEach(each -> packs.add(descriptor(each)));
      return new CacheManifest(statement, contents, packs);
    } catch (JsonProcessingException e) {
      throw new Refused("it is no manifest");
    } catch (java.io.IOException e) {
      throw e instanceof Refused refused ? refused : new Refused("it cannot be read");
    } catch (IllegalArgumentException e) {
      throw new Refused("it is no manifest of a result");
    }
  }

  private static void requireSigned(
      Statement statement, String text, String signature, List<PublicKey> signer) throws Refused {
    for (PublicKey each : signer) {
      if (!each.equals(statement.signer())) {
        throw new Refused("it is signed by another key, " + statement.signer().id());
      }
    }
    byte[] bytes;
    try {
      bytes = Base64.getDecoder().decode(signature);
    } catch (IllegalArgumentException e) {
      throw new Refused("it has no signature");
    }
    if (!statement.signer().verifies(Statement.signed(text), bytes)) {
      throw new Refused("its signature is wrong: somebody changed it, or made it up");
    }
  }

  private static Descriptor descriptor(JsonNode node) {
    return new Descriptor(
        node.required("mediaType").asText(),
        Digest.parse(node.required("digest").asText()),
        node.required("size").asLong());
  }
}
