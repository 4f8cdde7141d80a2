package dev.imgstore.planted;

final class TreeHelper {
  private TreeHelper() {}
}
