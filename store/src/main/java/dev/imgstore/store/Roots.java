package dev.imgstore.store;

import dev.imgstore.model.Digest;
import dev.imgstore.store.Profiles.Because;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.regex.Pattern;

/**
 * All names that keep images alive. Every change is one entry of the journal; when a method
 * returns, the change is durable (law 6), and so is what {@link #all} gives. Safe for many threads
 * and processes.
 */
public interface Roots {
  /** See {@link #TAG_RULE}; so none is a number. */
  Pattern TAG = Pattern.compile("[A-Za-z][A-Za-z0-9._-]{0,63}");

  /** Longest name of a pin. */
  int MAX_PIN = 4096;

  /** What {@link #isPinName} wants, for messages. */
  String PIN_RULE = "a pin's name has 1 to 4096 characters";

  /** What {@link #isTag} wants, for messages. */
  String TAG_RULE = "a tag has 1 to 64 letters, digits, '.', '_' or '-', and begins with a letter";

  /** True if a generation may have this tag. ASCII only. */
  static boolean isTag(String tag) {
    return TAG.matcher(tag).matches();
  }

  /** True if a pin may have this name. */
  static boolean isPinName(String name) {
    return !name.isBlank() && name.length() <= MAX_PIN;
  }

  /**
   * What keeps something alive, as of one moment: generations by profile and number, then pins by
   * name, then holds by image. Generations that were dropped are not among them.
   *
   * @throws StoreException.Corrupt if the journal has lost its end: then a root may be missing
   */
  List<Root> all() throws IOException;

  /** The pins of {@link #all}, by name, without a look at all that was ever recorded. */
  List<Root.Pin> pins() throws IOException;

  /**
   * Makes a name stand for an image; what it stood for before is no longer kept by it.
   *
   * @throws StoreException.MissingBlob if the store has no such image
   * @throws StoreException.Revoked if it must not be used, unless the name stands for it already
   * @throws IllegalArgumentException if nothing may have this name, see {@link #PIN_RULE}
   */
  void pin(String name, Digest image, Because because) throws IOException;

  /**
   * As {@link #pin(String, Digest, Because)}, if nobody else changed the name meanwhile.
   *
   * @param expected what the name stood for when the caller looked; empty if there was none
   * @throws StoreException.Locked if it stands for something else by now, unless that is {@code
   *     image} itself
   */
  void pin(String name, Optional<Digest> expected, Digest image, Because because)
      throws IOException;

  /**
   * Changes pins that deploy specs say. All in one entry of the journal, if one can hold them: then
   * all or nothing. Else in several under one lock, what is pinned first, so that a crash between
   * keeps too much and never too little. What is so already is passed over.
   *
   * @param subject what they have in common, for the journal: the spec's file
   * @param changes at most one of a name
   * @return those that were made
   * @throws StoreException.MissingBlob if the store has no image that is to be pinned; then nothing
   *     changes
   * @throws StoreException.Revoked if one must not be used, unless the name stands for it already;
   *     then nothing changes
   * @throws IllegalArgumentException if a pin is to be missed that is written nowhere
   */
  List<PinChange> change(String subject, List<PinChange> changes, Because because)
      throws IOException;

  /** One of {@link #change}; false if it is so already. */
  default boolean pin(String name, Digest image, Root.Spec spec, Because because)
      throws IOException {
    return !change(spec.file(), List.of(new PinChange.Pinned(name, image, spec)), because)
        .isEmpty();
  }

  /** Takes the name away; false if there was none. */
  boolean unpin(String name, Because because) throws IOException;

  /** Takes a pin away if it is still exactly this; false if it is not. */
  boolean unpin(Root.Pin asItIs, Because because) throws IOException;

  /**
   * Gives what a name keeps a second name, also if it must not be used: nobody new does.
   *
   * @return false if the name does not stand for this image
   */
  boolean keep(String name, Digest image, String alsoAs, Because because) throws IOException;

  /**
   * Holds an image; one that is held already gets this owner and reason.
   *
   * @param owner whom to ask before it is released
   * @param because its {@code why} is the reason, and must say something
   * @throws StoreException.MissingBlob if the store has no such image
   */
  void hold(Digest image, String owner, Because because) throws IOException;

  /** Ends a hold; false if there was none. */
  boolean release(Digest image, Because because) throws IOException;

  /**
   * Marks a generation as the last one known to be good; the mark before it in this profile ends.
   *
   * @throws IllegalArgumentException if there is no such generation
   * @throws StoreException.Revoked if its image must not be used
   */
  void good(String profile, int number, Because because) throws IOException;

  /**
   * Gives a generation a name beside its number; another one of this profile that had it loses it.
   *
   * @param tag see {@link #TAG_RULE}
   * @throws IllegalArgumentException if there is no such generation, or nothing may have this tag
   */
  void tag(String profile, String tag, int number, Because because) throws IOException;

  /** Takes a tag away; false if there was none. */
  boolean untag(String profile, String tag, Because because) throws IOException;

  /** The tags of each profile that has some, with the number of the generation they stand for. */
  SortedMap<String, SortedMap<String, Integer>> tags() throws IOException;

  /**
   * Says that an image must not be used any more: no generation, no pin may begin to name it. What
   * names it keeps it, and so does what is built from it. Of an index, the images of its platforms
   * are covered as well. One that is revoked already gets this reason.
   *
   * @param image need not be in the store
   * @param because its {@code why} is the reason, and must say something
   */
  void revoke(Digest image, Because because) throws IOException;

  /**
   * The same, and of other images with it.
   *
   * @param also what the image is called elsewhere, for instance when it is packed
   */
  void revoke(Digest image, SortedSet<Digest> also, Because because) throws IOException;

  /** Ends a revocation of this very image; false if there was none. */
  boolean reinstate(Digest image, Because because) throws IOException;

  /** All revocations, by image. */
  List<Revocation> revocations() throws IOException;

  /** Why this image must not be used; empty if it may. */
  default Optional<Revocation> revoked(Digest image) throws IOException {
    return revocations().stream().filter(each -> each.isOf(image)).findFirst();
  }

  /**
   * Refuses what must not be used: a revoked image, and an index that any part of is revoked. Of an
   * image that cannot be read nothing is known but its digest.
   *
   * @throws StoreException.Revoked with the reason
   */
  void requireUsable(Digest image) throws IOException;

  /** When this store is collected by itself; empty if it is not. */
  Optional<Schedule> schedule() throws IOException;

  /**
   * Sets the schedule; the one before ends.
   *
   * @return false if it is so already
   */
  boolean schedule(String when, SortedMap<String, String> facts, Because because)
      throws IOException;

  /** Ends the schedule; false if there was none. */
  boolean unschedule(Because because) throws IOException;
}
