package dev.imgstore.builder.disk.fat;

import dev.imgstore.builder.disk.Block;
import dev.imgstore.builder.disk.DiskException;
import dev.imgstore.model.TreePath;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** A name as VFAT keeps it: up to 255 UTF-16 units, compared without regard to case. */
record LongName(String text) {
  static final int ENTRY = 32;
  private static final int MAX_UNITS = 255;
  private static final int UNITS_PER_ENTRY = 13;
  private static final int[] PLACES = {1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30};
  private static final int ATTRIBUTE = 0x0f;
  private static final int LAST = 0x40;
  private static final String FORBIDDEN = "\"*/:<>?\\|";

  /** Reads the last name of a path, and refuses by name what FAT cannot hold. */
  static LongName of(TreePath path) throws DiskException {
    byte[] raw = path.last().orElseThrow().bytes().toArray();
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(raw)).toString();
    } catch (CharacterCodingException e) {
      throw refused(path, "it is not UTF-8");
    }
    if (text.length() > MAX_UNITS) {
      throw refused(path, "it has " + text.length() + " characters; 255 are the most");
    }
    if (text.endsWith(".") || text.endsWith(" ")) {
      throw refused(path, "it ends with a dot or a blank, which FAT drops");
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < ' ' || c == 0x7f || FORBIDDEN.indexOf(c) >= 0) {
        throw refused(path, "character " + (i + 1) + " of it is one that FAT keeps for itself");
      }
    }
    return new LongName(text);
  }

  private static DiskException refused(TreePath path, String why) {
    return new DiskException(
        "a FAT file system cannot hold the name " + path + ": " + why + "; give it another name");
  }

  /** Equal for names that FAT cannot tell apart. */
  String folded() {
    StringBuilder folded = new StringBuilder();
    text.chars().forEach(c -> folded.append(Character.toUpperCase((char) c)));
    return folded.toString();
  }

  /** How many entries come before the short one. */
  int entries() {
    return (text.length() + UNITS_PER_ENTRY - 1) / UNITS_PER_ENTRY;
  }

  /** FAT 1.03, "FAT Long Directory Entries": the end of the name comes first. */
  void put(Block out, ShortName alias) {
    int count = entries();
    for (int entry = count; entry > 0; entry--) {
      int start = out.position();
      out.u8(entry == count ? entry | LAST : entry);
      out.at(start + 11).u8(ATTRIBUTE).u8(0).u8(alias.checksum());
      for (int i = 0; i < UNITS_PER_ENTRY; i++) {
        out.at(start + PLACES[i]).u16(unit((entry - 1) * UNITS_PER_ENTRY + i));
      }
      out.at(start + ENTRY);
    }
  }

  private int unit(int index) {
    if (index < text.length()) {
      return text.charAt(index);
    }
    return index == text.length() ? 0 : 0xffff;
  }
}
