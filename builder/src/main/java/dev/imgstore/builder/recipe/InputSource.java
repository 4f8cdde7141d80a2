package dev.imgstore.builder.recipe;

import java.util.List;

/** Where one entry of {@code inputs:} comes from. */
public sealed interface InputSource {
  /** What becomes of a file once it is fetched. */
  enum Unpack {
    /** What the end of the file's name says. */
    AUTO,
    /** A tar archive, compressed or not, is unpacked. */
    TAR,
    /** A zip archive is unpacked. */
    ZIP,
    /** The file stays as it is. */
    NONE
  }

  /**
   * One file, at one of several addresses.
   *
   * @param urls tried in this order, at least one
   * @param sha256 64 hexadecimal digits; empty if the lock decides alone
   * @param strip directories to take away above what an archive holds
   * @param executable whether a file that is not unpacked may be executed
   */
  record Url(List<String> urls, String sha256, Unpack unpack, int strip, boolean executable)
      implements InputSource {
    /** Copies in. */
    public Url {
      urls = List.copyOf(urls);
    }
  }

  /**
   * A file or directory beside the recipe, taken when the image is built; content decides.
   *
   * @param path as in {@link FileEntry.Copied}
   */
  record Local(String path) implements InputSource {}
}
