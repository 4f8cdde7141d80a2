package dev.imgstore.builder.spec;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The bytes of a file that make up one reference. */
public sealed interface Slot {
  /** Whether it has a place for a tag beside the digest. */
  boolean holdsTag();

  /** What to change so that {@code now} becomes {@code wanted}. */
  List<Edit> edits(Reference now, Reference wanted);

  /** Where its bytes begin; no two slots of a file begin at the same byte. */
  int from();

  /** A text that is the whole reference, after a prefix such as {@code docker://}. */
  record Whole(int from, int to) implements Slot {
    @Override
    public boolean holdsTag() {
      return true;
    }

    @Override
    public List<Edit> edits(Reference now, Reference wanted) {
      return List.of(new Edit(from, to, wanted.toString()));
    }
  }

  /**
   * A mapping with a field for each part. Without a field for the digest one is made, or the tag's
   * field takes it, as {@code TAG@DIGEST}: that is for who joins the fields with a colon.
   *
   * @param makeDigest whether a missing field for the digest is made
   */
  record Fields(int from, Optional<Field> tag, Optional<Field> digest, Gap gap, boolean makeDigest)
      implements Slot {
    @Override
    public boolean holdsTag() {
      return tag.isPresent() || !(makeDigest || digest.isPresent());
    }

    @Override
    public List<Edit> edits(Reference now, Reference wanted) {
      List<Edit> edits = new ArrayList<>();
      if (digest.isEmpty() && !makeDigest) {
        String both = wanted.tag() + "@" + wanted.digest();
        edits.add(tag.map(field -> field.edit(both)).orElseGet(() -> gap.edit("tag", both)));
        return edits;
      }
      if (!now.tag().equals(wanted.tag())) {
        tag.ifPresent(field -> edits.add(field.edit(wanted.tag())));
      }
      if (!now.digest().equals(wanted.digest())) {
        String text = wanted.digest();
        edits.add(digest.map(field -> field.edit(text)).orElseGet(() -> gap.edit("digest", text)));
      }
      return edits;
    }
  }

  /**
   * A value that is there, between its quotes if it has some.
   *
   * @param plain whether it has none, so that not every text means itself
   * @param close whether what it belongs to ends right before it, as in {@code tag:}
   */
  record Field(int from, int to, boolean plain, boolean close) {
    Edit edit(String text) {
      return new Edit(from, to, (close ? " " : "") + (plain ? Plain.quoted(text) : text));
    }
  }

  /** Where a field can be added, and what goes before its name, between name and value, after. */
  record Gap(int at, String before, String between, String after) {
    Edit edit(String name, String text) {
      return new Edit(at, at, before + name + between + text + after);
    }
  }
}
