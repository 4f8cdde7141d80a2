package dev.imgstore.builder.source.npm;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.imgstore.builder.lock.Lock;
import dev.imgstore.builder.source.fetch.Fetcher;
import dev.imgstore.model.Digest;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Checks what registries sign: name, version and integrity of each package, by ECDSA on P-256 with
 * SHA-256, with keys that the registry itself publishes ({@code -/npm/v1/keys}). So they are
 * trusted on first use: the lock names who signed, and whoever locks again hears of another key. A
 * key that has expired still counts, for nothing that is signed says when it was. Safe for many
 * threads.
 */
final class RegistrySignatures {
  private static final int LARGEST = 8 << 20;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final NpmSetup setup;
  private final Fetcher fetcher;
  private final Map<URI, Map<String, PublicKey>> keys = new HashMap<>();
  private final SortedSet<String> without = Collections.synchronizedSortedSet(new TreeSet<>());
  private final SortedSet<String> unsigned = Collections.synchronizedSortedSet(new TreeSet<>());

  /** Whether the file that was taken is what an integrity says. */
  interface Check {
    boolean isRight(String integrity) throws IOException;
  }

  RegistrySignatures(NpmSetup setup, Fetcher fetcher) {
    this.setup = setup;
    this.fetcher = fetcher;
  }

  /**
   * The key that signed a package: {@code sha256:} of it; empty if the registry publishes no keys,
   * or some page instead of them, or the package has no signature.
   *
   * @throws IOException if there is a signature, and it is wrong
   */
  String signer(PackageLock.Entry entry, Check file) throws IOException {
    URI registry = setup.registry(entry.name()).orElse(null);
    Map<String, PublicKey> known = registry == null ? Map.of() : keys(registry);
    if (registry == null || known.isEmpty()) {
      return "";
    }
    String what = entry.name() + " " + entry.version();
    JsonNode dist = dist(what, registry, entry);
    if (dist.path("signatures").isEmpty()) {
      unsigned.add(what);
      return "";
    }
    String integrity = dist.path("integrity").asText();
    if (!file.isRight(integrity)) {
      throw new IOException(
          what + ": the registry signs other bytes than those it gives, " + integrity);
    }
    String message = entry.name() + "@" + entry.version() + ":" + integrity;
    String signer = "";
    for (JsonNode each : dist.path("signatures")) {
      PublicKey key = known.get(each.path("keyid").asText());
      if (key == null || !isRight(key, message, each.path("sig").asText())) {
        throw new IOException(
            what
                + ": the registry's signature by "
                + each.path("keyid").asText()
                + (key == null ? " is by no key that it publishes" : " is wrong"));
      }
      signer = Digest.of(key.getEncoded()).toString();
    }
    return signer;
  }

  /** What a registry says of one version; nothing if it does not know single ones. */
  private JsonNode dist(String what, URI registry, PackageLock.Entry entry) throws IOException {
    try {
      String path = entry.name().replace("/", "%2f") + "/" + entry.version();
      return json(what, registry, path).path("dist");
    } catch (Fetcher.FailedEverywhere e) {
      if (Fetcher.isAbsent(e)) {
        return JSON.createObjectNode();
      }
      throw e;
    }
  }

  private static boolean isRight(PublicKey key, String message, String signature) {
    try {
      Signature check = Signature.getInstance("SHA256withECDSA");
      check.initVerify(key);
      check.update(message.getBytes(StandardCharsets.UTF_8));
      return check.verify(Base64.getDecoder().decode(signature));
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      return false;
    }
  }

  private synchronized Map<String, PublicKey> keys(URI registry) throws IOException {
    Map<String, PublicKey> known = keys.get(registry);
    if (known == null) {
      known = new TreeMap<>();
      try {
        for (JsonNode each :
            json("the keys of the registry", registry, "-/npm/v1/keys").path("keys")) {
          if (each.path("scheme").asText().equals("ecdsa-sha2-nistp256")) {
            known.put(each.path("keyid").asText(), key(each.path("key").asText()));
          }
        }
      } catch (Fetcher.FailedEverywhere | NoJson e) {
        without.add(String.valueOf(registry.getHost()));
      }
      keys.put(registry, known);
    }
    return known;
  }

  private static PublicKey key(String text) throws IOException {
    try {
      byte[] bytes = Base64.getDecoder().decode(text);
      return KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(bytes));
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new IOException("the registry publishes a key that cannot be read", e);
    }
  }

  /** Some page instead of an answer. */
  private static final class NoJson extends IOException {
    private static final long serialVersionUID = 1L;

    NoJson(String message, IOException cause) {
      super(message, cause);
    }
  }

  private JsonNode json(String what, URI registry, String path) throws IOException {
    try {
      return JSON.readTree(fetcher.small(what, URI.create(registry + path), LARGEST));
    } catch (JsonProcessingException e) {
      throw new NoJson("the registry's answer about " + what + " is no JSON", e);
    }
  }

  /**
   * What a person should know.
   *
   * @throws IOException if what was signed when it was locked last is not any more
   */
  List<String> compare(List<Lock.Fetched> before, List<Lock.Fetched> now) throws IOException {
    SortedSet<String> signers = new TreeSet<>();
    Map<String, Lock.Fetched> old = new HashMap<>();
    for (Lock.Fetched each : before) {
      signers.add(each.signer());
      old.put(each.path(), each);
    }
    signers.remove("");
    SortedSet<String> fresh = new TreeSet<>();
    for (Lock.Fetched each : now) {
      Lock.Fetched was = old.get(each.path());
      if (was != null && !was.signer().isEmpty() && each.signer().isEmpty()) {
        throw new IOException(
            each.name()
                + " "
                + each.version()
                + " was signed by "
                + was.signer()
                + " when it was locked, and has no signature now; remove the lock if that is right");
      }
      if (!each.signer().isEmpty() && !signers.contains(each.signer())) {
        fresh.add(each.signer());
      }
    }
    List<String> said = new ArrayList<>();
    if (!signers.isEmpty() && !fresh.isEmpty()) {
      said.add("its packages are signed by a key that is new: " + String.join(", ", fresh));
    }
    if (!unsigned.isEmpty()) {
      said.add(unsigned.size() + " packages have no signature: " + first(unsigned));
    }
    if (!without.isEmpty()) {
      said.add(
          "signatures are not checked, for "
              + String.join(", ", without)
              + " publishes no keys; integrity is");
    }
    return said;
  }

  private static String first(SortedSet<String> names) {
    String shown = String.join(", ", names.stream().limit(5).toList());
    return names.size() > 5 ? shown + " ..." : shown;
  }
}
