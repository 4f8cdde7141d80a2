package dev.imgstore.builder.realise;

import dev.imgstore.builder.accounts.Accounts;
import dev.imgstore.builder.recipe.FileEntry;
import dev.imgstore.builder.recipe.Group;
import dev.imgstore.builder.recipe.Recipe;
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
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The recipe's own users, groups and files, put into a tree that has the packages. */
final class RecipeFiles {
  /** How many names of an input are shown where another was meant. */
  private static final int NAMED = 8;

  private final TreeEditor tree;
  private final SortedMap<String, TreeId> locals;
  private final InputTrees inputs;
  private final SortedMap<TreePath, Long> times = new TreeMap<>();

  /** The paths of files that have several names, by the number their own tree gives them. */
  private final Map<Long, List<TreePath>> links = new TreeMap<>();

  private RecipeFiles(TreeEditor tree, SortedMap<String, TreeId> locals, InputTrees inputs) {
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
      Recipe recipe, SortedMap<String, TreeId> locals, InputTrees inputs, TreeEditor tree)
      throws IOException {
    Accounts accounts = accounts(recipe, tree);
    RecipeFiles files = new RecipeFiles(tree, locals, inputs);
    for (FileEntry entry : recipe.files()) {
      files.put(entry, accounts);
    }
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
    FileEntry.Attributes attributes = entry.attributes();
    int uid = known(accounts.uid(attributes.user()), "user", attributes.user(), entry.path());
    int gid = known(accounts.gid(attributes.group()), "group", attributes.group(), entry.path());
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
      copy(copied, path, attributes, uid, gid);
    } else if (entry instanceof FileEntry.OfInput taken) {
      copy(taken, path, uid, gid);
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

  private void copy(
      FileEntry.Copied copied, TreePath path, FileEntry.Attributes attributes, int uid, int gid)
      throws IOException {
    TreeId local = locals.get(copied.from());
    if (local == null) {
      throw new AssertionError("not taken in: " + copied.from());
    }
    Node node = Trees.read(tree.blobs(), local).entries().get(LocalTrees.ENTRY);
    copy(node, path, attributes, uid, gid);
  }

  private void copy(FileEntry.OfInput taken, TreePath path, int uid, int gid) throws IOException {
    TreeId at = inputs.tree(taken.input());
    TreePath file = TreePath.of(taken.file());
    Node node = new Node.Directory(at, TreeEditor.PLAIN_DIRECTORY);
    for (Name name : file.names()) {
      Tree tree =
          node instanceof Node.Directory directory
              ? Trees.read(this.tree.blobs(), directory.tree())
              : Tree.EMPTY;
      node = tree.entries().get(name);
      if (node == null) {
        throw new RecipeMismatch(
            taken.path()
                + " is to be "
                + taken.file()
                + " of the input "
                + taken.input()
                + ", which has no such file; "
                + held(at));
      }
    }
    copy(node, path, taken.attributes(), uid, gid);
    joinLinks();
  }

  private String held(TreeId input) throws IOException {
    List<String> names =
        Trees.read(tree.blobs(), input).entries().keySet().stream().map(Name::toString).toList();
    String shown = String.join(", ", names.subList(0, Math.min(NAMED, names.size())));
    return names.isEmpty()
        ? "it is empty"
        : "it holds " + shown + (names.size() > NAMED ? ", ..." : "");
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

  private void copy(
      @Nullable Node node, TreePath path, FileEntry.Attributes attributes, int uid, int gid)
      throws IOException {
    if (node instanceof Node.Directory directory) {
      tree.putDirectory(path, Meta.of(mode(attributes, 0755), uid, gid));
      below(Trees.read(tree.blobs(), directory.tree()), path, attributes, uid, gid);
    } else if (node != null) {
      leaf(path, node.withMeta(Meta.of(mode(attributes, node.meta().mode()), uid, gid)));
    }
  }

  private void leaf(TreePath path, Node node) throws IOException {
    tree.remove(path);
    tree.put(path, node);
    if (node instanceof Node.File file && file.linkGroup() != 0) {
      links.computeIfAbsent(file.linkGroup(), group -> new ArrayList<>()).add(path);
    }
  }

  private void below(Tree from, TreePath to, FileEntry.Attributes attributes, int uid, int gid)
      throws IOException {
    for (Map.Entry<Name, Node> entry : from.entries().entrySet()) {
      TreePath path = to.child(entry.getKey());
      Node node = entry.getValue();
      Meta meta = node.meta().withOwner(uid, gid);
      if (node instanceof Node.Directory directory) {
        tree.putDirectory(path, meta);
        below(Trees.read(tree.blobs(), directory.tree()), path, attributes, uid, gid);
      } else {
        leaf(path, node.withMeta(meta));
      }
      if (attributes.time() >= 0) {
        times.put(path, attributes.time());
      }
    }
  }
}
