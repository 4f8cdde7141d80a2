package dev.imgstore.sync.serve;

import java.util.List;

/**
 * Who may do what.
 *
 * @param writable whether anything may be pushed
 * @param deletable whether tags and images may be deleted, too
 * @param isPrivate whether reading wants a token as well
 * @param tokens of those who may write or read; with none, a writable server takes pushes of
 *     everybody who reaches it
 */
public record Access(boolean writable, boolean deletable, boolean isPrivate, List<Token> tokens) {
  /** Everybody reads, nobody writes. */
  public static final Access READ_ONLY = new Access(false, false, false, List.of());

  /** Copies in; refuses a private server that nobody can read. */
  public Access {
    tokens = List.copyOf(tokens);
    if (isPrivate && tokens.isEmpty()) {
      throw new IllegalArgumentException("a private server needs a token");
    }
  }

  /** True if the probe of a client is to be told that there is something to log in for. */
  boolean asksForNames() {
    return !tokens.isEmpty();
  }
}
