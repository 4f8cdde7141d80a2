package dev.imgstore.cli;

import dev.imgstore.builder.spec.Reference;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Generation;
import dev.imgstore.model.Profile;
import dev.imgstore.store.ImageManifest;
import dev.imgstore.store.Root;
import dev.imgstore.store.Store;
import dev.imgstore.store.StoreException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** The images of this store by the names, tags and digests of deploy specs. One thread calls. */
final class SpecImages {
  /** What a tag stands for: a generation, one that is gone, or nothing that is known. */
  record Tagged(Optional<Ref> generation, String gone) {
    static final Tagged NOTHING = new Tagged(Optional.empty(), "");
  }

  private final Store store;
  private final Pushes pushes;
  private final Packed packed;
  private final List<Root> roots;
  private final SortedMap<String, SortedMap<String, Integer>> tags;
  private final Map<Ref, Digest> images = new HashMap<>();
  private final Map<Digest, Optional<ImageManifest.Index>> indexes = new HashMap<>();

  SpecImages(Store store) throws IOException {
    this.store = store;
    this.pushes = Pushes.read(store.journal().list());
    this.roots = store.roots().all();
    this.tags = store.roots().tags();
    this.packed = new Packed(store, roots);
  }

  /** Whether something of this store is this very image. */
  boolean isRoot(Digest image) {
    return roots.stream().anyMatch(root -> root.image().equals(image));
  }

  /** The generation that was pushed or pulled with this digest. */
  Optional<String> sent(Digest image) {
    return pushes.generation(image);
  }

  Digest image(Ref ref) {
    try {
      Digest known = images.get(ref);
      if (known == null) {
        known = ExportCommand.Oci.image(store, ref);
        images.put(ref, known);
      }
      return known;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Optional<Profile> profile(Reference reference) throws IOException {
    Optional<Profile> pushed = pushes.profile(reference.name()).flatMap(this::open);
    return pushed.isPresent() ? pushed : open(reference.last());
  }

  Optional<Profile> open(String name) {
    try {
      return Profile.isName(name)
          ? store.profiles().open(name).filter(profile -> profile.current() > 0)
          : Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What was sent to the registry under this tag; else the generation of this number or tag. */
  Tagged tagged(Profile profile, Reference reference) {
    Optional<Pushes.Sent> sent =
        pushes
            .sent(reference.name(), reference.tag())
            .filter(each -> each.profile().equals(profile.name()));
    if (sent.isPresent()) {
      Optional<Generation> there = profile.generation(sent.get().number());
      return there.isPresent()
          ? found(profile, there.get())
          : gone(profile.name() + "@" + sent.get().number());
    }
    if (reference.tag().matches("[1-9][0-9]{0,8}")) {
      int number = Integer.parseInt(reference.tag());
      Optional<Generation> there = profile.generation(number);
      return there.isPresent()
          ? found(profile, there.get())
          : number < profile.next() ? gone(profile.name() + "@" + number) : Tagged.NOTHING;
    }
    Integer number = tags.getOrDefault(profile.name(), new TreeMap<>()).get(reference.tag());
    return Optional.ofNullable(number)
        .flatMap(profile::generation)
        .map(there -> found(profile, there))
        .orElse(Tagged.NOTHING);
  }

  private static Tagged found(Profile profile, Generation generation) {
    return new Tagged(Optional.of(new Ref(profile.name(), generation)), "");
  }

  private static Tagged gone(String generation) {
    return new Tagged(Optional.empty(), generation);
  }

  /** The generation that has this image, or that it was packed from. */
  Optional<Ref> generationOf(Digest image, Optional<Profile> preferred) throws IOException {
    Optional<Ref> own = generationWith(image, preferred);
    if (own.isPresent()) {
      return own;
    }
    Optional<Digest> source = packed.source(image);
    return source.isPresent() ? generationWith(source.get(), preferred) : Optional.empty();
  }

  private Optional<Ref> generationWith(Digest image, Optional<Profile> preferred) {
    Optional<Ref> found = Optional.empty();
    for (Root root : roots) {
      if (root instanceof Root.OfGeneration of && of.image().equals(image)) {
        Ref ref = new Ref(of.profile(), of.generation());
        if (preferred.isPresent() && preferred.get().name().equals(of.profile())) {
          found = Optional.of(ref); // the newest of its own
        } else if (found.isEmpty()) {
          found = Optional.of(ref);
        }
      }
    }
    return found;
  }

  boolean isPartOf(Digest digest, Ref whole) throws IOException {
    return index(image(whole))
        .filter(
            index -> index.manifests().stream().anyMatch(e -> e.manifest().digest().equals(digest)))
        .isPresent();
  }

  Optional<Ref> indexOf(Digest digest) throws IOException {
    if (!store.blobs().has(digest)) {
      return Optional.empty();
    }
    for (Root root : roots) {
      if (root instanceof Root.OfGeneration of) {
        Ref ref = new Ref(of.profile(), of.generation());
        Optional<ImageManifest.Index> index = index(of.image());
        if (index.isPresent()
            && index.get().manifests().stream()
                .anyMatch(each -> each.manifest().digest().equals(digest))) {
          return Optional.of(ref);
        }
      }
    }
    return Optional.empty();
  }

  private Optional<ImageManifest.Index> index(Digest image) throws IOException {
    Optional<ImageManifest.Index> known = indexes.get(image);
    if (known == null) {
      try {
        known =
            ImageManifest.read(store.blobs(), image) instanceof ImageManifest.Index index
                ? Optional.of(index)
                : Optional.empty();
      } catch (StoreException e) {
        known = Optional.empty(); // what is lost is no answer to what something is part of
      }
      indexes.put(image, known);
    }
    return known;
  }
}
