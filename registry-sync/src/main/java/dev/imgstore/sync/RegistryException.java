package dev.imgstore.sync;

import java.io.IOException;

/**
 * A registry did not do what it was asked. The message says what was asked, of whom, what came back
 * and what to do; it never holds a credential or a query string.
 */
public final class RegistryException extends IOException {
  private static final long serialVersionUID = 1;

  /** Why, for the exit code. */
  public enum Kind {
    /** There is no such repository, tag or blob. */
    UNKNOWN,
    /** It wants other credentials, or those have no right to this. */
    DENIED,
    /** What came is not what its digest or the specification says. */
    WRONG,
    /** It cannot be reached, is too slow, or has failed too often. */
    UNAVAILABLE,
    /** It refuses what was sent. */
    REFUSED
  }

  private final Kind kind;

  /** See {@link Kind}. */
  public RegistryException(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  /** With what came before. */
  public RegistryException(Kind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  /** Why. */
  public Kind kind() {
    return kind;
  }
}
