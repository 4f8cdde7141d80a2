package dev.imgstore.store;

import dev.imgstore.model.Digest;
import dev.imgstore.model.Generation;
import dev.imgstore.model.Profile;
import dev.imgstore.model.Switch;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Names and their generations. Every change is one entry of the journal; when a method returns, the
 * change is durable (law 6). Each takes time independent of image size.
 */
public interface Profiles {
  /**
   * Who changes something, when, and why.
   *
   * @param took how long the work before it was; zero if nobody measured
   * @param notes more for the entry of a change of what is current, by name; see {@link #GIT}
   */
  record Because(
      Instant when, String who, String why, Duration took, SortedMap<String, String> notes) {
    /** Longest text of a note. */
    private static final int MAX_NOTE = 4096;

    /** Copies in; cuts what is too long for an entry. */
    public Because {
      SortedMap<String, String> copy = new TreeMap<>();
      notes.forEach(
          (name, text) -> copy.put(name, text.substring(0, Math.min(MAX_NOTE, text.length()))));
      notes = Collections.unmodifiableSortedMap(copy);
    }

    /** Of a change that takes no time. */
    public Because(Instant when, String who, String why) {
      this(when, who, why, Duration.ZERO);
    }

    /** Without notes. */
    public Because(Instant when, String who, String why, Duration took) {
      this(when, who, why, took, Collections.emptySortedMap());
    }

    /** The same with one more note. */
    public Because with(String name, String text) {
      SortedMap<String, String> more = new TreeMap<>(notes);
      more.put(name, text);
      return new Because(when, who, why, took, more);
    }

    /** The same for another reason. */
    public Because because(String reason) {
      return new Because(when, who, reason, took, notes);
    }
  }

  /** The note that commands follow a change; {@link #activated} says how they ended. */
  String ACTIVATION = "activation";

  /** What the note {@link #ACTIVATION} says. */
  String FOLLOWS = "follows";

  /** The note with the commit of the recipe. */
  String GIT = "git";

  /** The names of all profiles that have a generation, sorted. */
  List<String> names() throws IOException;

  /**
   * The profile of this name; empty if it never had a generation. One whose generations were all
   * removed is still there, with its history and the number that comes next.
   */
  Optional<Profile> open(String name) throws IOException;

  /**
   * Adds a generation and makes it current.
   *
   * @param expectedCurrent the number that was current when the build began (0: none)
   * @param image digest of the manifest or index, durable already
   * @param record digest of the build record, durable already
   * @throws StoreException.Locked if another number is current meanwhile
   * @throws StoreException.RolledBack if someone went back from a generation with this image, which
   *     nobody chose since
   */
  Generation commit(String name, int expectedCurrent, Digest image, Digest record, Because because)
      throws IOException;

  /**
   * Makes an existing generation current.
   *
   * @param kind SWITCH or ROLLBACK
   * @return the profile afterwards
   * @throws IllegalArgumentException if there is no such generation
   * @throws StoreException.Locked if another number is current meanwhile
   */
  Profile makeCurrent(
      String name, int expectedCurrent, int number, Switch.Kind kind, Because because)
      throws IOException;

  /**
   * Records that commands are about to run again for what is current.
   *
   * @return false if another number is current meanwhile; then nothing is recorded
   */
  boolean activating(String name, int number, Because because) throws IOException;

  /**
   * Records how the commands ended that followed a change of what is current.
   *
   * @param number that was to be activated
   * @param well whether it works
   * @return false if another number is current meanwhile; then only what does not work is recorded
   */
  boolean activated(String name, int number, boolean well, Because because) throws IOException;

  /**
   * Removes generations, as {@link #drop(String, Map, Because)}, but none that is marked. Their
   * numbers are not used again, and history stays; their bytes go with the next collection.
   *
   * @param numbers those that are not there (any more) are passed over
   * @return the profile afterwards
   * @throws StoreException.Kept if one is current, marked as the last good, or has an image that is
   *     held or pinned; then none is removed
   */
  default Profile drop(String name, Set<Integer> numbers, Because because) throws IOException {
    Map<Integer, Set<String>> unmarked = new HashMap<>();
    numbers.forEach(number -> unmarked.put(number, Set.of()));
    return drop(name, unmarked, because);
  }

  /**
   * Removes generations, but never the current one. Their numbers are not used again, and history
   * stays; their bytes go with the next collection.
   *
   * @param despite the numbers, each with the marks that do not keep it, see {@link
   *     Root.OfGeneration#marks}; those that are not there (any more) are passed over
   * @return the profile afterwards
   * @throws StoreException.Kept if one is current, has another mark, or has an image that is held
   *     or pinned; then none is removed
   */
  Profile drop(String name, Map<Integer, Set<String>> despite, Because because) throws IOException;

  /**
   * Removes all generations, the current one too; a later build goes on with the next number.
   *
   * @param expectedCurrent the number that the caller saw as current
   * @return the profile afterwards, without generations
   * @throws StoreException.Kept if an image is held or pinned; then none is removed
   * @throws StoreException.Locked if another number is current meanwhile
   */
  Profile dropAll(String name, int expectedCurrent, Because because) throws IOException;
}
