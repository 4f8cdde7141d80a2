package dev.imgstore.store.disk;

import dev.imgstore.model.RelPath;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a segment is for. Blobs of one purpose are read and die together, so they lie together;
 * where a blob is found does not depend on it.
 */
enum Purpose {
  /** Frames of files and chunks. */
  CONTENT(1),
  /** Trees, records, manifests and the lists of chunks: small, and read first. */
  METADATA(2),
  /** Blobs kept as they came. */
  VERBATIM(3);

  static final RelPath DIRECTORY = RelPath.of("segments");
  private static final Pattern NAME = Pattern.compile("(content|metadata|verbatim)-([0-9a-f]{64})");
  private final int number;

  Purpose(int number) {
    this.number = number;
  }

  int number() {
    return number;
  }

  private String prefix() {
    return switch (this) {
      case CONTENT -> "content";
      case METADATA -> "metadata";
      case VERBATIM -> "verbatim";
    };
  }

  /** The name of a sealed segment whose footer has this hash. */
  RelPath file(String footerHash) {
    return DIRECTORY.child(prefix() + "-" + footerHash);
  }

  /** What the name says; empty if it is not the name of a segment. */
  static Optional<Purpose> of(RelPath file) {
    Matcher matcher = NAME.matcher(file.name());
    if (!matcher.matches()) {
      return Optional.empty();
    }
    for (Purpose each : values()) {
      if (each.prefix().equals(matcher.group(1))) {
        return Optional.of(each);
      }
    }
    throw new AssertionError(file);
  }
}
