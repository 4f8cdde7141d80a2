package dev.imgstore.builder.spec;

/** A file is not what it should be; the place is a byte of it. */
final class NotRead extends Exception {
  private static final long serialVersionUID = 1L;
  private final int place;

  NotRead(int place, String message) {
    super(message);
    this.place = place;
  }

  int place() {
    return place;
  }

  String text() {
    return String.valueOf(getMessage());
  }
}
