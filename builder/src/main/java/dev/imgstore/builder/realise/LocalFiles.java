package dev.imgstore.builder.realise;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/**
 * The files beside a recipe, by relative path; {@code cli} plugs in the real directory. Links are
 * reported, never followed, so that nothing outside can be reached.
 */
public interface LocalFiles {
  /** What a path stands for. */
  sealed interface Entry {
    /** A regular file. */
    record File(boolean executable) implements Entry {}

    /** A directory and the names in it, sorted. */
    record Directory(List<String> names) implements Entry {}

    /** A symbolic link, kept as it is. */
    record Link(String target) implements Entry {}

    /** Nothing, or a device or socket. */
    record Absent() implements Entry {}
  }

  /** What stands at {@code path}, which is relative to the recipe and has no {@code ..}. */
  Entry look(String path) throws IOException;

  /** The bytes of a regular file; the caller closes it. */
  InputStream open(String path) throws IOException;
}
