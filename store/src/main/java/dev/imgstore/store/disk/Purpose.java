package dev.imgstore.store.disk;

import dev.imgstore.model.Digest;
import dev.imgstore.model.RelPath;
import java.util.Optional;

/**
 * What a segment is for. Blobs of one purpose are read and die together, so they lie together;
 * where a blob is found does not depend on it.
 */
enum Purpose {
  /** Frames of files and chunks. */
  CONTENT(1, "content-"),
  /** Trees, records, manifests and the lists of chunks: small, and read first. */
  METADATA(2, "metadata-"),
  /** Blobs kept as they came. */
  VERBATIM(3, "verbatim-");

  static final RelPath DIRECTORY = RelPath.of("segments");
  private static final Purpose[] ALL = values();
  private final int number;
  private final String prefix;

  Purpose(int number, String prefix) {
    this.number = number;
    this.prefix = prefix;
  }

  int number() {
    return number;
  }

  /** The name of a sealed segment whose footer has this hash. */
  RelPath file(String footerHash) {
    return DIRECTORY.child(prefix + footerHash);
  }

  /** The hash in the name of a segment of this purpose. */
  String hash(RelPath file) {
    return file.name().substring(prefix.length());
  }

  /** The purpose of this number. */
  static Optional<Purpose> of(int number) {
    return number < 1 || number > ALL.length ? Optional.empty() : Optional.of(ALL[number - 1]);
  }

  /** What the name says; empty if it is not the name of a segment. */
  static Optional<Purpose> of(RelPath file) {
    String name = file.name();
    for (Purpose each : ALL) {
      int hash = each.prefix.length();
      if (name.length() == hash + 2 * Digest.BYTES
          && name.startsWith(each.prefix)
          && isHex(name, hash)) {
        return Optional.of(each);
      }
    }
    return Optional.empty();
  }

  private static boolean isHex(String text, int from) {
    for (int i = from; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) {
        return false;
      }
    }
    return true;
  }
}
