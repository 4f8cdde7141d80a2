package dev.imgstore.builder.setup.shell;

/** Leaves a script, a function or a loop; never seen outside the interpreter. */
final class Leave extends RuntimeException {
  private static final long serialVersionUID = 1L;
  final String what;
  final int status;

  /**
   * With the word that asked for it.
   *
   * @param what {@code exit}, {@code return}, {@code break}, {@code continue}, or {@code limit}
   */
  Leave(String what, int status) {
    super(what, null, false, false);
    this.what = what;
    this.status = status;
  }
}
