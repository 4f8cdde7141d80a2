package dev.imgstore.cli;

import dev.imgstore.model.Digest;
import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.Tree;
import dev.imgstore.model.TreeId;
import dev.imgstore.model.TreePath;
import dev.imgstore.store.BlobReader;
import dev.imgstore.store.BuildRecord;
import dev.imgstore.store.StoreException;
import dev.imgstore.store.Trees;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which package owns which file of an image, by the lists of dpkg's database in it; images without
 * scripts have none.
 */
final class Owners {
  private static final int MAX = 64 << 20;
  private static final String LIST = ".list";

  private Owners() {}

  /** The owners of files in the trees of a generation with this build record. */
  static Map<TreeId, Map<TreePath, String>> of(BlobReader blobs, Digest record) throws IOException {
    Map<TreeId, Map<TreePath, String>> owners = new HashMap<>();
    try {
      for (BuildRecord.Part part : BuildRecord.decode(record, blobs.read(record, MAX)).parts()) {
        owners.put(part.tree(), of(blobs, part.tree()));
      }
    } catch (StoreException e) {
      return Map.of(); // names are for people only; verify says what is damaged
    }
    return owners;
  }

  private static Map<TreePath, String> of(BlobReader blobs, TreeId root) throws IOException {
    Map<TreePath, String> owners = new HashMap<>();
    Optional<TreeId> info = directory(blobs, root, "var", "lib", "dpkg", "info");
    if (info.isEmpty()) {
      return owners;
    }
    Set<Name> aliases = aliases(Trees.read(blobs, root));
    for (Map.Entry<Name, Node> entry : Trees.read(blobs, info.get()).entries().entrySet()) {
      String name = entry.getKey().toString();
      if (name.endsWith(LIST) && entry.getValue() instanceof Node.File file) {
        String owner = name.substring(0, name.length() - LIST.length()).replaceFirst(":.*", "");
        String list = new String(blobs.read(file.content(), MAX), StandardCharsets.UTF_8);
        list.lines().forEach(line -> path(line, aliases).ifPresent(at -> owners.put(at, owner)));
      }
    }
    return owners;
  }

  private static Optional<TreeId> directory(BlobReader blobs, TreeId root, String... names)
      throws IOException {
    TreeId at = root;
    for (String name : names) {
      if (!(Trees.read(blobs, at).entries().get(Name.of(name)) instanceof Node.Directory next)) {
        return Optional.empty();
      }
      at = next.tree();
    }
    return Optional.of(at);
  }

  /** Names at the top that are links into usr: a package may list files under either. */
  private static Set<Name> aliases(Tree root) {
    Set<Name> aliases = new HashSet<>();
    root.entries()
        .forEach(
            (name, node) -> {
              if (node instanceof Node.Symlink link
                  && link.target().toString().equals("usr/" + name)) {
                aliases.add(name);
              }
            });
    return aliases;
  }

  private static Optional<TreePath> path(String line, Set<Name> aliases) {
    try {
      TreePath path = TreePath.of(line.substring(Math.min(1, line.length())));
      if (path.isRoot() || !aliases.contains(path.names().get(0))) {
        return Optional.of(path);
      }
      List<Name> names = new ArrayList<>(path.names());
      names.add(0, Name.of("usr"));
      return Optional.of(new TreePath(names));
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // "/." and whatever else is no file of an image
    }
  }
}
