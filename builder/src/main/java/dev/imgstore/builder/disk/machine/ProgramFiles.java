package dev.imgstore.builder.disk.machine;

import dev.imgstore.builder.disk.BytesVolume;
import dev.imgstore.builder.disk.DiskException;
import dev.imgstore.builder.disk.Volume;
import dev.imgstore.builder.disk.initrd.ElfNeeds;
import dev.imgstore.builder.tree.TreeEditor;
import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.TreePath;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * A program of an image with everything that it needs to run elsewhere: the libraries that it and
 * they name, as their own files say, and what loads them.
 */
final class ProgramFiles {
  /** Plain names: what a package says becomes paths in the initrd. */
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._+-]{0,254}");

  /** Of all files together: they are held until the disk is written. */
  private static final int MOST_BYTES = 32 << 20;

  private static final int MOST_LIBRARIES = 64;

  private final TreeEditor tree;
  private final List<String> places;
  private final SortedMap<String, Volume> files = new TreeMap<>();
  private final Set<String> seen = new HashSet<>();
  private final Deque<ElfNeeds> open = new ArrayDeque<>();
  private int room = MOST_BYTES;

  private ProgramFiles(TreeEditor tree, String triplet) {
    this.tree = tree;
    this.places = List.of("lib/" + triplet, "usr/lib/" + triplet, "lib", "usr/lib", "lib64");
  }

  /**
   * Finds them.
   *
   * @param triplet how Debian calls the machine in the paths of libraries
   * @param target where the program is to be; libraries come into {@code lib}, where a loader of
   *     Debian looks without being told
   * @throws DiskException if a library is missing or a file is damaged
   */
  static SortedMap<String, Volume> of(
      TreeEditor tree, String triplet, TreePath program, String target) throws IOException {
    ProgramFiles found = new ProgramFiles(tree, triplet);
    found.add(program, target);
    while (!found.open.isEmpty()) {
      ElfNeeds needs = found.open.remove();
      if (!needs.interpreter().isEmpty()) {
        found.addInterpreter(needs.interpreter());
      }
      for (String library : needs.libraries()) {
        found.addLibrary(library, program);
      }
    }
    return found.files;
  }

  private void addInterpreter(String interpreter) throws IOException {
    if (!interpreter.startsWith("/")) {
      throw odd(interpreter);
    }
    String path = interpreter.substring(1);
    for (String name : path.split("/", -1)) {
      requirePlain(name, interpreter);
    }
    seen.add(path.substring(path.lastIndexOf('/') + 1));
    if (!files.containsKey(path)) { // which may name itself
      add(TreePath.of(path), path);
    }
  }

  private static void requirePlain(String name, String all) throws DiskException {
    if (!NAME.matcher(name).matches()) {
      throw odd(all);
    }
  }

  private static DiskException odd(String name) {
    return new DiskException("a program of the initrd needs a file of an odd name: " + name);
  }

  private void addLibrary(String name, TreePath program) throws IOException {
    requirePlain(name, name);
    if (!seen.add(name)) {
      return;
    }
    if (seen.size() > MOST_LIBRARIES) {
      throw new DiskException(program + " needs more than " + MOST_LIBRARIES + " libraries");
    }
    for (String place : places) {
      TreePath path = tree.resolve(TreePath.of(place)).child(Name.of(name));
      if (file(path).isPresent()) {
        add(path, "lib/" + name);
        return;
      }
    }
    throw new DiskException(
        program
            + " needs the library "
            + name
            + ", which is not in the image; add the package that holds it to `packages`");
  }

  private void add(TreePath path, String target) throws IOException {
    if (file(path).isEmpty()) {
      throw new DiskException(path + ", which a program of the initrd needs, is not in the image");
    }
    byte[] bytes = tree.read(tree.resolve(path), MOST_BYTES);
    room -= bytes.length;
    if (room < 0) {
      throw new DiskException(
          "the programs of the initrd have more than " + (MOST_BYTES >> 20) + " MiB, at " + path);
    }
    open.add(ElfNeeds.read(path.toString(), bytes));
    files.put(target, BytesVolume.owning(bytes));
  }

  private Optional<Node> file(TreePath path) throws IOException {
    return tree.leaf(tree.resolve(path)).filter(Node.File.class::isInstance);
  }
}
