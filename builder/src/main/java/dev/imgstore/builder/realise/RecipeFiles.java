package dev.imgstore.builder.realise;

import dev.imgstore.builder.accounts.Accounts;
import dev.imgstore.builder.recipe.FileEntry;
import dev.imgstore.builder.recipe.Group;
import dev.imgstore.builder.recipe.Recipe;
import dev.imgstore.builder.recipe.Step;
import dev.imgstore.builder.recipe.User;
import dev.imgstore.builder.tree.TreeEditor;
import dev.imgstore.model.Bytes;
import dev.imgstore.model.LinkGroups;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.Tree;
import dev.imgstore.model.TreeId;
import dev.imgstore.model.TreePath;
import dev.imgstore.store.Trees;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** The recipe's own users, groups and files, put into a tree that has the packages. */
final class RecipeFiles {
  /** How many names of an input are shown where another was meant. */
  private static final int NAMED = 8;

  private final TreeEditor tree;
  private final SortedMap<String, TreeId> locals;
  private final InputTrees inputs;
  private final Map<Step.Output, TreeId> outputs;
  private final SortedMap<TreePath, Long> times = new TreeMap<>();

  /** The paths of files that have several names, by the number their own tree gives them. */
  private final Map<Long, List<TreePath>> links = new TreeMap<>();

  private RecipeFiles(
      TreeEditor tree,
      SortedMap<String, TreeId> locals,
      InputTrees inputs,
      Map<Step.Output, TreeId> outputs) {
    this.outputs = outputs;
    this.tree = tree;
    this.locals = locals;
    this.inputs = inputs;
  }

  /**
   * Applies them in the order written.
   *
   * @return the times that entries have of their own
   */
  static SortedMap<TreePath, Long> apply(
      Recipe recipe,
      SortedMap<String, TreeId> locals,
      InputTrees inputs,
      Map<Step.Output, TreeId> outputs,
      TreeEditor tree)
      throws IOException {
    Accounts accounts = accounts(recipe, tree);
    RecipeFiles files = new RecipeFiles(tree, locals, inputs, outputs);
    for (FileEntry entry : recipe.files()) {
      if (!(entry instanceof FileEntry.Unit)) {
        files.put(entry, accounts);
      }
    }
    EnabledUnits.link(recipe.files(), tree); // any of the files may be such a unit
    return files.times;
  }

  private static Accounts accounts(Recipe recipe, TreeEditor tree) throws IOException {
    Accounts accounts = Accounts.read(tree);
    if (recipe.groups().isEmpty() && recipe.users().isEmpty()) {
      return accounts;
    }
    for (Group group : recipe.groups()) {
      accounts.addGroup(group.name(), group.gid());
    }
    for (User user : recipe.users()) {
      if (!accounts.hasGroup(user.group())) {
        accounts.addGroup(user.group(), user.uid());
      }
      int gid = accounts.gid(user.group()).orElseThrow();
      accounts.addUser(user.name(), user.uid(), gid, user.home(), user.shell(), user.comment());
      for (String group : user.groups()) {
        if (!accounts.hasGroup(group)) {
          throw new RecipeMismatch(
              "the user "
                  + user.name()
                  + " is to be in the group "
                  + group
                  + ", which is not there");
        }
        accounts.addMember(group, user.name());
      }
    }
    accounts.write(tree);
    return accounts;
  }

  private static int known(
      java.util.Optional<Integer> number, String kind, String name, TreePath path)
      throws RecipeMismatch {
    return number.orElseThrow(
        () ->
            new RecipeMismatch(
                path
                    + " is to belong to the "
                    + kind
                    + " "
                    + name
                    + ", and neither a package nor the recipe makes one; add it to "
                    + kind
                    + "s:"));
  }

  private void put(FileEntry entry, Accounts accounts) throws IOException {
    if (entry instanceof FileEntry.OfStep made && made.attributes().user().isEmpty()) {
      put(made, made.attributes(), new Owner(-1, -1));
      return;
    }
    FileEntry.Attributes attributes = entry.attributes();
    int uid = known(accounts.uid(attributes.user()), "user", attributes.user(), entry.path());
    int gid = known(accounts.gid(attributes.group()), "group", attributes.group(), entry.path());
    put(entry, attributes, new Owner(uid, gid));
  }

  /** Whose it becomes; -1 for whoever's it is in the tree it comes from. */
  private record Owner(int uid, int gid) {
    Meta of(Meta meta) {
      return uid < 0 ? meta : meta.withOwner(uid, gid);
    }
  }

  private void put(FileEntry entry, FileEntry.Attributes attributes, Owner owner)
      throws IOException {
    int uid = owner.uid();
    int gid = owner.gid();
    TreePath path = tree.resolveParent(entry.path());
    tree.makeDirectories(path.parent());
    if (entry instanceof FileEntry.Inline inline) {
      Meta meta = Meta.of(mode(attributes, 0644), uid, gid);
      tree.remove(path);
      tree.putFile(path, inline.text().getBytes(StandardCharsets.UTF_8), meta);
    } else if (entry instanceof FileEntry.EmptyDirectory) {
      tree.putDirectory(path, Meta.of(mode(attributes, 0755), uid, gid));
    } else if (entry instanceof FileEntry.Link link) {
      tree.remove(path);
      tree.put(path, new Node.Symlink(Bytes.utf8(link.target()), Meta.of(0777, uid, gid)));
    } else if (entry instanceof FileEntry.Copied copied) {
      copy(local(copied), path, attributes, owner);
    } else if (entry instanceof FileEntry.OfInput taken) {
      copy(input(taken), path, attributes, owner);
      joinLinks();
    } else if (entry instanceof FileEntry.OfStep made) {
      copy(made(made), path, attributes, owner);
      joinLinks();
    } else {
      throw new AssertionError(entry);
    }
    if (attributes.time() >= 0) {
      times.put(path, attributes.time());
    }
  }

  private static int mode(FileEntry.Attributes attributes, int otherwise) {
    return attributes.mode() < 0 ? otherwise : attributes.mode();
  }

  private Node local(FileEntry.Copied copied) throws IOException {
    TreeId local = locals.get(copied.from());
    Node node =
        local == null ? null : Trees.read(tree.blobs(), local).entries().get(LocalTrees.ENTRY);
    if (node == null) {
      throw new AssertionError("not taken in: " + copied.from());
    }
    return plain(node);
  }

  /** The way a directory is copied unless it was made by a step: its own mode does not count. */
  private static Node plain(Node node) {
    return node instanceof Node.Directory directory
        ? directory.withMeta(TreeEditor.PLAIN_DIRECTORY)
        : node;
  }

  private Node input(FileEntry.OfInput taken) throws IOException {
    TreeId at = inputs.tree(taken.input());
    return plain(
        find(at, taken.file())
            .orElseThrow(
                () ->
                    new RecipeMismatch(
                        taken.path()
                            + " is to be "
                            + taken.file()
                            + " of the input "
                            + taken.input()
                            + ", which has no such file; "
                            + held(at))));
  }

  private Node made(FileEntry.OfStep made) throws IOException {
    TreeId output = outputs.get(made.output());
    if (output == null) {
      throw new AssertionError("not made: " + made.output());
    }
    return find(output, made.file())
        .orElseThrow(
            () ->
                new RecipeMismatch(
                    made.path()
                        + " is to be "
                        + made.file()
                        + " of the step "
                        + made.output()
                        + ", which did not make it; "
                        + held(output)));
  }

  private Optional<Node> find(TreeId root, String file) throws IOException {
    Node node = new Node.Directory(root, TreeEditor.PLAIN_DIRECTORY);
    for (Name name : TreePath.of(file).names()) {
      Tree tree =
          node instanceof Node.Directory directory
              ? Trees.read(this.tree.blobs(), directory.tree())
              : Tree.EMPTY;
      node = tree.entries().get(name);
      if (node == null) {
        return Optional.empty();
      }
    }
    return Optional.of(node);
  }

  private String held(TreeId root) {
    try {
      List<String> names =
          Trees.read(tree.blobs(), root).entries().keySet().stream().map(Name::toString).toList();
      String shown = String.join(", ", names.subList(0, Math.min(NAMED, names.size())));
      return names.isEmpty()
          ? "it is empty"
          : "it holds " + shown + (names.size() > NAMED ? ", ..." : "");
    } catch (IOException e) {
      return "what there is cannot be read: " + e.getMessage();
    }
  }

  /** Names of one file keep together under numbers of their new paths. */
  private void joinLinks() throws IOException {
    for (List<TreePath> paths : links.values()) {
      long group = paths.size() == 1 ? 0 : LinkGroups.of(Collections.min(paths));
      for (TreePath path : paths) {
        if (tree.leaf(path).orElse(null) instanceof Node.File file) {
          tree.put(path, new Node.File(file.content(), file.size(), group, file.meta()));
        }
      }
    }
    links.clear();
  }

  private void leaf(TreePath path, Node node) throws IOException {
    tree.remove(path);
    tree.put(path, node);
    if (node instanceof Node.File file && file.linkGroup() != 0) {
      links.computeIfAbsent(file.linkGroup(), group -> new ArrayList<>()).add(path);
    }
  }

  private void copy(Node node, TreePath path, FileEntry.Attributes attributes, Owner owner)
      throws IOException {
    if (node instanceof Node.Directory directory) {
      tree.putDirectory(
          path, owner.of(directory.meta()).withMode(mode(attributes, directory.meta().mode())));
      below(Trees.read(tree.blobs(), directory.tree()), path, attributes, owner);
    } else {
      Meta meta = owner.of(node.meta());
      leaf(path, node.withMeta(meta.withMode(mode(attributes, meta.mode()))));
    }
  }

  private void below(Tree from, TreePath to, FileEntry.Attributes attributes, Owner owner)
      throws IOException {
    for (Map.Entry<Name, Node> entry : from.entries().entrySet()) {
      TreePath path = to.child(entry.getKey());
      Node node = entry.getValue();
      Meta meta = owner.of(node.meta());
      if (node instanceof Node.Directory directory) {
        tree.putDirectory(path, meta);
        below(Trees.read(tree.blobs(), directory.tree()), path, attributes, owner);
      } else {
        leaf(path, node.withMeta(meta));
      }
      if (attributes.time() >= 0) {
        times.put(path, attributes.time());
      }
    }
  }
}
