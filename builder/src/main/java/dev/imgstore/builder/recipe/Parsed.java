package dev.imgstore.builder.recipe;

import java.util.Optional;

/** What became of reading a value out of a text. */
sealed interface Parsed<T> {
  /** The value, if the text was good. */
  default Optional<T> value() {
    return this instanceof Good<T> good ? Optional.of(good.is()) : Optional.empty();
  }

  /** What is wrong with it, if it was not. */
  default Optional<String> complaint() {
    return this instanceof Bad<T> bad ? Optional.of(bad.text()) : Optional.empty();
  }

  /** The value. */
  record Good<T>(T is) implements Parsed<T> {}

  /** What is wrong, in a sentence. */
  record Bad<T>(String text) implements Parsed<T> {}
}
