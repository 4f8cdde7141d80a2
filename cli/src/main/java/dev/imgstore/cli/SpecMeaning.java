package dev.imgstore.cli;

import dev.imgstore.builder.recipe.Nearest;
import dev.imgstore.builder.spec.Reference;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Generation;
import dev.imgstore.model.Profile;
import dev.imgstore.store.ImageManifest;
import dev.imgstore.store.Revocation;
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

/** Which image of this store a reference of a deploy spec stands for. One thread calls. */
final class SpecMeaning {
  /** What became of a reference. */
  sealed interface Verdict {}

  /**
   * It stands for an image.
   *
   * @param generation as {@code web@42}; empty for an image that only a pin or a hold names
   * @param tag what is to be written before the digest
   */
  record Image(Digest image, String generation, String tag) implements Verdict {}

  /** It is none of ours, and somebody said so. */
  record Ignored() implements Verdict {}

  /** It stands for nothing that could be pinned. */
  record Wrong(ExitCode code, String text) implements Verdict {}

  /** What a tag stands for: a generation, one that is gone, or nothing that is known. */
  private record Tagged(Optional<Ref> generation, String gone) {
    static final Tagged NOTHING = new Tagged(Optional.empty(), "");
  }

  private final Store store;
  private final SpecChoices choices;
  private final Pushes pushes;
  private final List<Root> roots;
  private final SortedMap<String, SortedMap<String, Integer>> tags;
  private final List<Revocation> revocations;
  private final Map<Reference, Verdict> verdicts = new HashMap<>();
  private final Map<Ref, Digest> images = new HashMap<>();
  private final Map<Digest, Optional<ImageManifest.Index>> indexes = new HashMap<>();

  SpecMeaning(Store store, SpecChoices choices) throws IOException {
    this.store = store;
    this.choices = choices;
    this.pushes = Pushes.read(store.journal().list());
    this.roots = store.roots().all();
    this.tags = store.roots().tags();
    this.revocations = store.roots().revocations();
  }

  /** What it stands for; the image is leased then. */
  Verdict of(Reference reference) throws IOException {
    Verdict known = verdicts.get(reference);
    if (known == null) {
      known = judge(reference);
      verdicts.put(reference, known);
    }
    return known;
  }

  private Verdict judge(Reference reference) throws IOException {
    Verdict verdict = choose(reference);
    if (!(verdict instanceof Image image)) {
      return verdict;
    }
    Optional<Revocation> revoked =
        revocations.stream().filter(each -> each.isOf(image.image())).findFirst();
    String named = image.generation().isEmpty() ? image.image().toString() : image.generation();
    if (revoked.isPresent()) {
      return new Wrong(
          ExitCode.FOUND,
          named + " was revoked by " + revoked.get().who() + ": " + revoked.get().reason());
    }
    if (!isHeld(image.image())) {
      return new Wrong(ExitCode.FOUND, "the bytes of " + named + " are not in the store any more");
    }
    return image;
  }

  /** Whether a digest is an image of this store that may be pinned, whatever its tag says. */
  boolean isOurs(Reference reference) throws IOException {
    Digest digest = Digest.parse(reference.digest());
    boolean known =
        roots.stream().anyMatch(root -> root.image().equals(digest)) || indexOf(digest).isPresent();
    return known && revocations.stream().noneMatch(each -> each.isOf(digest)) && isHeld(digest);
  }

  private boolean isHeld(Digest image) throws IOException {
    try {
      return store.lease(image);
    } catch (IOException e) {
      if (choices.changes()) {
        throw e; // nothing is written that a collection could take away meanwhile
      }
      return store.blobs().has(image);
    }
  }

  private Verdict choose(Reference reference) throws IOException {
    Optional<Ref> mapped = choices.mapped(reference);
    if (mapped.isPresent()) {
      return generation(reference, mapped.get());
    }
    if (choices.isIgnored(reference)) {
      return new Ignored();
    }
    Optional<Profile> profile = profile(reference);
    if (!reference.digest().isEmpty()) {
      return written(reference, Digest.parse(reference.digest()), profile);
    }
    if (profile.isEmpty()) {
      return unknown(reference);
    }
    if (choices.update() || isMoving(reference.tag())) {
      return generation(reference, Ref.number(profile.get(), profile.get().current()));
    }
    Tagged tagged = tagged(profile.get(), reference);
    return tagged
        .generation()
        .map(found -> quiet(reference, found))
        .orElseGet(() -> noTag(profile.get(), reference, tagged));
  }

  /** One that has a digest: that counts, unless its tag names another generation. */
  private Verdict written(Reference reference, Digest digest, Optional<Profile> profile)
      throws IOException {
    Optional<Ref> own = generationOf(digest, profile);
    Optional<Profile> its = profile.or(() -> own.flatMap(ref -> open(ref.profile())));
    if (choices.update() && its.isPresent()) {
      Ref current = Ref.number(its.get(), its.get().current());
      return isPartOf(digest, current)
          ? part(reference, digest, current)
          : generation(reference, current);
    }
    if (its.isPresent() && !isMoving(reference.tag())) {
      Tagged tagged = tagged(its.get(), reference);
      if (tagged.generation().isPresent()) {
        Ref found = tagged.generation().get();
        return isPartOf(digest, found)
            ? part(reference, digest, found)
            : generation(reference, found);
      }
    }
    if (own.isPresent()) {
      if (profile.isPresent() && !own.get().profile().equals(profile.get().name())) {
        return another(reference, own.get(), profile.get());
      }
      return new Image(digest, own.get().name(), reference.tag());
    }
    Optional<Ref> whole = indexOf(digest);
    if (whole.isPresent()) {
      return part(reference, digest, whole.get());
    }
    if (roots.stream().anyMatch(root -> root.image().equals(digest))) {
      return new Image(digest, "", reference.tag());
    }
    Optional<String> was = pushes.generation(digest);
    if (was.isPresent()) {
      return new Wrong(
          ExitCode.FOUND,
          digest + " was " + was.get() + ", which was deleted and is not in the store any more");
    }
    return new Wrong(
        ExitCode.UNKNOWN, "nothing in this store is " + digest + "; " + help(reference));
  }

  private static Wrong another(Reference reference, Ref is, Profile profile) {
    return new Wrong(
        ExitCode.FOUND,
        "this digest is "
            + is.name()
            + ", not an image of "
            + profile.name()
            + "; if that is meant, say --map "
            + reference.name()
            + "="
            + is.name());
  }

  /** A platform's image where the index is meant. */
  private Verdict part(Reference reference, Digest digest, Ref whole) throws IOException {
    return choices.platformChild()
        ? new Image(digest, whole.name(), reference.tag())
        : new Wrong(
            ExitCode.FOUND,
            digest
                + " is only one platform of "
                + whole.name()
                + ", whose index is "
                + image(whole)
                + "; write that, or allow it with --platform-child");
  }

  private Verdict quiet(Reference reference, Ref found) {
    try {
      return generation(reference, found);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Verdict generation(Reference reference, Ref found) throws IOException {
    Digest image = image(found);
    return new Image(image, found.name(), tag(reference, found));
  }

  /** The tag stays if it names this generation, or if only a map says which image is meant. */
  private String tag(Reference reference, Ref found) throws IOException {
    String number = Integer.toString(found.generation().number());
    if (isMoving(reference.tag())) {
      return number;
    }
    Tagged tagged = tagged(open(found.profile()).orElseThrow(), reference);
    boolean same =
        tagged.generation().filter(other -> image(other).equals(image(found))).isPresent();
    boolean foreign = tagged.equals(Tagged.NOTHING) && choices.mapped(reference).isPresent();
    return same || foreign ? reference.tag() : number;
  }

  private Digest image(Ref ref) {
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

  private static boolean isMoving(String tag) {
    return tag.isEmpty() || tag.equals("latest");
  }

  private Optional<Profile> profile(Reference reference) throws IOException {
    Optional<Profile> pushed = pushes.profile(reference.name()).flatMap(this::open);
    return pushed.isPresent() ? pushed : open(reference.last());
  }

  private Optional<Profile> open(String name) {
    try {
      return Profile.isName(name)
          ? store.profiles().open(name).filter(profile -> profile.current() > 0)
          : Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What was sent to the registry under this tag; else the generation of this number or tag. */
  private Tagged tagged(Profile profile, Reference reference) {
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

  private Wrong noTag(Profile profile, Reference reference, Tagged tagged) {
    if (!tagged.gone().isEmpty()) {
      return new Wrong(
          ExitCode.FOUND, tagged.gone() + " was deleted and is not in the store any more");
    }
    return new Wrong(
        ExitCode.UNKNOWN,
        "profile "
            + profile.name()
            + " has no generation "
            + reference.tag()
            + ", by number, by tag or by what was pushed; imgstore generations "
            + profile.name()
            + " lists them");
  }

  private Wrong unknown(Reference reference) throws IOException {
    return new Wrong(
        ExitCode.UNKNOWN,
        "no profile is called "
            + reference.last()
            + ", and nothing was pushed to "
            + reference.name()
            + Nearest.of(reference.last(), store.profiles().names())
                .map(near -> "; did you mean " + near + "?")
                .orElse("; " + help(reference)));
  }

  private static String help(Reference reference) {
    return "--map "
        + reference.name()
        + "=REF says which image it is, --ignore '"
        + reference.name()
        + "' that it is not ours";
  }

  private Optional<Ref> generationOf(Digest image, Optional<Profile> preferred) {
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

  private boolean isPartOf(Digest digest, Ref whole) throws IOException {
    return index(image(whole))
        .filter(
            index -> index.manifests().stream().anyMatch(e -> e.manifest().digest().equals(digest)))
        .isPresent();
  }

  private Optional<Ref> indexOf(Digest digest) throws IOException {
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
