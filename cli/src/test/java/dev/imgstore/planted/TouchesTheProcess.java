package dev.imgstore.planted;

final class TouchesTheProcess {
  private TouchesTheProcess() {}

  static void say() {
    System.out.println(System.getenv("HOME"));
  }
}
