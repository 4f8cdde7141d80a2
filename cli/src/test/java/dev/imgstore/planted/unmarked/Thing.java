package dev.imgstore.planted.unmarked;

final class Thing {
  private Thing() {}
}
