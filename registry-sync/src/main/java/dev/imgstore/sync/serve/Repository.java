package dev.imgstore.sync.serve;

import dev.imgstore.model.Digest;
import dev.imgstore.model.Generation;
import dev.imgstore.model.Profile;
import dev.imgstore.store.BlobReader;
import dev.imgstore.store.Root;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A repository as of one moment: the profile of that name, and the pins that pushes made. {@code
 * latest} is what is current, a number is a generation, and any other tag is a pin.
 */
final class Repository {
  static final String LATEST = "latest";
  static final Pattern NUMBER = Pattern.compile("[1-9][0-9]{0,8}");
  private static final Pattern TAG = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]{0,127}");
  private static final String PIN = "serve/";
  private static final Pattern OF_PIN = Pattern.compile(PIN + "([^:@]+)[:@].+");

  private final String name;
  private final Profile profile;
  private final SortedMap<String, Digest> tags = new TreeMap<>();
  private final SortedSet<Digest> byDigest = new TreeSet<>();
  private final Terms.Term term;
  private final BlobReader blobs;
  private final Reaches reaches;
  private final Fresh fresh;

  private Repository(String name, Profile profile, Terms.Term term, Reaches reaches, Fresh fresh) {
    this.name = name;
    this.profile = profile;
    this.term = term;
    this.blobs = term.blobs();
    this.reaches = reaches;
    this.fresh = fresh;
  }

  /** Reads what there is of it now, which may be nothing. */
  static Repository read(String name, Terms.Term term, Reaches reaches, Fresh fresh)
      throws IOException {
    String profile = profileOf(name);
    List<Root.Pin> pins = term.store().roots().pins(); // first: a push of latest unpins at its end
    Profile now =
        Profile.isName(profile)
            ? term.store().profiles().open(profile).orElse(Profile.empty(profile))
            : Profile.empty("none");
    Repository repository = new Repository(name, now, term, reaches, fresh);
    String ofTag = pinOf(name, "");
    String ofDigest = PIN + name + "@";
    for (Root.Pin each : pins) {
      if (each.name().startsWith(ofTag)) {
        repository.tags.put(each.name().substring(ofTag.length()), each.image());
      } else if (each.name().startsWith(ofDigest)) {
        repository.byDigest.add(each.image());
      }
    }
    return repository;
  }

  /** The same repository as of now: what decides about names must not be old. */
  Repository again() throws IOException {
    return read(name, term, reaches, fresh);
  }

  /** No name of a repository has two dots in a row, so nothing else is called so. */
  static String profileOf(String repository) {
    return repository.replace("/", "..");
  }

  /** The other way; the result need not be a name that a repository can have. */
  static String ofProfile(String profile) {
    return profile.replace("..", "/");
  }

  /** The repository of a pin that a push made; empty if it is of another kind. */
  static Optional<String> ofPin(String pin) {
    Matcher matcher = OF_PIN.matcher(pin);
    return matcher.matches() ? Optional.of(matcher.group(1)) : Optional.empty();
  }

  /** The pin that keeps what a tag stands for. */
  static String pinOf(String repository, String tag) {
    return PIN + repository + ":" + tag;
  }

  /** The pin that keeps what was pushed by its digest alone. */
  static String pinOf(String repository, Digest image) {
    return PIN + repository + "@" + image;
  }

  /** True for a tag that stands for a generation, by what is current or by number. */
  static boolean isOfGeneration(String tag) {
    return tag.equals(LATEST) || NUMBER.matcher(tag).matches();
  }

  static boolean isTag(String text) {
    return TAG.matcher(text).matches();
  }

  String name() {
    return name;
  }

  Profile profile() {
    return profile;
  }

  /** What pushes called so, without generations. */
  SortedMap<String, Digest> pinned() {
    return tags;
  }

  /** What pushes left without a tag. */
  Set<Digest> untagged() {
    return byDigest;
  }

  /** What a tag stands for now. */
  Optional<Digest> tag(String tag) throws IOException {
    Optional<Digest> image;
    if (tag.equals(LATEST)) {
      image = profile.currentGeneration().map(Generation::image);
    } else if (NUMBER.matcher(tag).matches()) {
      image = profile.generation(Integer.parseInt(tag)).map(Generation::image);
    } else {
      image = Optional.ofNullable(tags.get(tag));
    }
    return image.isPresent() && reach(image.get()).isServed() ? image : Optional.empty();
  }

  /** All tags, in the order of their bytes. */
  List<String> tags() throws IOException {
    SortedSet<String> all = new TreeSet<>(tags.keySet());
    for (Generation each : profile.generations()) {
      if (reach(each.image()).isServed()) {
        all.add(Integer.toString(each.number()));
      }
    }
    if (tag(LATEST).isPresent()) {
      all.add(LATEST);
    }
    return new ArrayList<>(all);
  }

  /** True if anything is in it. */
  boolean exists() throws IOException {
    return !byDigest.isEmpty() || !tags().isEmpty();
  }

  /** All images, what is current first and then by falling number. */
  Set<Digest> images() {
    Set<Digest> images = new LinkedHashSet<>();
    profile.currentGeneration().ifPresent(each -> images.add(each.image()));
    List<Generation> generations = profile.generations();
    for (int i = generations.size() - 1; i >= 0; i--) {
      images.add(generations.get(i).image());
    }
    images.addAll(tags.values());
    images.addAll(byDigest);
    return images;
  }

  /** True if something keeps it when this tag stands for it no more. */
  boolean isKeptWithout(String tag, Digest image) throws IOException {
    Set<Digest> others = new LinkedHashSet<>(byDigest);
    profile.generations().forEach(each -> others.add(each.image()));
    for (var each : tags.entrySet()) {
      if (!each.getKey().equals(tag)) {
        others.add(each.getValue());
      }
    }
    for (Digest each : others) {
      if (reach(each).manifests().containsKey(image)) {
        return true;
      }
    }
    return false;
  }

  Reach reach(Digest image) throws IOException {
    return reaches.of(blobs, image);
  }

  /** A manifest that some image of this repository is or names. */
  Optional<Reach.Manifest> manifest(Digest digest) throws IOException {
    for (Digest each : images()) {
      Reach.Manifest found = reach(each).manifests().get(digest);
      if (found != null) {
        return Optional.of(found);
      }
    }
    return Optional.empty();
  }

  /** True for a layer or a configuration of some image of this repository, or of one to come. */
  boolean hasBlob(Digest blob) throws IOException {
    return fresh.has(name, blob) || isNamed(blob);
  }

  /** True for a layer or a configuration of some image of this repository. */
  boolean isNamed(Digest blob) throws IOException {
    for (Digest each : images()) {
      if (reach(each).blobs().contains(blob)) {
        return true;
      }
    }
    return false;
  }
}
