package dev.imgstore.builder.recipe;

/** Where something stands in a text: line and column from 1, columns in code points. */
record Place(int line, int column, Origin origin) {
  /** Nowhere in the text: the mistake is in what surrounds it. */
  static final Place NONE = new Place(0, 0);

  /** In the text that is read. */
  Place(int line, int column) {
    this(line, column, Origin.RECIPE);
  }

  /** The same place of another text. */
  Place in(Origin other) {
    return new Place(line, column, other);
  }

  /** The file it is in, if the text that is read has this name. */
  String file(String read) {
    return origin.file().isEmpty() ? read : origin.file();
  }
}
