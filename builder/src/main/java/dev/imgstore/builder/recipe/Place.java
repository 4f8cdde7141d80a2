package dev.imgstore.builder.recipe;

/** Where something stands in a text: line and column from 1, columns in code points. */
record Place(int line, int column) implements Comparable<Place> {
  /** Nowhere in the text: the mistake is in what surrounds it. */
  static final Place NONE = new Place(0, 0);

  @Override
  public int compareTo(Place other) {
    int order = Integer.compare(line, other.line);
    return order != 0 ? order : Integer.compare(column, other.column);
  }
}
