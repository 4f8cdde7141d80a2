package dev.imgstore.builder.recipe;

import java.util.List;

/** The keys that a mapping knows. */
interface Keys {
  /** All of them. */
  List<String> keys();

  /** What to tell someone who wrote another one. */
  String unknown(String key);
}
