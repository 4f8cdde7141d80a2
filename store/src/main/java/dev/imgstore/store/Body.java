package dev.imgstore.store;

import dev.imgstore.model.Digest;

/**
 * One stored form of a blob, by the numbers of {@code docs/design/02-store-format.md}: bytes that
 * are the same in every store that has it.
 *
 * @param form 1 to 4
 * @param variant of it, 0 to 65535
 */
public record Body(Digest blob, int form, int variant) implements Comparable<Body> {
  private static final int FORMS = 4;
  private static final int VARIANTS = 1 << 16;

  /** Refuses numbers that no segment has. */
  public Body {
    if (form < 1 || form > FORMS || variant < 0 || variant >= VARIANTS) {
      throw new IllegalArgumentException("no stored form: " + form + ", " + variant);
    }
  }

  @Override
  public int compareTo(Body other) {
    int byBlob = blob.compareTo(other.blob);
    int byForm = byBlob != 0 ? byBlob : Integer.compare(form, other.form);
    return byForm != 0 ? byForm : Integer.compare(variant, other.variant);
  }

  /** Written out, as is {@link #equals}: there are many in a set. */
  @Override
  public int hashCode() {
    return blob.hashCode() + form;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Body body
        && blob.equals(body.blob)
        && form == body.form
        && variant == body.variant;
  }
}
