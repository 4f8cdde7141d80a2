package dev.imgstore.builder.setup;

import dev.imgstore.builder.tree.TreeEditor;
import dev.imgstore.builder.tree.TreeFault;
import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.TreePath;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Paths as scripts write them, in a tree. */
final class Place {
  static final int LARGEST_TEXT = 4 << 20;

  private Place() {}

  /**
   * The path as written; {@code ..} goes up.
   *
   * @throws TreeFault if it is not absolute, because where a script stands is not kept
   */
  static TreePath at(String text) throws TreeFault {
    if (!text.startsWith("/") && !text.isEmpty()) {
      throw new TreeFault(TreePath.ROOT, "a relative path: " + text);
    }
    List<Name> names = new ArrayList<>();
    for (String part : text.split("/", -1)) {
      if (part.equals("..")) {
        if (!names.isEmpty()) {
          names.remove(names.size() - 1);
        }
      } else if (!part.isEmpty() && !part.equals(".")) {
        try {
          names.add(Name.of(part));
        } catch (IllegalArgumentException e) {
          throw new TreeFault(TreePath.ROOT, "no such path can be: " + text);
        }
      }
    }
    return new TreePath(names);
  }

  /** Where something of this path is, every link followed. */
  static TreePath real(TreeEditor tree, String text) throws IOException {
    return tree.resolve(at(text));
  }

  /** Where a link of this path is, or would be. */
  static TreePath own(TreeEditor tree, String text) throws IOException {
    return tree.resolveParent(at(text));
  }

  /** The text of a file of any path; empty if there is none. */
  static Optional<String> text(TreeEditor tree, String path) throws IOException {
    TreePath real = real(tree, path);
    if (tree.leaf(real).orElse(null) instanceof Node.File file && file.size() <= LARGEST_TEXT) {
      byte[] bytes = tree.blobs().read(file.content(), LARGEST_TEXT);
      return Optional.of(new String(bytes, StandardCharsets.UTF_8));
    }
    return Optional.empty();
  }

  /** The last name of a path as text. */
  static String base(String path) {
    String cut = path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    return cut.substring(cut.lastIndexOf('/') + 1);
  }
}
