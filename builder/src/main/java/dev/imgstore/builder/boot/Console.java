package dev.imgstore.builder.boot;

import dev.imgstore.builder.disk.initrd.Initrd;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a machine prints, line by line, with bounds: whether it is up, whether it gave up, and the
 * last it said. Terminals' escape sequences (ECMA-48, 5.4) are left out. For one thread.
 */
final class Console {
  static final int LAST = 40;
  private static final int LONGEST = 4096;
  private static final int MOST_FAILED = 50;
  private static final char ESCAPE = 0x1b;
  private static final char DELETE = 0x7f;

  /** A prompt, and what systemd says when it has started what it should. */
  private static final Pattern UP =
      Pattern.compile(
          "^[A-Za-z0-9.-]+ login:( |$)"
              + "|Reached target (multi-user\\.target|graphical\\.target|Multi-User|Graphical)");

  private static final Pattern LOST =
      Pattern.compile(
          "Kernel panic - not syncing|^imgstore: cannot start:|You are in emergency mode"
              + "|No bootable (option|device)|BOOT FAILED");

  private static final Pattern FAILED = Pattern.compile("^\\[FAILED\\] (.*)");

  private final String marker;
  private final StringBuilder line = new StringBuilder();
  private final Deque<String> last = new ArrayDeque<>();
  private final List<String> failed = new ArrayList<>();
  private Inside inside = Inside.TEXT;
  private boolean echo;
  private boolean up;
  private boolean lost;

  /** Where in an escape sequence a byte is. */
  private enum Inside {
    TEXT,
    ESCAPE,
    SEQUENCE
  }

  /**
   * A console of a machine that is up when it prints this.
   *
   * @param marker empty for a login prompt or what systemd says
   */
  Console(String marker) {
    this.marker = new String(marker.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
  }

  /** It printed more. */
  void add(byte[] bytes, int count) {
    for (int i = 0; i < count; i++) {
      add((char) (bytes[i] & 0xff));
    }
    look();
  }

  private void add(char next) {
    if (inside == Inside.ESCAPE) {
      inside = next == '[' ? Inside.SEQUENCE : Inside.TEXT;
    } else if (inside == Inside.SEQUENCE) {
      inside = next >= '@' && next <= '~' ? Inside.TEXT : Inside.SEQUENCE;
    } else if (next == ESCAPE) {
      inside = Inside.ESCAPE;
    } else {
      print(next);
    }
  }

  private void print(char next) {
    if (next == '\n' || line.length() == LONGEST) {
      end(next != '\n');
    }
    if ((next >= ' ' && next != DELETE) || next == '\t') {
      line.append(next);
    }
  }

  private void end(boolean cut) {
    look();
    if (!line.toString().isBlank()) {
      Matcher matcher = FAILED.matcher(line);
      if (matcher.find() && failed.size() < MOST_FAILED) {
        failed.add(text(matcher.group(1)));
      }
      last.add(text(line.toString()));
      if (last.size() > LAST) {
        last.remove();
      }
    }
    echo = cut && isEcho();
    line.setLength(0);
  }

  /** The kernel prints its command line, which may hold any words; our initrd speaks of it too. */
  private boolean isEcho() {
    return echo || (line.indexOf("ommand line") >= 0 && line.indexOf(Initrd.MARK) != 0);
  }

  private void look() {
    if (!isEcho()) {
      up |= marker.isEmpty() ? UP.matcher(line).find() : line.indexOf(marker) >= 0;
      lost |= LOST.matcher(line).find();
    }
  }

  private static String text(String bytes) {
    return new String(bytes.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8).strip();
  }

  /** Whether it printed the marker, but for the kernel's own command line. */
  boolean isUp() {
    return up;
  }

  /** Whether it said that it cannot go on. */
  boolean isLost() {
    return lost;
  }

  /** What of systemd failed, as it said. */
  List<String> failed() {
    return List.copyOf(failed);
  }

  /** The last lines that are not blank, at most {@link #LAST} and one that is not ended. */
  List<String> last() {
    List<String> all = new ArrayList<>(last);
    if (!line.toString().isBlank()) {
      all.add(text(line.toString()));
    }
    return all;
  }
}
