package dev.imgstore.builder.setup.shell;

/** A script that this shell cannot read; nothing of it was run. */
public final class SyntaxFault extends Exception {
  private static final long serialVersionUID = 1L;
  private final int line;

  SyntaxFault(int line, String fault) {
    super("line " + line + ": " + fault);
    this.line = line;
  }

  /** Where, from 1. */
  public int line() {
    return line;
  }
}
