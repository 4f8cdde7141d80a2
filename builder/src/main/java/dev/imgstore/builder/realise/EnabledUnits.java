package dev.imgstore.builder.realise;

import dev.imgstore.builder.recipe.FileEntry;
import dev.imgstore.builder.recipe.Nearest;
import dev.imgstore.builder.tree.TreeEditor;
import dev.imgstore.model.Bytes;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.TreePath;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** The units of systemd that a recipe has started with the machine. */
final class EnabledUnits {
  private static final Meta LINK = Meta.of(0777, 0, 0);

  /** Where units are, those that win first (systemd.unit(5)). */
  private static final List<String> PLACES =
      List.of("/etc/systemd/system", "/lib/systemd/system", "/usr/lib/systemd/system");

  /** The part that differs between the units of one template. */
  private static final String INSTANCE = "(?<=@).+(?=[.][a-z]+$)";

  private EnabledUnits() {}

  /**
   * Links to those that the entries name.
   *
   * @throws RecipeMismatch naming all that are no units of the image
   */
  static void link(List<FileEntry> entries, TreeEditor tree) throws IOException {
    List<FileEntry.Unit> wanted = new ArrayList<>();
    entries.stream()
        .filter(FileEntry.Unit.class::isInstance)
        .forEach(entry -> wanted.add((FileEntry.Unit) entry));
    if (wanted.isEmpty()) {
      return;
    }
    SortedMap<String, String> files = files(tree);
    List<String> missing = new ArrayList<>();
    for (FileEntry.Unit unit : wanted) {
      String template = unit.name().replaceFirst(INSTANCE, "");
      Optional<String> file =
          Optional.ofNullable(files.get(unit.name()))
              .or(() -> Optional.ofNullable(files.get(template)));
      if (isMasked(tree, unit.name()) || isMasked(tree, template)) {
        missing.add(unit.name() + ", which is masked: a link to /dev/null is in its place");
      } else if (file.isEmpty() || unit.name().contains("@.")) {
        missing.add(missing(unit.name(), files));
      } else {
        TreePath path = tree.resolveParent(unit.path());
        tree.makeDirectories(path.parent());
        tree.remove(path);
        tree.put(path, new Node.Symlink(Bytes.utf8(file.get()), LINK));
      }
    }
    if (!missing.isEmpty()) {
      throw new RecipeMismatch(
          "`units` under `disk` names "
              + String.join(" and ", missing)
              + "; add the package that has it to `packages`, or put it into /etc/systemd/system"
              + " with `files`");
    }
  }

  /** True if systemd is never to start it (systemctl(1), mask). */
  private static boolean isMasked(TreeEditor tree, String name) throws IOException {
    TreePath file = TreePath.of(PLACES.get(0).substring(1)).child(Name.of(name));
    return tree.leaf(tree.resolveParent(file)).orElse(null) instanceof Node.Symlink link
        && link.target().text().equals("/dev/null");
  }

  /** The units of an image by their names; templates cannot start and are there for instances. */
  private static SortedMap<String, String> files(TreeEditor tree) throws IOException {
    SortedMap<String, String> files = new TreeMap<>();
    for (String place : PLACES) {
      TreePath directory = tree.resolve(TreePath.of(place.substring(1)));
      if (tree.isDirectory(directory)) {
        for (Name name : tree.list(directory)) {
          TreePath file = tree.resolve(directory.child(name));
          if (tree.leaf(file).orElse(null) instanceof Node.File) {
            files.putIfAbsent(name.toString(), place + "/" + name);
          }
        }
      }
    }
    return files;
  }

  private static String missing(String unit, SortedMap<String, String> files) {
    if (unit.contains("@.")) {
      return unit + ", which is a template and starts only with a name behind the @";
    }
    String near =
        Nearest.of(unit, files.keySet()).map(each -> " (did you mean " + each + "?)").orElse("");
    return unit + ", which is no unit of the image" + near;
  }
}
