package dev.imgstore.planted.common;

final class Thing {
  private Thing() {}
}
