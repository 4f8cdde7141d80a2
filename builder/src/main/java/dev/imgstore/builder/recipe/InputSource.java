package dev.imgstore.builder.recipe;

import dev.imgstore.model.Digest;
import java.util.List;

/** Where one entry of {@code inputs:} comes from. */
public sealed interface InputSource {
  /** The files with keys that must have signed it; none if any will do. */
  default List<String> keys() {
    return List.of();
  }

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

  /** How fetched artifacts lie in their tree. */
  enum Layout {
    /** As in a Maven repository, with the models that Maven reads. */
    REPOSITORY,
    /** All files in one directory: a class path. */
    FLAT
  }

  /**
   * Maven artifacts with all they need at run time.
   *
   * @param artifacts each {@code group:artifact[:extension[:classifier]]:version}, sorted
   * @param keys files beside the recipe with OpenPGP keys, one of which must have signed each file;
   *     none if signatures are not asked for
   */
  record Maven(List<String> artifacts, Layout layout, List<String> keys) implements InputSource {
    /** Copies in; the order means nothing. */
    public Maven {
      artifacts = artifacts.stream().sorted().toList();
      keys = keys.stream().sorted().toList();
    }
  }

  /**
   * The packages of a package-lock.json.
   *
   * @param lockFile beside the recipe, as in {@link FileEntry.Copied}
   * @param dev whether packages come too that only development needs
   */
  record Npm(String lockFile, boolean dev) implements InputSource {}

  /**
   * The tree of a commit of a local clone.
   *
   * @param repository relative to the recipe's directory, or absolute
   * @param commit 40 or 64 hexadecimal digits
   * @param keys as in {@link Maven}, for the commit
   */
  record Git(String repository, String commit, List<String> keys) implements InputSource {
    /** Copies in; the order means nothing. */
    public Git {
      keys = keys.stream().sorted().toList();
    }
  }

  /**
   * The tree of an image.
   *
   * @param layout a directory in OCI image layout, relative to the recipe's directory or absolute
   * @param digest of its manifest or index
   */
  record Oci(String layout, Digest digest) implements InputSource {}

  /**
   * The tree of an image in a registry.
   *
   * @param image {@code HOST/REPOSITORY}, with a tag, a digest or both; of what is locked the lock
   *     alone decides
   */
  record Image(String image) implements InputSource {}

  /**
   * A file or directory beside the recipe, taken when the image is built; content decides.
   *
   * @param path as in {@link FileEntry.Copied}
   */
  record Local(String path) implements InputSource {}
}
