package dev.imgstore.builder.setup;

import dev.imgstore.builder.setup.shell.Host.Answer;
import dev.imgstore.builder.setup.shell.Host.Variables;
import dev.imgstore.builder.tree.TreeEditor;
import dev.imgstore.model.Bytes;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.TreePath;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;

/** mkdir, ln, cp, mv, rm, touch, chmod, chown, install and the like, on a tree. */
final class FileTools {
  private static final Meta FILE = Meta.of(0644, 0, 0);
  private static final Meta LINK = Meta.of(0777, 0, 0);

  private final TreeEditor tree;
  private final Accounts accounts;
  private int temporary;

  FileTools(TreeEditor tree, Accounts accounts) {
    this.tree = tree;
    this.accounts = accounts;
  }

  void addTo(Map<String, Tool> tools) {
    tools.put("mkdir", (words, input, variables) -> mkdir(words));
    tools.put("rmdir", (words, input, variables) -> rmdir(words));
    tools.put("rm", (words, input, variables) -> rm(words));
    tools.put("ln", (words, input, variables) -> ln(words));
    tools.put("touch", (words, input, variables) -> touch(words));
    tools.put("chmod", (words, input, variables) -> chmod(words));
    tools.put("chown", (words, input, variables) -> chown(words));
    tools.put("chgrp", (words, input, variables) -> chgrp(words));
    tools.put("mktemp", this::mktemp);
    tools.put("readlink", (words, input, variables) -> readlink(words));
    tools.put("getcap", (words, input, variables) -> getcap(words));
    tools.put("setcap", (words, input, variables) -> setcap(words));
  }

  private Answer mkdir(List<String> words) throws IOException {
    Arguments args = Arguments.read(words, "-m --mode");
    String mode = args.value("755", "-m", "--mode");
    boolean parents = args.has("-p", "--parents");
    for (String operand : args.operands()) {
      TreePath path = Place.real(tree, operand);
      if (tree.exists(path)) {
        if (!parents || !tree.isDirectory(path)) {
          return Answer.NO;
        }
        continue;
      }
      if (!parents && !tree.isDirectory(path.parent())) {
        return Answer.NO;
      }
      OptionalInt bits = Modes.change(mode, 0755, true);
      if (bits.isEmpty()) {
        return Answer.NOT_KNOWN;
      }
      tree.putDirectory(path, Meta.of(bits.getAsInt(), 0, 0));
    }
    return Answer.DONE;
  }

  private Answer rmdir(List<String> words) throws IOException {
    for (String operand : Arguments.read(words, "").operands()) {
      TreePath path = Place.own(tree, operand);
      if (path.isRoot() || !tree.isDirectory(path) || !tree.list(path).isEmpty()) {
        return Answer.NO;
      }
      tree.remove(path);
    }
    return Answer.DONE;
  }

  private Answer rm(List<String> words) throws IOException {
    Arguments args = Arguments.read(words, "");
    int status = 0;
    for (String operand : args.operands()) {
      TreePath path = Place.own(tree, operand);
      boolean refused =
          path.isRoot() || (tree.isDirectory(path) && !args.has("-r", "-R", "--recursive"));
      if (refused || (!tree.remove(path) && !args.has("-f", "--force"))) {
        status = 1;
      }
    }
    return new Answer(status, "");
  }

  private Answer ln(List<String> words) throws IOException {
    Arguments args = Arguments.read(words, "");
    List<String> operands = args.operands();
    if (!args.has("-s", "--symbolic") || operands.size() != 2 || operands.get(0).isEmpty()) {
      return Answer.NOT_KNOWN;
    }
    boolean noFollow = args.has("-n", "--no-dereference", "-T");
    TreePath path = noFollow ? Place.own(tree, operands.get(1)) : Place.real(tree, operands.get(1));
    if (tree.isDirectory(path)) {
      path = path.child(Name.of(Place.base(operands.get(0))));
    } else {
      path = Place.own(tree, operands.get(1));
    }
    if (tree.exists(path) && (!args.has("-f", "--force") || tree.isDirectory(path))) {
      return Answer.NO;
    }
    if (!tree.isDirectory(path.parent())) {
      return Answer.NO;
    }
    tree.put(path, new Node.Symlink(Bytes.utf8(operands.get(0)), LINK));
    return Answer.DONE;
  }

  private Answer touch(List<String> words) throws IOException {
    for (String operand : Arguments.read(words, "-d -t -r").operands()) {
      TreePath path = Place.real(tree, operand);
      if (!tree.exists(path)) {
        if (!tree.isDirectory(path.parent())) {
          return Answer.NO;
        }
        tree.putFile(path, new byte[0], FILE);
      }
    }
    return Answer.DONE;
  }

  private Answer chmod(List<String> words) throws IOException {
    int first = 0;
    while (first < words.size() && words.get(first).matches("-R|--|-[cfv]+|--recursive|--quiet")) {
      first++;
    }
    boolean recursive = words.contains("-R") || words.contains("--recursive");
    if (first + 1 >= words.size()) {
      return Answer.NOT_KNOWN;
    }
    String mode = words.get(first);
    for (String operand : words.subList(first + 1, words.size())) {
      if (!change(Place.real(tree, operand), recursive, (meta, dir) -> mode(meta, mode, dir))) {
        return Modes.change(mode, 0, false).isEmpty() ? Answer.NOT_KNOWN : Answer.NO;
      }
    }
    return Answer.DONE;
  }

  private static Optional<Meta> mode(Meta meta, String mode, boolean directory) {
    OptionalInt bits = Modes.change(mode, meta.mode(), directory);
    return bits.isPresent() ? Optional.of(meta.withMode(bits.getAsInt())) : Optional.empty();
  }

  /** What a node's attributes become. */
  private interface Change {
    Optional<Meta> of(Meta meta, boolean directory);
  }

  private boolean change(TreePath path, boolean recursive, Change change) throws IOException {
    Optional<Meta> meta = tree.meta(path);
    if (path.isRoot() || meta.isEmpty()) {
      return false;
    }
    boolean directory = tree.isDirectory(path);
    Optional<Meta> changed = change.of(meta.get(), directory);
    if (changed.isEmpty()) {
      return false;
    }
    tree.setMeta(path, changed.get());
    if (recursive && directory) {
      for (Name name : tree.list(path)) {
        if (!(tree.leaf(path.child(name)).orElse(null) instanceof Node.Symlink)) {
          change(path.child(name), true, change);
        }
      }
    }
    return true;
  }

  private Answer chown(List<String> words) throws IOException {
    Arguments args = Arguments.read(words, "");
    if (args.operands().size() < 2) {
      return Answer.NOT_KNOWN;
    }
    return changeOwner(args, args.operands().get(0));
  }

  private Answer chgrp(List<String> words) throws IOException {
    Arguments args = Arguments.read(words, "");
    return args.operands().size() < 2
        ? Answer.NOT_KNOWN
        : changeOwner(args, ":" + args.operands().get(0));
  }

  private Answer changeOwner(Arguments args, String owner) throws IOException {
    String[] names = owner.split("[:.]", 2);
    OptionalInt uid = names[0].isEmpty() ? OptionalInt.of(-1) : accounts.uid(names[0]);
    OptionalInt gid = OptionalInt.of(-1);
    if (names.length > 1) {
      gid = names[1].isEmpty() ? accounts.primaryGroup(names[0]) : accounts.gid(names[1]);
    }
    if (uid.isEmpty() || gid.isEmpty()) {
      return Answer.NOT_KNOWN;
    }
    int user = uid.getAsInt();
    int group = gid.getAsInt();
    boolean links = args.has("-h", "--no-dereference");
    for (String operand : args.operands().subList(1, args.operands().size())) {
      TreePath path = links ? Place.own(tree, operand) : Place.real(tree, operand);
      boolean done =
          change(
              path,
              args.has("-R", "--recursive"),
              (meta, directory) ->
                  Optional.of(
                      meta.withOwner(
                          user < 0 ? meta.uid() : user, group < 0 ? meta.gid() : group)));
      if (!done) {
        return Answer.NO;
      }
    }
    return Answer.DONE;
  }

  /** Every temporary file has its own name, the same ones each time. */
  private Answer mktemp(List<String> words, String input, Variables variables) throws IOException {
    String name = ScriptHost.TEMPORARY + temporary++;
    TreePath path = TreePath.of(name);
    if (words.contains("-d") || words.contains("--directory")) {
      tree.putDirectory(path, Meta.of(0700, 0, 0));
    } else {
      tree.putFile(path, new byte[0], Meta.of(0600, 0, 0));
    }
    return new Answer(0, name + "\n");
  }

  private Answer readlink(List<String> words) throws IOException {
    Arguments args = Arguments.read(words, "");
    if (args.operands().size() != 1) {
      return Answer.NOT_KNOWN;
    }
    String operand = args.operands().get(0);
    if (args.has("-f", "-e", "-m", "--canonicalize")) {
      TreePath real = Place.real(tree, operand);
      return !args.has("-e") || tree.exists(real) ? new Answer(0, real + "\n") : Answer.NO;
    }
    return tree.leaf(Place.own(tree, operand)).orElse(null) instanceof Node.Symlink link
        ? new Answer(0, link.target().text() + "\n")
        : Answer.NO;
  }

  private Answer getcap(List<String> words) throws IOException {
    for (String operand : words) {
      Optional<Meta> meta = tree.meta(Place.real(tree, operand));
      if (meta.isPresent() && !meta.get().xattrs().isEmpty()) {
        return Answer.NOT_KNOWN;
      }
    }
    return Answer.DONE;
  }

  private Answer setcap(List<String> words) throws IOException {
    Arguments args = Arguments.read(words, "");
    if (args.operands().size() != 2) {
      return Answer.NOT_KNOWN;
    }
    Optional<Bytes> value = Capabilities.value(args.operands().get(0));
    TreePath path = Place.real(tree, args.operands().get(1));
    if (value.isEmpty()) {
      return Answer.NOT_KNOWN;
    }
    if (!(tree.leaf(path).orElse(null) instanceof Node.File file)) {
      return Answer.NO;
    }
    SortedMap<Name, Bytes> xattrs = new TreeMap<>(file.meta().xattrs());
    xattrs.put(Name.of("security.capability"), value.get());
    Meta old = file.meta();
    tree.setMeta(path, new Meta(old.mode(), old.uid(), old.gid(), xattrs));
    return Answer.DONE;
  }
}
