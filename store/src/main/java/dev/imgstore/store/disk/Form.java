package dev.imgstore.store.disk;

/** The forms in which a segment holds a blob; the numbers are in files and never change. */
enum Form {
  /** One zstd frame; the variant is the encoder's number. */
  FRAME(1),
  /** A list of chunks with their plain sizes; the variant is the cutter's version. */
  CHUNKED(2),
  /** The bytes of the blob; variant 0. */
  VERBATIM(3),
  /** A list of chunks with the sizes of their frames, which in a row are the blob; the encoder. */
  STITCHED(4);

  private static final Form[] BY_NUMBER = {FRAME, CHUNKED, VERBATIM, STITCHED};
  private final int number;

  Form(int number) {
    this.number = number;
  }

  int number() {
    return number;
  }

  boolean isList() {
    return this == CHUNKED || this == STITCHED;
  }

  static boolean isNumber(int number) {
    return number >= 1 && number <= BY_NUMBER.length;
  }

  static Form of(int number) {
    if (!isNumber(number)) {
      throw new IllegalArgumentException("unknown form " + number);
    }
    return BY_NUMBER[number - 1];
  }
}
