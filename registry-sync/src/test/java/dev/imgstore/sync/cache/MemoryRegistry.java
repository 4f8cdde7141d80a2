package dev.imgstore.sync.cache;

import dev.imgstore.model.Descriptor;
import dev.imgstore.model.Digest;
import dev.imgstore.sync.Content;
import dev.imgstore.sync.Manifest;
import dev.imgstore.sync.Registry;
import dev.imgstore.sync.RegistryException;
import dev.imgstore.sync.RegistryException.Kind;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/** A repository in memory, which gives whatever a test has put there, and checks nothing. */
final class MemoryRegistry implements Registry {
  final Map<String, Manifest> tags = new TreeMap<>();
  final Map<Digest, byte[]> blobs = new HashMap<>();
  final Map<Digest, byte[]> lies = new HashMap<>();
  final List<String> asked = new ArrayList<>();
  Optional<Kind> failure = Optional.empty();
  boolean deletes = true;
  Hook meanwhile = () -> {};

  /** Something that happens when the inventory is asked for. */
  interface Hook {
    void run() throws IOException;
  }

  private synchronized void ask(String what) throws RegistryException {
    asked.add(what);
    if (failure.isPresent()) {
      throw new RegistryException(failure.get(), "it does not want to");
    }
  }

  /** What a tag stands for. */
  synchronized Manifest tag(String tag) {
    return Objects.requireNonNull(tags.get(tag), tag);
  }

  /** A blob that is there. */
  synchronized byte[] blob(Digest digest) {
    return Objects.requireNonNull(blobs.get(digest), digest::toString);
  }

  /** All packs that are there. */
  synchronized List<Digest> packs() {
    return blobs.keySet().stream()
        .filter(each -> new String(blob(each), StandardCharsets.ISO_8859_1).startsWith("imgseg"))
        .toList();
  }

  @Override
  public String name() {
    return "here/cache";
  }

  @Override
  public synchronized Optional<Manifest> manifest(String reference) throws IOException {
    ask("GET " + reference);
    if (reference.equals(Inventory.TAG)) {
      meanwhile.run();
    }
    return Optional.ofNullable(tags.get(reference));
  }

  @Override
  public synchronized Optional<Descriptor> head(String reference) throws IOException {
    ask("HEAD " + reference);
    return Optional.ofNullable(tags.get(reference)).map(Manifest::descriptor);
  }

  @Override
  public synchronized void put(Manifest manifest, String tag) throws IOException {
    ask("PUT " + tag);
    tags.put(tag, manifest);
  }

  @Override
  public synchronized boolean has(Digest blob) throws IOException {
    ask("HEAD blob");
    return blobs.containsKey(blob);
  }

  @Override
  public boolean mount(Digest blob, String repository) {
    throw new AssertionError(blob);
  }

  @Override
  public void upload(Descriptor blob, Content content) throws IOException {
    ask("upload");
    byte[] bytes;
    try (InputStream in = content.open()) {
      bytes = in.readAllBytes();
    }
    if (bytes.length != blob.size() || !Digest.of(bytes).equals(blob.digest())) {
      throw new RegistryException(Kind.REFUSED, "not what was said");
    }
    synchronized (this) {
      blobs.put(blob.digest(), bytes);
    }
  }

  @Override
  public InputStream open(Descriptor blob) throws IOException {
    ask("GET blob");
    synchronized (this) {
      byte[] bytes = lies.getOrDefault(blob.digest(), blobs.get(blob.digest()));
      if (bytes == null) {
        throw new RegistryException(Kind.UNKNOWN, "no " + blob.digest());
      }
      return new ByteArrayInputStream(bytes);
    }
  }

  @Override
  public synchronized List<String> tags() throws IOException {
    ask("tags");
    return List.copyOf(tags.keySet());
  }

  @Override
  public List<Referrer> referrers(Digest subject, String artifactType) {
    throw new AssertionError(subject);
  }

  @Override
  public synchronized boolean delete(Digest manifest) throws IOException {
    ask("DELETE");
    if (!deletes) {
      throw new RegistryException(Kind.REFUSED, "it answers 405, which is not expected");
    }
    return tags.values().removeIf(each -> each.digest().equals(manifest));
  }

  /** As a registry's own collection does: what no manifest names is gone. */
  synchronized void sweep() {
    TreeSet<Digest> named = new TreeSet<>();
    for (Manifest each : tags.values()) {
      String text = new String(each.bytes(), StandardCharsets.UTF_8);
      var found = java.util.regex.Pattern.compile("sha256:[0-9a-f]{64}").matcher(text);
      while (found.find()) {
        named.add(Digest.parse(found.group()));
      }
    }
    blobs.keySet().retainAll(named);
  }

  @Override
  public void close() {}
}
