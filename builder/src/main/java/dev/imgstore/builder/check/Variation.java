package dev.imgstore.builder.check;

import dev.imgstore.builder.sandbox.Surroundings;

/** One thing that the sandbox fixes, made another. */
enum Variation {
  HOST_NAME(Kind.HOST_NAME),
  PATH(Kind.PATH),
  USER(Kind.USER),
  UMASK(Kind.UMASK),
  ZONE(Kind.ZONE),
  LOCALE(Kind.LOCALE),
  CLOCK(Kind.TIMESTAMP);

  private static final int MASK = 027;

  private final Kind kind;

  Variation(Kind kind) {
    this.kind = kind;
  }

  /** What a difference comes from then. */
  Kind kind() {
    return kind;
  }

  /** What is another then, in words. */
  String what() {
    return this == CLOCK ? "clock" : kind.toString();
  }

  /** The bits of modes that differ by themselves. */
  int forgiven() {
    return this == UMASK ? MASK : 0;
  }

  /**
   * The surroundings with this varied.
   *
   * @param clockLibrary libfaketime of this machine; empty if it has none
   */
  Surroundings vary(Surroundings from, String clockLibrary) {
    return switch (this) {
      case HOST_NAME -> from.withHostName("elsewhere-7");
      case PATH -> from.withBuild("/other-place-to-build");
      case USER -> from.withVariable("USER", "somebody").withVariable("LOGNAME", "somebody");
      case UMASK -> from.withUmask("0" + Integer.toOctalString(MASK));
      case ZONE -> from.withVariable("TZ", "XYZ-13:30");
      case LOCALE -> from.withVariable("LC_ALL", "fr_CH.UTF-8");
      case CLOCK -> clockLibrary.isEmpty() ? from : clock(from, clockLibrary, "+400d");
    };
  }

  /** With the library that {@link #CLOCK} needs, which does nothing. */
  static Surroundings still(Surroundings from, String clockLibrary) {
    return clock(from, clockLibrary, "+0");
  }

  /** The times of files stay: those of what a step is given are fixed, and no leak. */
  private static Surroundings clock(Surroundings from, String library, String shift) {
    return from.withPreload(library)
        .withVariable("LD_PRELOAD", Surroundings.PRELOADED)
        .withVariable("FAKETIME", shift)
        .withVariable("DONT_FAKE_MONOTONIC", "1")
        .withVariable("NO_FAKE_STAT", "1");
  }
}
