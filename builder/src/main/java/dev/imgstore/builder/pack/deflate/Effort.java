package dev.imgstore.builder.pack.deflate;

/**
 * How hard matches are looked for. A change of any number changes bytes, so it comes with a new
 * name of the encoder.
 *
 * @param hashBits size of the table of places, as a power of two
 * @param depth how many earlier places are looked at for one match
 * @param lazyDepth how many are looked at for a match that is to beat the one a byte before
 * @param good a match this long is taken at once
 * @param nice a match this long ends the search
 * @param near how far back a copy of three bytes is worth its bits; 0 to look for none
 * @param patience each time so many searches in a row found nothing, one more byte goes by without
 */
record Effort(int hashBits, int depth, int lazyDepth, int good, int nice, int near, int patience) {
  /** Of {@link BlockDeflater#ENCODER}. */
  static final Effort FULL = new Effort(16, 12, 6, 32, 64, 8192, 128);

  /** Of {@link BlockDeflater#QUICK_ENCODER}: each match is taken at once. */
  static final Effort QUICK = new Effort(15, 3, 0, 0, 16, 0, 16);
}
