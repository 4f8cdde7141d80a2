package dev.imgstore.builder.source.scripts;

import java.io.IOException;

/** A package's script failed; the message ends with the last lines it printed. */
public final class ScriptFailure extends IOException {
  private static final long serialVersionUID = 1L;
  private static final int LAST_LINES = 25;

  ScriptFailure(String what, String log) {
    super(what + "; the last lines it printed:\n" + last(log));
  }

  private static String last(String log) {
    String[] lines = log.stripTrailing().split("\n", -1);
    StringBuilder text = new StringBuilder();
    for (int i = Math.max(0, lines.length - LAST_LINES); i < lines.length; i++) {
      text.append("  ").append(lines[i]).append('\n');
    }
    return text.toString().stripTrailing();
  }
}
