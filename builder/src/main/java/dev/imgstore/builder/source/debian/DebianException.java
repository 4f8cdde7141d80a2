package dev.imgstore.builder.source.debian;

import java.io.IOException;

/** What can be wrong with what a Debian archive, or the machine's apt configuration, says. */
public abstract sealed class DebianException extends IOException {
  private static final long serialVersionUID = 1L;

  private DebianException(String message) {
    super(message);
  }

  /** Text that is not in the form it must have. */
  public static final class Malformed extends DebianException {
    private static final long serialVersionUID = 1L;
    private final String place;
    private final int line;

    /**
     * Names the place.
     *
     * @param place the file or field, as a person knows it
     * @param line from 1; 0 where lines mean nothing
     * @param fault what is wrong there, without a full stop
     */
    public Malformed(String place, int line, String fault) {
      super((line == 0 ? place : place + ", line " + line) + ": " + fault);
      this.place = place;
      this.line = line;
    }

    /** The file or field. */
    public String place() {
      return place;
    }

    /** From 1; 0 where lines mean nothing. */
    public int line() {
      return line;
    }
  }

  /** A signed text that is not trusted; nothing of it was used. */
  public static final class Untrusted extends DebianException {
    private static final long serialVersionUID = 1L;

    /**
     * One sentence.
     *
     * @param what the signed text
     * @param why the reason, and what to do about it
     */
    public Untrusted(String what, String why) {
      super(what + " is not trusted: " + why);
    }
  }

  /** What was asked for is not in the archive or the configuration. */
  public static final class Missing extends DebianException {
    private static final long serialVersionUID = 1L;

    /** One sentence that says what is missing and what to do. */
    public Missing(String message) {
      super(message);
    }
  }
}
