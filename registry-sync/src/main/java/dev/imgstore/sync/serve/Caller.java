package dev.imgstore.sync.serve;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Locale;

/**
 * Who asks (RFC 7617, RFC 6750).
 *
 * @param name empty for somebody without credentials
 */
record Caller(String name, boolean writes) {
  static final Caller ANYBODY = new Caller("", false);

  /**
   * By the header of a request; empty credentials are none, since some clients send them.
   *
   * @throws Refusal if they are wrong
   */
  static Caller of(String header, List<Token> tokens) throws Refusal {
    int space = header.indexOf(' ');
    String scheme = space < 0 ? header : header.substring(0, space).toLowerCase(Locale.ROOT);
    String rest = space < 0 ? "" : header.substring(space + 1).strip();
    if (header.isEmpty() || tokens.isEmpty()) {
      return ANYBODY;
    }
    if (scheme.equals("bearer")) {
      return known("", rest, tokens);
    }
    if (!scheme.equals("basic")) {
      throw wrong();
    }
    String pair;
    try {
      pair = new String(Base64.getDecoder().decode(rest), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw wrong();
    }
    int colon = pair.indexOf(':');
    if (pair.equals(":")) {
      return ANYBODY;
    }
    if (colon < 1) {
      throw wrong();
    }
    return known(pair.substring(0, colon), pair.substring(colon + 1), tokens);
  }

  /** All are compared, so that the time says nothing of which was nearly right. */
  private static Caller known(String name, String secret, List<Token> tokens) throws Refusal {
    Caller found = ANYBODY;
    for (Token each : tokens) {
      if (each.isSecret(secret) && (name.isEmpty() || name.equals(each.name()))) {
        found = new Caller(each.name(), each.writes());
      }
    }
    if (found.name().isEmpty()) {
      throw wrong();
    }
    return found;
  }

  private static Refusal wrong() {
    return new Refusal(Refusal.Code.UNAUTHORIZED, "these credentials are not known here");
  }
}
