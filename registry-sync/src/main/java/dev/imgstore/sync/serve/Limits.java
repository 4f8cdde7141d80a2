package dev.imgstore.sync.serve;

import java.time.Duration;

/**
 * All bounds of a server.
 *
 * @param connections that are open at once
 * @param working requests that are worked on at once; others wait
 * @param turn time that a request waits until it is worked on
 * @param head time for the head of a request, and for a TLS handshake
 * @param keep time that a connection may wait for its next request
 * @param idle time within which a body that is read or written must get on
 * @param blob bytes of one uploaded blob
 * @param staged bytes of all uploads that are not ended
 * @param uploads that are not ended
 * @param uploadsOfOne of them, those of one address
 * @param uploadIdle time after which an upload that nobody goes on with is dropped
 * @param uploadAge time after which an upload is dropped, whoever goes on with it
 * @param fresh time for which a blob that was uploaded waits for a manifest that names it
 * @param term time after which leases of what was sent end
 * @param stop time that running answers get at the end
 */
public record Limits(
    int connections,
    int working,
    Duration turn,
    Duration head,
    Duration keep,
    Duration idle,
    long blob,
    long staged,
    int uploads,
    int uploadsOfOne,
    Duration uploadIdle,
    Duration uploadAge,
    Duration fresh,
    Duration term,
    Duration stop) {
  /** What a server has unless told otherwise. */
  public static final Limits USUAL =
      new Limits(
          512,
          64,
          Duration.ofSeconds(60),
          Duration.ofSeconds(10),
          Duration.ofSeconds(60),
          Duration.ofSeconds(60),
          32L << 30,
          64L << 30,
          256,
          64,
          Duration.ofMinutes(15),
          Duration.ofHours(12),
          Duration.ofHours(1),
          Duration.ofMinutes(10),
          Duration.ofSeconds(30));

  /** Refuses what would serve nobody. */
  public Limits {
    if (connections < 1
        || working < 1
        || uploads < 1
        || uploadsOfOne < 1
        || blob < 1
        || staged < 1) {
      throw new IllegalArgumentException("every bound is at least 1");
    }
  }
}
