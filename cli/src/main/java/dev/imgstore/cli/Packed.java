package dev.imgstore.cli;

import dev.imgstore.builder.pack.TreeArtifact;
import dev.imgstore.builder.realise.TreeImage;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Platform;
import dev.imgstore.model.TreeId;
import dev.imgstore.store.Root;
import dev.imgstore.store.Store;
import dev.imgstore.store.StoreException;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Imported generations by the images that were packed of them: pins say which, and what is known of
 * earlier packing. One thread calls.
 */
final class Packed {
  private final Store store;
  private final List<Root> roots;
  private Optional<SortedMap<Digest, Digest>> sources = Optional.empty();

  /**
   * Of a store.
   *
   * @param roots all roots of it
   */
  Packed(Store store, List<Root> roots) {
    this.store = store;
    this.roots = roots;
  }

  /**
   * The image of the generation that this one was packed from; empty if none is known. Nothing is
   * packed to find out.
   */
  Optional<Digest> source(Digest packed) throws IOException {
    return Optional.ofNullable(sources().get(packed));
  }

  /** The images of generations, by those that were packed of them. */
  SortedMap<Digest, Digest> sources() throws IOException {
    if (sources.isEmpty()) {
      sources = Optional.of(read());
    }
    return sources.get();
  }

  /**
   * As {@link #source}; where what was packed was forgotten, what was pushed is packed again.
   *
   * @param packed what somebody else calls it
   */
  Optional<Digest> origin(Digest packed) throws IOException {
    Optional<Digest> known = source(packed);
    if (known.isPresent()) {
      return known;
    }
    Pushes pushes = Pushes.read(store.journal().list());
    for (Root root : roots) {
      if (root instanceof Root.OfGeneration of
          && pushes.isPushed(of.profile(), of.number())
          && images(of.image()).contains(packed)) {
        return Optional.of(of.image());
      }
    }
    return Optional.empty();
  }

  /** What an imported generation's image is packed as; empty for one that is an image itself. */
  SortedSet<Digest> images(Digest own) throws IOException {
    SortedSet<Digest> images = new TreeSet<>();
    sources()
        .forEach(
            (packed, source) -> {
              if (source.equals(own)) {
                images.add(packed);
              }
            });
    for (Root root : roots) {
      if (root instanceof Root.OfGeneration of && of.image().equals(own)) {
        images.add(ExportCommand.Oci.image(store, new Ref(of.profile(), of.generation())));
      }
    }
    images.remove(own);
    return images;
  }

  private SortedMap<Digest, Digest> read() throws IOException {
    SortedMap<Digest, Digest> found = new TreeMap<>();
    Map<String, Digest> pins = new TreeMap<>();
    for (Root root : roots) {
      if (root instanceof Root.Pin pin) {
        pins.put(pin.name(), pin.image());
      }
    }
    for (Root root : roots) {
      if (root instanceof Root.OfGeneration of) {
        known(of).ifPresent(packed -> found.put(packed, of.image()));
      } else if (root instanceof Root.Pin pin && SourcePin.is(pin)) {
        Optional.ofNullable(pins.get(SourcePin.first(pin.name())))
            .ifPresent(packed -> found.put(packed, pin.image()));
      }
    }
    return found;
  }

  /** What a generation was packed as before; empty for one that is an image itself. */
  private Optional<Digest> known(Root.OfGeneration of) throws IOException {
    try {
      Optional<TreeId> tree = TreeArtifact.read(store.blobs(), of.image());
      if (tree.isEmpty()) {
        return Optional.empty();
      }
      Ref ref = new Ref(of.profile(), of.generation());
      return new TreeImage(store, tree.get(), of.profile(), platform(store, ref)).known();
    } catch (StoreException e) {
      return Optional.empty(); // what is lost was packed as nothing that is known
    }
  }

  /** What an imported generation is packed for. */
  static Platform platform(Store store, Ref imported) throws IOException {
    return Held.read(store.blobs(), imported).record().parts().get(0).platform();
  }
}
