package dev.imgstore.builder.recipe;

/** The text is no YAML we read at all, so nothing further can be said of it. */
final class Unreadable extends Exception {
  private static final long serialVersionUID = 1L;

  private final int line;
  private final int column;
  private final String why;

  Unreadable(Place place, String why) {
    super(why);
    this.line = place.line();
    this.column = place.column();
    this.why = why;
  }

  Place place() {
    return new Place(line, column);
  }

  /** What is wrong, in a sentence. */
  String why() {
    return why;
  }
}
