package dev.imgstore.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.imgstore.builder.source.oci.BaseImage;
import dev.imgstore.model.Digest;
import dev.imgstore.store.BuildRecord;
import dev.imgstore.store.Journal;
import dev.imgstore.store.JsonTree;
import dev.imgstore.store.Mender;
import dev.imgstore.store.Root;
import dev.imgstore.store.Store;
import dev.imgstore.store.Transaction;
import dev.imgstore.store.Trees;
import dev.imgstore.sync.ImageName;
import dev.imgstore.sync.Manifest;
import dev.imgstore.sync.Pull;
import dev.imgstore.sync.Registry;
import dev.imgstore.sync.client.RegistryClients;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Pulls images again from where the journal says that they came from, or went to, by their digests.
 * What is unpacked of them is the content of the files that a build put into them.
 */
record RegistryMender(Store store, Imgstore root) implements Mender {
  private static final int AT_A_TIME = 4;

  @Override
  public String name() {
    return "pulled again";
  }

  @Override
  public void mend(Losses losses, Transaction into) throws IOException {
    Map<Digest, Set<ImageName>> places = places();
    List<String> failures = new ArrayList<>();
    Map<Digest, BuildRecord> records = new HashMap<>();
    for (Records.Of each : Records.read(losses, into, new ArrayList<>())) {
      records.put(each.record().image(), each.record());
    }
    Set<Digest> tried = new LinkedHashSet<>();
    for (Root.OfGeneration each : losses.generations()) {
      if (tried.add(each.image()) && places.containsKey(each.image()) && !isBack(losses, into)) {
        Optional<BuildRecord> record = Optional.ofNullable(records.get(each.image()));
        failures.addAll(pull(each, record, places.get(each.image()), into));
      }
    }
    if (!failures.isEmpty()) {
      throw new IOException(String.join("; ", failures));
    }
  }

  /** Names in registries, the last one first, by what they stood for. */
  private Map<Digest, Set<ImageName>> places() throws IOException {
    Map<Digest, Set<ImageName>> places = new HashMap<>();
    List<Journal.Entry> entries = new ArrayList<>(store.journal().list());
    Collections.reverse(entries);
    for (Journal.Entry each : entries) {
      if (each.kind().equals("push") || each.kind().equals("pull")) {
        JsonNode body = JsonTree.read(each.body().getBytes(StandardCharsets.UTF_8));
        String place = body.path(each.kind().equals("push") ? "to" : "from").asText();
        places
            .computeIfAbsent(
                Digest.parse(body.path("image").asText()), unused -> new LinkedHashSet<>())
            .add(ImageName.parse(place));
      }
    }
    return places;
  }

  private static boolean isBack(Losses losses, Transaction into) throws IOException {
    for (Digest each : losses.blobs()) {
      if (!into.has(each)) {
        return false;
      }
    }
    return true;
  }

  /** Why it did not come; nothing if it came. */
  private List<String> pull(
      Root.OfGeneration generation,
      Optional<BuildRecord> record,
      Set<ImageName> places,
      Transaction into) {
    List<String> failures = new ArrayList<>();
    for (ImageName place : places) {
      try (Registry registry =
          RegistryClients.reading(place, Registries.settings(root, List.of()))) {
        pull(registry, generation.image(), into);
        if (record.isPresent()) {
          unpack(generation.label(), record.get(), into);
          sources(registry, record.get(), into);
        }
        return List.of();
      } catch (IOException e) {
        failures.add(String.valueOf(e.getMessage()));
      }
    }
    return failures;
  }

  private static void pull(Registry registry, Digest image, Transaction into) throws IOException {
    ExecutorService pool = Executors.newFixedThreadPool(AT_A_TIME);
    try {
      Pull.run(
          new Pull.Request(registry, image.toString(), List.of(), into, pool, (done, total) -> {}));
    } finally {
      pool.shutdownNow();
    }
  }

  private static void unpack(String label, BuildRecord record, Transaction into)
      throws IOException {
    for (BuildRecord.Part each : record.parts()) {
      if (!Trees.isComplete(into, each.tree())) {
        BaseImage.unpack(label + " for " + each.platform(), each.manifest(), into);
      }
    }
  }

  /** The index of an image that was taken out of one. */
  private static void sources(Registry registry, BuildRecord record, Transaction into)
      throws IOException {
    if (!Records.isImported(record)) {
      return;
    }
    for (Digest each : record.sources()) {
      if (!into.has(each)) {
        Optional<Manifest> index = registry.manifest(each.toString());
        if (index.isPresent()) {
          into.putMetadata(index.get().bytes());
        }
      }
    }
  }
}
