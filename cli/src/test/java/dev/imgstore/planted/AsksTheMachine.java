package dev.imgstore.planted;

import java.time.Clock;
import java.time.Instant;
import java.util.Locale;

final class AsksTheMachine {
  private AsksTheMachine() {}

  static String ask() {
    return Clock.systemUTC().instant() + Locale.getDefault().toString() + Instant.now();
  }
}
