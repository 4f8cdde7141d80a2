package dev.imgstore.builder.steps;

import dev.imgstore.builder.sandbox.StepCell.Mount;
import dev.imgstore.model.Bytes;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.Tree;
import dev.imgstore.model.TreeCodec;
import dev.imgstore.model.TreeId;
import dev.imgstore.model.TreePath;
import dev.imgstore.store.BlobReader;
import dev.imgstore.store.Trees;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How a step sees its root with its inputs in it: a skeleton of directories, and what is bound
 * where. Only the directories on the way to an input that the root does not have are taken apart;
 * all others are bound whole.
 */
final class Layout {
  /** What the sandbox itself puts into the root. */
  private static final Set<Name> HIDDEN =
      Set.of(
          Name.of("build"),
          Name.of("dev"),
          Name.of("outputs"),
          Name.of("proc"),
          Name.of("run"),
          Name.of("tmp"));

  private static final TreeId NOTHING = TreeCodec.id(Tree.EMPTY);
  private static final Meta PLAIN = Meta.of(0755, 0, 0);

  private final BlobReader blobs;
  private final TreeId root;
  private final SortedMap<TreePath, Placed> inputs = new TreeMap<>();
  private final SortedMap<TreePath, Node> skeleton = new TreeMap<>();
  private final List<Mount> mounts = new ArrayList<>();

  /**
   * A tree that is seen somewhere.
   *
   * @param tree all of it
   * @param path the part that is seen
   * @param node what that part is
   */
  record Placed(TreeId tree, TreePath path, Node node) {}

  private Layout(BlobReader blobs, TreeId root, SortedMap<TreePath, Placed> inputs) {
    this.blobs = blobs;
    this.root = root;
    this.inputs.putAll(inputs);
  }

  /**
   * Reads the root as far as needed.
   *
   * @param inputs by where they are seen; none below another
   * @throws StepFault if the root has a link or file on the way to one
   */
  static Layout of(BlobReader blobs, TreeId root, SortedMap<TreePath, Placed> inputs)
      throws IOException {
    Layout layout = new Layout(blobs, root, inputs);
    layout.expand(TreePath.ROOT, root);
    layout.place();
    return layout;
  }

  SortedMap<TreePath, Node> skeleton() {
    return skeleton;
  }

  List<Mount> mounts() {
    return mounts;
  }

  private void expand(TreePath at, TreeId id) throws IOException {
    for (Map.Entry<Name, Node> entry : Trees.read(blobs, id).entries().entrySet()) {
      TreePath path = at.child(entry.getKey());
      Node node = entry.getValue();
      boolean hidden = at.isRoot() && HIDDEN.contains(entry.getKey());
      if (hidden || inputs.containsKey(path)) {
        continue;
      }
      if (inputs.keySet().stream().noneMatch(input -> input.startsWith(path))) {
        bind(path, node);
      } else if (node instanceof Node.Directory directory) {
        skeleton.put(path, directory);
        expand(path, directory.tree());
      } else {
        throw new StepFault(
            "an input is to be at "
                + inputs.keySet().stream().filter(i -> i.startsWith(path)).findFirst().orElse(path)
                + ", and "
                + path
                + " of the step's root is no directory; name the place it leads to");
      }
    }
  }

  private void bind(TreePath path, Node node) throws StepFault {
    if (node instanceof Node.Symlink) {
      skeleton.put(path, node);
    } else if (node instanceof Node.Directory || node instanceof Node.File) {
      skeleton.put(path, node);
      mount(root, path, path);
    }
    // Devices and pipes of a root have no use here.
  }

  private void mount(TreeId tree, TreePath path, TreePath at) throws StepFault {
    if (!Bytes.utf8(path.bytes().text()).equals(path.bytes())) {
      throw new StepFault("the name " + path + " is not UTF-8; a step cannot be shown it there");
    }
    mounts.add(new Mount(tree.digest().hex(), path, at));
  }

  private void place() throws StepFault {
    for (Map.Entry<TreePath, Placed> input : inputs.entrySet()) {
      TreePath at = input.getKey();
      for (TreePath above = at.parent(); !above.isRoot(); above = above.parent()) {
        skeleton.putIfAbsent(above, new Node.Directory(NOTHING, PLAIN));
      }
      Placed placed = input.getValue();
      skeleton.put(at, placed.node());
      mount(placed.tree(), placed.path(), at);
    }
  }
}
