package dev.imgstore.store;

import dev.imgstore.model.Digest;
import dev.imgstore.model.Generation;
import dev.imgstore.model.Profile;
import dev.imgstore.model.Switch;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Names and their generations. Every change is one entry of the journal; when a method returns, the
 * change is durable (law 6). Each takes time independent of image size.
 */
public interface Profiles {
  /** Who changes something, when, and why. */
  record Because(Instant when, String who, String why) {}

  /** All names, sorted. */
  List<String> names() throws IOException;

  /** The profile of this name; empty if it never had a generation. */
  Optional<Profile> open(String name) throws IOException;

  /**
   * Adds a generation and makes it current.
   *
   * @param expectedCurrent the number that was current when the build began (0: none)
   * @param image digest of the manifest or index, durable already
   * @param record digest of the build record, durable already
   * @throws StoreException.Locked if another number is current meanwhile
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
}
