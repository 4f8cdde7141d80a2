package dev.imgstore.cli.schedule;

import dev.imgstore.builder.recipe.Settings;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How much of a file system should stay free.
 *
 * @param text as it was written: {@code 10%}, {@code 20G}
 */
public record FreeBound(String text) {
  private static final Pattern SHARE = Pattern.compile("([1-9][0-9]?)%");

  /**
   * Checks it.
   *
   * @throws IllegalArgumentException with a sentence
   */
  public FreeBound {
    if (!SHARE.matcher(text).matches()) {
      if (text.endsWith("%")) {
        throw new IllegalArgumentException("a share is 1% to 99%, and not " + text);
      }
      Settings.bytes(text);
    }
  }

  /**
   * What a file system has.
   *
   * @param free bytes that this user may still write
   * @param all its size in bytes
   */
  public record Space(long free, long all) {
    /**
     * With what will be free when this process has ended: until then a file that it has mapped has
     * its bytes on the disk, though it is deleted.
     */
    public Space orAtLeast(long later) {
      return new Space(Math.min(all, Math.max(free, later)), all);
    }

    /** For people: the share that is free. */
    public String share() {
      return (all <= 0 ? 0 : (long) (100.0 * free / all)) + "%";
    }
  }

  /** Whether less is free. */
  public boolean isAbove(Space space) {
    return space.free() < bytes(space);
  }

  private long bytes(Space space) {
    Matcher share = SHARE.matcher(text);
    return share.matches()
        ? space.all() / 100 * Integer.parseInt(share.group(1))
        : Settings.bytes(text);
  }
}
