package dev.imgstore.builder.setup;

import dev.imgstore.builder.setup.shell.Globs;
import dev.imgstore.builder.setup.shell.Host;
import dev.imgstore.builder.source.dpkg.Diversion;
import dev.imgstore.builder.tree.TreeEditor;
import dev.imgstore.builder.tree.TreeFault;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Name;
import dev.imgstore.model.TreePath;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The machine that scripts see: a tree, its users and groups, and the commands we know. */
final class ScriptHost implements Host {
  /** Where temporary files are while scripts are run. */
  static final String TEMPORARY = "/tmp/.setup-";

  private static final List<String> PATH =
      List.of("/usr/local/sbin/", "/usr/local/bin/", "/usr/sbin/", "/usr/bin/", "/sbin/", "/bin/");

  private final TreeEditor tree;
  private final PackageTools packages;
  private final Alternatives alternatives;
  private final Map<String, Tool> tools = new HashMap<>();

  ScriptHost(TreeEditor tree, Accounts accounts) {
    this.tree = tree;
    this.packages = new PackageTools(tree, accounts);
    this.alternatives = new Alternatives(tree);
    packages.addTo(tools);
    alternatives.addTo(tools);
    new FileTools(tree, accounts).addTo(tools);
    new CopyTools(tree, accounts).addTo(tools);
    new TextTools(tree).addTo(tools);
    new AccountTools(tree, accounts).addTo(tools);
    new UnitLinks(tree).addTo(tools);
    Tool test = new TestTool(tree);
    tools.put("[", test);
    tools.put("test", test);
    tools.put("command", this::command);
    tools.put("which", (words, input, variables) -> find(words));
  }

  PackageTools packages() {
    return packages;
  }

  List<Diversion> diversions() {
    return packages.diversions();
  }

  /** Does what is done once, after all scripts. */
  void finish() throws IOException {
    alternatives.link();
    TreePath tmp = TreePath.of("tmp");
    if (tree.isDirectory(tmp)) {
      for (Name name : tree.list(tmp)) {
        if (("/tmp/" + name).startsWith(TEMPORARY)) {
          tree.remove(tmp.child(name));
        }
      }
    }
  }

  @Override
  public Answer run(List<String> words, String input, Variables variables) throws IOException {
    Tool tool = tools.get(words.get(0));
    if (tool == null && words.get(0).matches("/(usr/)?s?bin/[^/]+")) {
      tool = tools.get(Place.base(words.get(0)));
    }
    if (tool == null) {
      return Answer.NOT_KNOWN;
    }
    try {
      return tool.run(words.subList(1, words.size()), input, variables);
    } catch (TreeFault e) {
      return Answer.NOT_KNOWN;
    }
  }

  private Answer command(List<String> words, String input, Variables variables) throws IOException {
    if (!words.isEmpty() && words.get(0).startsWith("-")) {
      return find(words.subList(1, words.size()));
    }
    return words.isEmpty() ? Answer.NO : run(words, input, variables);
  }

  private Answer find(List<String> words) throws IOException {
    List<String> names = Arguments.read(words, "").operands();
    if (names.size() != 1) {
      return Answer.NOT_KNOWN;
    }
    String name = names.get(0);
    List<String> places =
        name.contains("/") ? List.of(name) : PATH.stream().map(one -> one + name).toList();
    for (String place : places) {
      TreePath path = Place.real(tree, place);
      if (tree.leaf(path).isPresent()
          && tree.meta(path).map(meta -> (meta.mode() & 0111) != 0).orElse(false)) {
        return new Answer(0, place + "\n");
      }
    }
    return Answer.NO;
  }

  @Override
  public boolean write(String path, String text, boolean append) throws IOException {
    try {
      TreePath place = Place.real(tree, path);
      if (tree.isDirectory(place) || !tree.isDirectory(place.parent())) {
        return false;
      }
      String before = append ? Place.text(tree, path).orElse("") : "";
      Meta meta = tree.meta(place).orElse(Meta.of(0644, 0, 0));
      tree.putFile(place, (before + text).getBytes(StandardCharsets.UTF_8), meta);
      return true;
    } catch (TreeFault e) {
      return false;
    }
  }

  @Override
  public String read(String path) throws IOException {
    try {
      return Place.text(tree, path).orElse(UNKNOWN_TEXT);
    } catch (TreeFault e) {
      return UNKNOWN_TEXT;
    }
  }

  @Override
  public List<String> glob(String pattern) throws IOException {
    List<String> found = new ArrayList<>();
    if (pattern.startsWith("/")) {
      glob("", pattern.split("/+", -1), 1, found);
    }
    return found;
  }

  private void glob(String at, String[] parts, int next, List<String> found) throws IOException {
    TreePath place = Place.real(tree, at);
    if (next == parts.length) {
      if (tree.exists(Place.own(tree, at))) {
        found.add(at);
      }
      return;
    }
    if (!tree.isDirectory(place)) {
      return;
    }
    for (Name name : tree.list(place)) {
      boolean hidden = name.toString().startsWith(".") && !parts[next].startsWith(".");
      if (!hidden && Globs.matches(parts[next], name.toString())) {
        glob(at + "/" + name, parts, next + 1, found);
      }
    }
  }
}
