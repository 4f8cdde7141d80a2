package dev.imgstore.sync.client;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/** What must not be shown: a registry may send back in an error what it was sent. */
final class Secrets {
  private static final Pattern CONTROLS = Pattern.compile("[\\p{Cntrl}\\x{80}-\\x{9f}]+");
  private static final int LEAST = 4;
  private static final int MOST = 300;

  private final Set<String> known = ConcurrentHashMap.newKeySet();

  void add(String secret) {
    if (secret.length() >= LEAST) {
      known.add(secret);
    }
  }

  /** A text from elsewhere, short, on one line and without them. */
  String without(String text) {
    String shown = text;
    for (String secret : known) {
      shown = shown.replace(secret, "[secret]");
    }
    shown = CONTROLS.matcher(shown).replaceAll(" ").strip();
    return shown.length() > MOST ? shown.substring(0, MOST) + "..." : shown;
  }
}
