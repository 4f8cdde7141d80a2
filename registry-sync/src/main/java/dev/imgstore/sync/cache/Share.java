package dev.imgstore.sync.cache;

import dev.imgstore.model.ActionKey;
import dev.imgstore.model.Digest;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * A result to be shared.
 *
 * @param name for people, of the profile or the step: at most {@link #MAX_NAME} characters
 * @param result what is to be recorded for the key
 * @param roots blobs that go with it, each with all it reaches, told by content: a build record
 *     with image, recipe, lock, inputs and trees; an image; a tree; anything else alone. The result
 *     is always one of them
 */
public record Share(
    ActionKey key, Kind kind, String name, Origin origin, Digest result, List<Digest> roots) {
  /** Longest name. */
  public static final int MAX_NAME = 200;

  /** Most roots. */
  static final int MAX_ROOTS = 1000;

  /** Adds the result, sorts; refuses a name that is too long or not one line of text. */
  public Share {
    Set<Digest> all = new TreeSet<>(roots);
    all.add(result);
    roots = List.copyOf(all);
    if (roots.size() > MAX_ROOTS) {
      throw new IllegalArgumentException(roots.size() + " roots; at most " + MAX_ROOTS);
    }
    if (!isName(name)) {
      throw new IllegalArgumentException(
          "the name of a shared result is one line of at most " + MAX_NAME + " characters");
    }
  }

  static boolean isName(String name) {
    return name.length() <= MAX_NAME
        && name.codePoints()
            .allMatch(
                each ->
                    !Character.isISOControl(each)
                        && Character.getType(each) != Character.FORMAT
                        && Character.getType(each) != Character.SURROGATE
                        && Character.getType(each) != Character.LINE_SEPARATOR
                        && Character.getType(each) != Character.PARAGRAPH_SEPARATOR);
  }
}
