package dev.imgstore.builder.realise;

import dev.imgstore.builder.pack.CanonicalTar;
import dev.imgstore.builder.pack.ImageAssembler;
import dev.imgstore.builder.pack.LayerContent;
import dev.imgstore.builder.pack.LayerPacker;
import dev.imgstore.builder.pack.LayerSplit;
import dev.imgstore.builder.pack.PackKey;
import dev.imgstore.builder.recipe.RunConfig;
import dev.imgstore.builder.recipe.RunConfig.Compression;
import dev.imgstore.builder.recipe.RunConfig.Healthcheck;
import dev.imgstore.model.ActionKey;
import dev.imgstore.model.Descriptor;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Image;
import dev.imgstore.model.Platform;
import dev.imgstore.model.TreeId;
import dev.imgstore.store.ImageManifest;
import dev.imgstore.store.Store;
import dev.imgstore.store.Transaction;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;

/**
 * An image of a tree that no recipe made: one layer, nothing set in its configuration. A function
 * of tree, title and platform.
 */
public final class TreeImage {
  /** Raised when the same tree gives another image. */
  private static final int VERSION = 1;

  private static final Compression COMPRESSION = Compression.ZSTD;
  private static final Instant CREATED = Instant.ofEpochSecond(CanonicalTar.TIME);
  private static final RunConfig NOTHING_SET =
      new RunConfig(
          List.of(),
          List.of(),
          Collections.emptySortedMap(),
          "/",
          "",
          List.of(),
          List.of(),
          Collections.emptySortedMap(),
          "",
          Healthcheck.NONE,
          COMPRESSION,
          1);

  private final Store store;
  private final ActionKey key;
  private final TreeId tree;
  private final String title;
  private final Platform platform;

  /** The image of {@code tree} in {@code store}. */
  public TreeImage(Store store, TreeId tree, String title, Platform platform) {
    this.store = store;
    this.tree = tree;
    this.title = title;
    this.platform = platform;
    String text =
        "imgstore image of a tree "
            + VERSION
            + ("\ntar " + CanonicalTar.FORMAT)
            + ("\n" + PackKey.encoder(COMPRESSION))
            + ("\n" + platform)
            + ("\n" + tree)
            + ("\n" + title + "\n");
    this.key = new ActionKey(Digest.of(text.getBytes(StandardCharsets.UTF_8)));
  }

  /**
   * Makes the image, or finds it; durable on return, with all that {@code transaction} holds.
   *
   * @param pool runs the packing; stays the caller's, whose thread must not be one of it
   */
  public Digest make(Transaction transaction, ExecutorService pool) throws IOException {
    Optional<Digest> known = known(transaction);
    if (known.isPresent()) {
      transaction.flush();
      return known.get();
    }
    LayerPacker.Packed packed =
        new LayerPacker(store.actions(), pool).pack(layers(transaction), COMPRESSION, transaction);
    Image image =
        ImageAssembler.assemble(
            new ImageAssembler.Request(
                platform, NOTHING_SET, CREATED, packed.layers(), title, new TreeMap<>()),
            transaction);
    SortedMap<ActionKey, Digest> fresh = new TreeMap<>(packed.fresh());
    fresh.put(key, image.manifest().digest());
    transaction.flush();
    for (Map.Entry<ActionKey, Digest> action : fresh.entrySet()) {
      store.actions().record(action.getKey(), action.getValue());
    }
    return image.manifest().digest();
  }

  /** The image, if it was made before and its manifest is still there; nothing is made. */
  public Optional<Digest> known() throws IOException {
    return store.actions().find(key);
  }

  private List<LayerContent> layers(Transaction transaction) throws IOException {
    return LayerSplit.split(
        LayerSplit.entries(transaction, tree), List.of(), Collections.emptySortedMap(), 1);
  }

  /** What was packed before, if nothing of it was collected. */
  private Optional<Digest> known(Transaction transaction) throws IOException {
    Optional<Digest> manifest = store.actions().find(key);
    if (manifest.isEmpty() || !transaction.has(manifest.get())) {
      return Optional.empty();
    }
    for (Descriptor each : ImageManifest.read(transaction, manifest.get()).references()) {
      if (!transaction.has(each.digest())) {
        return Optional.empty();
      }
    }
    // a collection forgets an action before what it gave: one that is still known was not begun
    // with
    return store.actions().find(key).equals(manifest) ? manifest : Optional.empty();
  }
}
