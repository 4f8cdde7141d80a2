package dev.imgstore.sync.cache;

import java.io.IOException;

/** What a cache gave is not taken; the message says why, after "it was refused: ". */
final class Refused extends IOException {
  private static final long serialVersionUID = 1L;

  private final boolean later;

  Refused(String why) {
    this(why, false);
  }

  private Refused(String why, boolean later) {
    super(why);
    this.later = later;
  }

  /** Nothing is wrong with it but that this version does not know it. */
  static Refused later(String what) {
    return new Refused(what + " was written by a later imgstore; use that one", true);
  }

  /** See {@link #later(String)}. */
  boolean isLater() {
    return later;
  }

  String why() {
    return String.valueOf(getMessage());
  }
}
