package dev.imgstore.store;

import java.io.IOException;
import java.time.Instant;
import java.util.List;

/**
 * The hash-chained list of everything that changed in a store; the fsynced entry is the commit.
 *
 * <p>An implementation promises: entries are totally ordered; an acknowledged entry survives a
 * power cut; an entry cannot be changed or dropped without the chain showing it.
 */
public interface Journal {
  /**
   * One change.
   *
   * @param sequence from 1
   * @param hash covers this entry and, through the previous hash, all before it; 64 hex digits
   * @param kind for instance {@code generation}, {@code switch}
   * @param subject what changed, for instance a profile's name
   * @param body a JSON object with the facts, as stored
   */
  record Entry(
      long sequence,
      String hash,
      Instant when,
      String who,
      String why,
      String kind,
      String subject,
      String body) {}

  /** All entries, oldest first. Changes nothing, even if the last one is incomplete. */
  List<Entry> list() throws IOException;
}
