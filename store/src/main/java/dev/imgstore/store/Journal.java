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

  /** An entry that there is: its hash covers all before it. Before the first it is 0 and empty. */
  record Point(long sequence, String hash) {}

  /**
   * An entry that there was, as something outside the journal says.
   *
   * @param by who says it, for people
   * @param first the hash of the first entry, by which journals are told apart; empty if the
   *     witness does not say
   */
  record Witness(Point point, String by, String first) {
    /** One who does not say of which journal. */
    public Witness(Point point, String by) {
      this(point, by, "");
    }
  }

  /**
   * What was found of the chain.
   *
   * @param head the last entry that follows the one before it
   * @param findings what is wrong, each with the entry as its {@code what}; empty if all is well
   */
  record Verified(Point head, List<CheckReport.Finding> findings) {
    /** Copies in. */
    public Verified {
      findings = List.copyOf(findings);
    }
  }

  /** The last entry; reads no more than the end. */
  Point head() throws IOException;

  /**
   * Proves the whole chain from the first entry: finds every byte that was changed, and every entry
   * that was dropped, moved, repeated or added and does not follow the one before it. What comes
   * after the last whole entry is found too. Whoever makes all hashes anew, or cuts the end and all
   * that speaks of it, is found by what others know only.
   *
   * @param witnesses any number, in any order
   */
  Verified verify(List<Witness> witnesses) throws IOException;

  /** All entries, oldest first. Changes nothing, even if the last one is incomplete. */
  List<Entry> list() throws IOException;
}
