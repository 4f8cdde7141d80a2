package dev.imgstore.store;

import dev.imgstore.model.Digest;
import dev.imgstore.store.Profiles.Because;
import java.io.IOException;
import java.util.List;

/**
 * All names that keep images alive. Every change is one entry of the journal; when a method
 * returns, the change is durable (law 6), and so is what {@link #all} gives. Safe for many threads
 * and processes.
 */
public interface Roots {
  /** Longest name of a pin. */
  int MAX_PIN = 4096;

  /** What {@link #isPinName} wants, for messages. */
  String PIN_RULE = "a pin's name has 1 to 4096 characters";

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
   * @throws IllegalArgumentException if nothing may have this name, see {@link #PIN_RULE}
   */
  void pin(String name, Digest image, Because because) throws IOException;

  /** Takes the name away; false if there was none. */
  boolean unpin(String name, Because because) throws IOException;

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
   */
  void good(String profile, int number, Because because) throws IOException;
}
