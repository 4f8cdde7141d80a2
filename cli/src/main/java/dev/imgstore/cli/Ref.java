package dev.imgstore.cli;

import dev.imgstore.builder.recipe.Nearest;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Generation;
import dev.imgstore.model.Profile;
import dev.imgstore.store.Profiles;
import dev.imgstore.store.Root;
import dev.imgstore.store.Store;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a REF stands for: a generation of a profile. Spelled {@code web}, {@code web@42}, {@code
 * web@v1.2} for a tag, {@code web~1}, {@code sha256:…} or an unambiguous beginning of a digest (of
 * an imported generation also that of the image packed from it), or a recipe's path (see {@link
 * StoreCommand#find}).
 */
record Ref(String profile, Generation generation) {
  private static final Pattern NUMBERED = Pattern.compile("(.+)@([0-9]{1,9})");
  private static final Pattern TAGGED = Pattern.compile("(.+)@([A-Za-z][A-Za-z0-9._-]{0,63})");
  private static final Pattern EARLIER = Pattern.compile("(.+)~([0-9]{1,9})");
  private static final Pattern DIGEST = Pattern.compile("(?:sha256:)?([0-9a-f]{6,64})");

  /** How it is printed: {@code web@42}. */
  String name() {
    return profile + "@" + generation.number();
  }

  /**
   * Finds what a person typed.
   *
   * @throws CommandFailure (5) saying what there is instead
   */
  static Ref resolve(Store store, String typed) throws IOException {
    Profiles profiles = store.profiles();
    Optional<Profile> whole = named(profiles, typed);
    if (whole.isPresent()) {
      return current(whole.get());
    }
    Matcher numbered = NUMBERED.matcher(typed);
    if (numbered.matches()) {
      Profile profile = open(profiles, numbered.group(1));
      return number(profile, Integer.parseInt(numbered.group(2)));
    }
    Matcher tagged = TAGGED.matcher(typed);
    if (tagged.matches()) {
      return tag(store, open(profiles, tagged.group(1)), tagged.group(2));
    }
    Matcher earlier = EARLIER.matcher(typed);
    if (earlier.matches()) {
      Profile profile = open(profiles, earlier.group(1));
      return number(profile, Current.past(profile, Integer.parseInt(earlier.group(2))));
    }
    Matcher digest = DIGEST.matcher(typed);
    if (digest.matches()) {
      return byDigest(store, typed, digest.group(1));
    }
    if (typed.startsWith("sha256:")) {
      throw new CommandFailure(
          ExitCode.UNKNOWN, typed + " is no digest; write at least 6 of its 64 digits 0-9 a-f");
    }
    int mark = Math.max(typed.lastIndexOf('@'), typed.lastIndexOf('~'));
    if (mark > 0 && named(profiles, typed.substring(0, mark)).isPresent()) {
      throw new CommandFailure(
          ExitCode.UNKNOWN,
          typed
              + " is no REF; after "
              + typed.charAt(mark)
              + " comes a number, as in web@42"
              + (typed.charAt(mark) == '@' ? ", or a tag" : ""));
    }
    return current(open(profiles, typed));
  }

  /** The profile of this name, or a failure that lists the nearest ones. */
  static Profile open(Profiles profiles, String name) throws IOException {
    Optional<Profile> found = named(profiles, name);
    if (found.isPresent()) {
      return found.get();
    }
    if (profiles.open(name).isPresent()) {
      throw new CommandFailure(
          ExitCode.UNKNOWN,
          "the generations of "
              + name
              + " were all deleted; imgstore log "
              + name
              + " says by whom, and a build goes on with the next number");
    }
    List<String> names = profiles.names();
    throw new CommandFailure(
        ExitCode.UNKNOWN,
        names.isEmpty()
            ? "there is no profile " + name + ": this store has none yet; imgstore build makes one"
            : "there is no profile "
                + name
                + Nearest.of(name, names)
                    .map(near -> "; did you mean " + near + "?")
                    .orElse("; imgstore ls lists what there is"));
  }

  private static Optional<Profile> named(Profiles profiles, String name) throws IOException {
    return profiles.open(name).filter(profile -> profile.current() > 0);
  }

  /** The generation of this number. */
  static Ref number(Profile profile, int number) throws CommandFailure {
    return profile
        .generation(number)
        .map(generation -> new Ref(profile.name(), generation))
        .orElseThrow(
            () ->
                new CommandFailure(
                    ExitCode.UNKNOWN,
                    profile.name()
                        + " has no generation "
                        + number
                        + "; imgstore generations "
                        + profile.name()
                        + " lists them"));
  }

  /** The generation that has this tag. */
  private static Ref tag(Store store, Profile profile, String tag) throws IOException {
    SortedMap<String, Integer> tags =
        store.roots().tags().getOrDefault(profile.name(), Collections.emptySortedMap());
    Integer number = tags.get(tag);
    if (number == null) {
      throw new CommandFailure(
          ExitCode.UNKNOWN,
          profile.name()
              + " has no tag "
              + tag
              + Nearest.of(tag, tags.keySet())
                  .map(near -> "; did you mean " + near + "?")
                  .orElse("; imgstore tag lists what there is"));
    }
    return number(profile, number);
  }

  private static Ref current(Profile profile) throws CommandFailure {
    return number(profile, profile.current());
  }

  private static Ref byDigest(Store store, String typed, String beginning) throws IOException {
    SortedMap<Digest, Ref> images = byImage(store.profiles());
    SortedMap<Digest, Ref> found = beginning(images, beginning);
    if (found.isEmpty()) {
      SortedMap<Digest, Ref> packed = new TreeMap<>();
      new Packed(store, store.roots().all())
          .sources()
          .forEach(
              (image, own) ->
                  Optional.ofNullable(images.get(own)).ifPresent(ref -> packed.put(image, ref)));
      found = beginning(packed, beginning);
    }
    if (found.isEmpty()) {
      throw new CommandFailure(
          ExitCode.UNKNOWN, "no generation has an image " + typed + "; imgstore ls lists them");
    }
    if (found.size() > 1) {
      throw new CommandFailure(
          ExitCode.UNKNOWN,
          typed + " is the beginning of " + found.size() + " images; write more of it");
    }
    return found.values().iterator().next();
  }

  /**
   * The one image that begins with these digits of a digest and that a pin or a hold keeps, though
   * no generation has it.
   */
  static Optional<Digest> kept(Store store, String typed) throws IOException {
    Matcher digest = DIGEST.matcher(typed);
    if (!digest.matches()) {
      return Optional.empty();
    }
    List<Digest> found =
        store.roots().all().stream()
            .map(Root::image)
            .filter(image -> image.hex().startsWith(digest.group(1)))
            .distinct()
            .toList();
    return found.size() == 1 ? Optional.of(found.get(0)) : Optional.empty();
  }

  private static SortedMap<Digest, Ref> byImage(Profiles profiles) throws IOException {
    SortedMap<Digest, Ref> found = new TreeMap<>();
    for (String name : profiles.names()) {
      for (Generation generation : open(profiles, name).generations()) {
        found.put(generation.image(), new Ref(name, generation));
      }
    }
    return found;
  }

  private static SortedMap<Digest, Ref> beginning(SortedMap<Digest, Ref> of, String digits) {
    SortedMap<Digest, Ref> found = new TreeMap<>(of);
    found.keySet().removeIf(image -> !image.hex().startsWith(digits));
    return found;
  }
}
