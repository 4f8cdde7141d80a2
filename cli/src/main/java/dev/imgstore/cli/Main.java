package dev.imgstore.cli;

/** Placeholder. */
public final class Main {
  private Main() {}

  /** Starts. */
  public static void main(String[] args) {
    System.out.println("x");
  }
}
