package dev.imgstore.builder.setup;

import dev.imgstore.builder.setup.shell.Host.Answer;
import dev.imgstore.builder.tree.TreeEditor;
import dev.imgstore.model.Bytes;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Node;
import dev.imgstore.model.TreePath;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** The links of update-alternatives(1), always in automatic mode: the highest priority wins. */
final class Alternatives {
  private static final Meta LINK = Meta.of(0777, 0, 0);

  /** A generic name and the link that has it. */
  private record Slave(String link, String name, String path) {}

  /** One program for a generic name. */
  private record Choice(String link, String path, int priority, List<Slave> slaves) {}

  private final SortedMap<String, List<Choice>> choices = new TreeMap<>();
  private final TreeEditor tree;

  Alternatives(TreeEditor tree) {
    this.tree = tree;
  }

  void addTo(Map<String, Tool> tools) {
    tools.put("update-alternatives", (words, input, variables) -> run(words));
  }

  private Answer run(List<String> words) throws IOException {
    int at = words.indexOf("--install");
    if (at < 0) {
      boolean harmless =
          words.stream().anyMatch(word -> word.matches("--(remove|remove-all|auto)"));
      return harmless ? Answer.DONE : Answer.NOT_KNOWN;
    }
    List<String> rest = words.subList(at + 1, words.size());
    if (rest.size() < 4 || !rest.get(3).matches("-?[0-9]{1,9}")) {
      return Answer.NOT_KNOWN;
    }
    List<Slave> slaves = new ArrayList<>();
    for (int i = 4; i < rest.size(); i += 4) {
      if (!rest.get(i).equals("--slave") || i + 3 >= rest.size()) {
        return Answer.NOT_KNOWN;
      }
      slaves.add(new Slave(rest.get(i + 1), rest.get(i + 2), rest.get(i + 3)));
    }
    if (!tree.exists(Place.real(tree, rest.get(2)))) {
      return Answer.NOT_KNOWN;
    }
    choices
        .computeIfAbsent(rest.get(1), key -> new ArrayList<>())
        .add(new Choice(rest.get(0), rest.get(2), Integer.parseInt(rest.get(3)), slaves));
    return Answer.DONE;
  }

  /** Makes the links of the winners. */
  void link() throws IOException {
    for (Map.Entry<String, List<Choice>> entry : choices.entrySet()) {
      Choice best =
          entry.getValue().stream()
              .max(
                  Comparator.comparing(Choice::priority)
                      .thenComparing(Comparator.comparing(Choice::path).reversed()))
              .orElseThrow();
      link(best.link(), entry.getKey(), best.path());
      for (Slave slave : best.slaves()) {
        if (tree.exists(Place.real(tree, slave.path()))) {
          link(slave.link(), slave.name(), slave.path());
        }
      }
    }
  }

  private void link(String link, String name, String path) throws IOException {
    TreePath generic = Place.own(tree, link);
    Node there = tree.leaf(generic).orElse(null);
    if (tree.isDirectory(generic) || (there != null && !(there instanceof Node.Symlink))) {
      return; // as update-alternatives: what is no link is not replaced
    }
    TreePath chosen = Place.own(tree, "/etc/alternatives/" + name);
    tree.put(generic, new Node.Symlink(Bytes.utf8("/etc/alternatives/" + name), LINK));
    tree.put(chosen, new Node.Symlink(Bytes.utf8(path), LINK));
  }
}
