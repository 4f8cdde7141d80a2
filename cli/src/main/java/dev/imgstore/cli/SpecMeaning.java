package dev.imgstore.cli;

import dev.imgstore.builder.recipe.Nearest;
import dev.imgstore.builder.spec.Note;
import dev.imgstore.builder.spec.Reference;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Profile;
import dev.imgstore.store.Revocation;
import dev.imgstore.store.Store;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Which image of this store a reference of a deploy spec stands for. One thread calls. */
final class SpecMeaning {
  /** What became of a reference. */
  sealed interface Verdict {}

  /**
   * It stands for an image.
   *
   * @param generation as {@code web@42}; empty for an image that only a pin or a hold names
   * @param tag what is to be written before the digest
   * @param source what the image was packed from: the image of the generation itself; where nothing
   *     was packed, the image
   */
  record Image(Digest image, String generation, String tag, Digest source) implements Verdict {
    /** One that was not packed. */
    Image(Digest image, String generation, String tag) {
      this(image, generation, tag, image);
    }
  }

  /** It is none of ours, and somebody said so. */
  record Ignored() implements Verdict {}

  /** It stands for nothing that could be pinned. */
  record Wrong(ExitCode code, String text) implements Verdict {}

  private final Store store;
  private final SpecChoices choices;
  private final SpecImages images;
  private final Map<Reference, Verdict> verdicts = new HashMap<>();

  SpecMeaning(Store store, SpecChoices choices) throws IOException {
    this.store = store;
    this.choices = choices;
    this.images = new SpecImages(store);
  }

  /** Whether nothing of this store has its name, so that it may be no image at all. */
  boolean isForeign(Reference reference) throws IOException {
    return reference.digest().isEmpty() && images.profile(reference).isEmpty();
  }

  boolean isIgnored(Note note) {
    return choices.isIgnored(note);
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
    String named = image.generation().isEmpty() ? image.image().toString() : image.generation();
    Optional<Revocation> revoked = revoked(image.image(), image.source());
    if (revoked.isPresent()) {
      boolean whole = revoked.get().isOf(image.image()) || revoked.get().isOf(image.source());
      return new Wrong(
          ExitCode.FOUND,
          (whole ? named : revoked.get().image() + ", a part of " + named + ",")
              + " was revoked by "
              + revoked.get().who()
              + ": "
              + revoked.get().reason());
    }
    if (!isHeld(image.image()) || !isHeld(image.source())) {
      return new Wrong(ExitCode.FOUND, "the bytes of " + named + " are not in the store any more");
    }
    return image;
  }

  /** Whether a digest is an image of this store that may be pinned, whatever its tag says. */
  boolean isOurs(Reference reference) throws IOException {
    Digest digest = Digest.parse(reference.digest());
    boolean known =
        images.isRoot(digest) || source(digest).isPresent() || images.indexOf(digest).isPresent();
    return known && revoked(digest, source(digest).orElse(digest)).isEmpty() && isHeld(digest);
  }

  /** Why an image, or what it was packed from, must not be used, whole or in part. */
  private Optional<Revocation> revoked(Digest image, Digest source) throws IOException {
    Optional<Revocation> revoked = Revoked.of(store, image);
    return revoked.isPresent() || source.equals(image) ? revoked : Revoked.of(store, source);
  }

  /** The image of the imported generation that this one was packed from. */
  Optional<Digest> source(Digest packed) throws IOException {
    return images
        .generationOf(packed, Optional.empty())
        .map(ref -> ref.generation().image())
        .filter(own -> !own.equals(packed));
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
    Optional<Profile> profile = images.profile(reference);
    if (!reference.digest().isEmpty()) {
      return written(reference, Digest.parse(reference.digest()), profile);
    }
    if (profile.isEmpty()) {
      return unknown(reference);
    }
    if (choices.update() || isMoving(reference.tag())) {
      return generation(reference, Ref.number(profile.get(), profile.get().current()));
    }
    SpecImages.Tagged tagged = images.tagged(profile.get(), reference);
    return tagged
        .generation()
        .map(found -> quiet(reference, found))
        .orElseGet(() -> noTag(profile.get(), reference, tagged));
  }

  /** One that has a digest: that counts, unless its tag names another generation. */
  private Verdict written(Reference reference, Digest digest, Optional<Profile> profile)
      throws IOException {
    Optional<Ref> own = images.generationOf(digest, profile);
    Optional<Profile> its = profile.or(() -> own.flatMap(ref -> images.open(ref.profile())));
    if (choices.update() && its.isPresent()) {
      Ref current = Ref.number(its.get(), its.get().current());
      return images.isPartOf(digest, current)
          ? part(reference, digest, current)
          : generation(reference, current);
    }
    if (its.isPresent() && !isMoving(reference.tag())) {
      SpecImages.Tagged tagged = images.tagged(its.get(), reference);
      if (tagged.generation().isPresent()) {
        Ref found = tagged.generation().get();
        return images.isPartOf(digest, found)
            ? part(reference, digest, found)
            : generation(reference, found);
      }
    }
    if (own.isPresent()) {
      if (profile.isPresent() && !own.get().profile().equals(profile.get().name())) {
        return another(reference, own.get(), profile.get());
      }
      return new Image(digest, own.get().name(), reference.tag(), own.get().generation().image());
    }
    Optional<Ref> whole = images.indexOf(digest);
    if (whole.isPresent()) {
      return part(reference, digest, whole.get());
    }
    if (images.isRoot(digest)) {
      return new Image(digest, "", reference.tag());
    }
    Optional<String> was = images.sent(digest);
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
                + images.image(whole)
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
    Digest image = images.image(found);
    return new Image(image, found.name(), tag(reference, found), found.generation().image());
  }

  /** The tag stays if it names this generation, or if only a map says which image is meant. */
  private String tag(Reference reference, Ref found) throws IOException {
    String number = Integer.toString(found.generation().number());
    if (isMoving(reference.tag())) {
      return number;
    }
    SpecImages.Tagged tagged = images.tagged(images.open(found.profile()).orElseThrow(), reference);
    boolean same =
        tagged
            .generation()
            .filter(other -> images.image(other).equals(images.image(found)))
            .isPresent();
    boolean foreign =
        tagged.equals(SpecImages.Tagged.NOTHING) && choices.mapped(reference).isPresent();
    return same || foreign ? reference.tag() : number;
  }

  private static boolean isMoving(String tag) {
    return tag.isEmpty() || tag.equals("latest");
  }

  private Wrong noTag(Profile profile, Reference reference, SpecImages.Tagged tagged) {
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
}
