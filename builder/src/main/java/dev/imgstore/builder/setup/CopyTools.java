package dev.imgstore.builder.setup;

import dev.imgstore.builder.setup.shell.Host.Answer;
import dev.imgstore.builder.tree.TreeEditor;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.TreePath;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** cp, mv and install, on a tree. */
final class CopyTools {
  private static final Meta FILE = Meta.of(0644, 0, 0);

  private final TreeEditor tree;
  private final Accounts accounts;

  CopyTools(TreeEditor tree, Accounts accounts) {
    this.tree = tree;
    this.accounts = accounts;
  }

  void addTo(Map<String, Tool> tools) {
    tools.put("cp", (words, input, variables) -> copy(words, false));
    tools.put("mv", (words, input, variables) -> copy(words, true));
    tools.put("install", (words, input, variables) -> install(words));
  }

  private Answer copy(List<String> words, boolean move) throws IOException {
    Arguments args = Arguments.read(words, "-t -S");
    List<String> operands = args.operands();
    if (operands.size() < 2 || args.has("-t")) {
      return Answer.NOT_KNOWN;
    }
    boolean all = args.has("-a", "-r", "-R", "--recursive", "--archive");
    boolean same = move || args.has("-a", "-p", "--archive", "--preserve");
    boolean follow = !move && !args.has("-a", "-d", "-P", "--archive", "--no-dereference");
    String last = operands.get(operands.size() - 1);
    TreePath target = Place.real(tree, last);
    boolean into = tree.isDirectory(target) && !args.has("-T", "--no-target-directory");
    for (String source : operands.subList(0, operands.size() - 1)) {
      TreePath from = follow ? Place.real(tree, source) : Place.own(tree, source);
      TreePath to = into ? target.child(Name.of(Place.base(source))) : target;
      if (!tree.exists(from) || (tree.isDirectory(from) && !all && !move)) {
        return Answer.NO;
      }
      if (tree.isDirectory(from) && (tree.exists(to) || to.startsWith(from))) {
        return Answer.NOT_KNOWN;
      }
      if ((tree.exists(to) && args.has("-n", "--no-clobber")) || !tree.isDirectory(to.parent())) {
        continue;
      }
      copyNode(from, to, same);
      if (move && !from.equals(to)) {
        tree.remove(from);
      }
    }
    return Answer.DONE;
  }

  private void copyNode(TreePath from, TreePath to, boolean same) throws IOException {
    Meta meta = tree.meta(from).orElse(FILE);
    Meta copied = same ? meta : Meta.of(meta.mode() & 0777, 0, 0);
    if (tree.isDirectory(from)) {
      tree.putDirectory(to, copied);
      for (Name name : tree.list(from)) {
        copyNode(from.child(name), to.child(name), same);
      }
    } else if (tree.leaf(from).orElse(null) instanceof Node.File file) {
      tree.put(to, new Node.File(file.content(), file.size(), copied));
    } else {
      tree.put(to, tree.leaf(from).orElseThrow());
    }
  }

  private Answer install(List<String> words) throws IOException {
    Arguments args = Arguments.read(words, "-m --mode -o --owner -g --group -t -S");
    if (args.has("-t")) {
      return Answer.NOT_KNOWN;
    }
    OptionalInt uid = accounts.uid(args.value("0", "-o", "--owner"));
    OptionalInt gid = accounts.gid(args.value("0", "-g", "--group"));
    OptionalInt mode = Modes.change(args.value("755", "-m", "--mode"), 0, false);
    if (uid.isEmpty() || gid.isEmpty() || mode.isEmpty()) {
      return Answer.NOT_KNOWN;
    }
    Meta meta = Meta.of(mode.getAsInt(), uid.getAsInt(), gid.getAsInt());
    if (args.has("-d", "--directory")) {
      for (String operand : args.operands()) {
        tree.putDirectory(Place.real(tree, operand), meta);
      }
      return Answer.DONE;
    }
    if (args.operands().size() != 2) {
      return Answer.NOT_KNOWN;
    }
    String source = args.operands().get(0);
    TreePath to = Place.real(tree, args.operands().get(1));
    to = tree.isDirectory(to) ? to.child(Name.of(Place.base(source))) : to;
    boolean empty = source.equals("/dev/null");
    Optional<Node> node = empty ? Optional.empty() : tree.leaf(Place.real(tree, source));
    if (args.has("-D")) {
      tree.makeDirectories(to.parent());
    }
    if (empty) {
      tree.putFile(to, new byte[0], meta);
      return Answer.DONE;
    }
    if (!(node.orElse(null) instanceof Node.File file) || !tree.isDirectory(to.parent())) {
      return Answer.NO;
    }
    tree.put(to, new Node.File(file.content(), file.size(), meta));
    return Answer.DONE;
  }
}
