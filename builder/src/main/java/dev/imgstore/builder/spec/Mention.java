package dev.imgstore.builder.spec;

import java.util.List;

/**
 * A place of a file that names an image.
 *
 * @param line of what names it, from 1
 * @param column from 1, in characters
 * @param where in the file's own words: {@code Deployment web spec.template.spec.containers[0]}
 * @param reference as the file says it
 * @param slot where its bytes are
 * @param perhaps whether only its name suggests that it is an image, so that it may be something
 *     else
 */
public record Mention(
    int line, int column, String where, Reference reference, Slot slot, boolean perhaps) {
  /** What it says once it was given a tag and a digest: not every place holds a tag. */
  public Reference after(String tag, String digest) {
    return reference.at(slot.holdsTag() ? tag : reference.tag(), digest);
  }

  List<Edit> edits(String tag, String digest) {
    Reference wanted = after(tag, digest);
    return wanted.equals(reference) ? List.of() : slot.edits(reference, wanted);
  }
}
