package dev.imgstore.builder.spec;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where in a file an image is named: keys with dots between them, {@code *} for any key, {@code []}
 * for any item of a list, {@code [2]} for the third; a key with a dot is in double quotes. In HCL a
 * block's labels are keys, too.
 */
public record SpecPath(List<String> steps) {
  private static final int MOST_STEPS = 32;
  private static final Pattern STEP =
      Pattern.compile("\"([^\"]+)\"|\\[([0-9]{0,6})\\]|([^.\\[\\]\"]+)");

  /** Copies in. */
  public SpecPath {
    steps = List.copyOf(steps);
  }

  /**
   * Reads one.
   *
   * @throws IllegalArgumentException saying how it should look
   */
  public static SpecPath parse(String text) {
    List<String> steps = new ArrayList<>();
    Matcher matcher = STEP.matcher(text);
    int at = 0;
    while (at < text.length()) {
      boolean dot = at > 0 && text.charAt(at) == '.';
      at += dot ? 1 : 0;
      boolean list = at < text.length() && text.charAt(at) == '[';
      if (!matcher.find(at) || matcher.start() != at || (at > 0 && !dot && !list)) {
        throw wrong(text);
      }
      steps.add(
          list
              ? "[" + matcher.group(2) + "]"
              : matcher.group(1) == null ? matcher.group(3) : matcher.group(1));
      at = matcher.end();
    }
    if (steps.isEmpty() || steps.size() > MOST_STEPS) {
      throw wrong(text);
    }
    return new SpecPath(steps);
  }

  private static IllegalArgumentException wrong(String text) {
    return new IllegalArgumentException(
        text + " is no path; write keys and lists as in spec.servers[].image, * for any key");
  }

  /** Whether the step stands for this key, or for this item: {@code [3]}. */
  static boolean fits(String step, String key) {
    boolean item = key.startsWith("[");
    return step.equals(key) || step.equals(item ? "[]" : "*");
  }
}
