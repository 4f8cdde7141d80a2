package dev.imgstore.builder.pack.deflate;

/** What follows a part of a deflate stream. */
enum Ending {
  /** Another part; this one ends on a whole byte with an empty stored block. */
  CONTINUES,
  /** Nothing: the last block of this part is marked as the last of the stream. */
  LAST;

  /** The bit that begins the last block of a part (BFINAL in RFC 1951, 3.2.3). */
  int bit() {
    return this == LAST ? 1 : 0;
  }
}
