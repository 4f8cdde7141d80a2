package dev.imgstore.builder.setup.shell;

import java.io.IOException;
import java.util.List;

/** The machine a script believes it runs on. */
public interface Host {
  /** What a command that cannot be told answers. */
  int UNKNOWN = -1;

  /** Stands in any text that is not known; a command that gets it cannot be told either. */
  String UNKNOWN_TEXT = "\uffff";

  /** What a command wrote and answered. */
  record Answer(int status, String output) {
    /** Done, nothing written. */
    public static final Answer DONE = new Answer(0, "");

    /** Failed, nothing written. */
    public static final Answer NO = new Answer(1, "");

    /** Neither done nor refused: this host does not know the command. */
    public static final Answer NOT_KNOWN = new Answer(UNKNOWN, UNKNOWN_TEXT);
  }

  /**
   * Runs one command.
   *
   * @param words the command and its arguments, none of them unknown but for echo and printf
   * @param input what it would read; may be {@link #UNKNOWN_TEXT}
   */
  Answer run(List<String> words, String input, Variables variables) throws IOException;

  /** Puts text into a file, or adds it at the end; false if that cannot be done here. */
  boolean write(String path, String text, boolean append) throws IOException;

  /** The text of a file, or {@link #UNKNOWN_TEXT}. */
  String read(String path) throws IOException;

  /** The paths that fit a pattern, sorted. */
  List<String> glob(String pattern) throws IOException;

  /** What a command may look at and change in the shell itself. */
  interface Variables {
    /** A variable's value, empty if it has none. */
    String get(String name);

    /** Sets a variable. */
    void set(String name, String value);
  }
}
