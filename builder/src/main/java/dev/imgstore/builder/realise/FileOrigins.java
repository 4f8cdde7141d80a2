package dev.imgstore.builder.realise;

import dev.imgstore.builder.check.TreeFindings;
import dev.imgstore.builder.recipe.FileEntry;
import dev.imgstore.builder.recipe.Recipe;
import dev.imgstore.model.Name;
import dev.imgstore.model.TreePath;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;

/**
 * Who made the files of an image: what the recipe puts there last, else a package.
 *
 * @param owners the package of each path
 * @param packages what the action is called that installed them
 */
record FileOrigins(Recipe recipe, SortedMap<TreePath, String> owners, String packages)
    implements TreeFindings.Origins {
  @Override
  public TreeFindings.Origin of(TreePath path) {
    List<FileEntry> last = new ArrayList<>(recipe.files());
    java.util.Collections.reverse(last);
    for (FileEntry entry : last) {
      if (path.startsWith(entry.path())) {
        return of(entry, path);
      }
    }
    return new TreeFindings.Origin(packages, owners.getOrDefault(path, ""), "root" + path);
  }

  private static TreeFindings.Origin of(FileEntry entry, TreePath path) {
    List<Name> below = path.names().subList(entry.path().names().size(), path.names().size());
    if (entry instanceof FileEntry.OfStep made) {
      String from = made.output().output() + at(made.file(), below);
      return new TreeFindings.Origin("step " + made.output().step(), "", from);
    }
    if (entry instanceof FileEntry.OfInput taken) {
      return new TreeFindings.Origin(
          "input " + taken.input(), "", taken.input() + at(taken.file(), below));
    }
    return new TreeFindings.Origin("files", "", path.toString());
  }

  private static TreePath at(String file, List<Name> below) {
    List<Name> names = new ArrayList<>(TreePath.of(file).names());
    names.addAll(below);
    return new TreePath(names);
  }
}
