package dev.imgstore.builder.steps;

import dev.imgstore.builder.recipe.Step;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Node;
import dev.imgstore.model.TreeId;
import dev.imgstore.model.TreePath;
import dev.imgstore.store.BlobReader;
import dev.imgstore.store.Trees;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** What the sources of a step stand for, once the steps it needs have given their trees. */
final class Sources {
  private static final Meta PLAIN = Meta.of(0755, 0, 0);

  private final StepsRequest request;
  private final BlobReader blobs;

  Sources(StepsRequest request, BlobReader blobs) {
    this.request = request;
    this.blobs = blobs;
  }

  /** The steps that a step needs. */
  static SortedSet<String> needs(Step step) {
    SortedSet<String> needs = new TreeSet<>();
    step.inputs().forEach(input -> need(input.source(), needs));
    if (step.root() instanceof Step.OfTree tree) {
      need(tree.source(), needs);
    }
    return needs;
  }

  private static void need(Step.Source source, SortedSet<String> needs) {
    if (source instanceof Step.Output output) {
      needs.add(output.step());
    }
  }

  /**
   * What a step needs that is not made yet.
   *
   * @param text a sentence
   * @param of the step that gives it; empty if none does
   * @param fetched whether it must be fetched or built elsewhere, so that nobody knows what it is
   */
  record Lack(String text, String of, boolean fetched) {}

  /** The first thing a step lacks. */
  Optional<Lack> lacking(Step step, Map<Step.Output, TreeId> outputs) {
    List<Step.Source> all = new ArrayList<>();
    step.inputs().forEach(input -> all.add(input.source()));
    if (step.root() instanceof Step.OfTree tree) {
      all.add(tree.source());
    } else if (!request.roots().containsKey(step.name())) {
      return Optional.of(
          step.root() instanceof Step.OfRecipe other
              ? new Lack("its root, the recipe " + other.path() + ", is not built", "", true)
              : new Lack("its root is not made yet", "", false));
    }
    for (Step.Source source : all) {
      if (source instanceof Step.Named named && !request.named().containsKey(named.name())) {
        return Optional.of(new Lack("the input " + named.name() + " is not fetched", "", true));
      }
      if (source instanceof Step.Output output && !outputs.containsKey(output)) {
        return Optional.of(new Lack(source + " is not made yet", output.step(), false));
      }
    }
    return Optional.empty();
  }

  /**
   * The action a step is.
   *
   * @param outputs of all steps it needs
   */
  Prepared prepare(Step step, Map<Step.Output, TreeId> outputs) throws IOException {
    SortedMap<TreePath, Layout.Placed> placed = new TreeMap<>();
    SortedMap<String, String> trees = new TreeMap<>();
    TreeId root = root(step, outputs);
    trees.put("/", root.toString());
    for (Step.Input input : step.inputs()) {
      Layout.Placed at = placed(input.source(), outputs);
      placed.put(TreePath.of(input.at()), at);
      trees.put(input.at(), said(at));
    }
    return new Prepared(
        step, StepInputs.of(step, request.platform(), request.epoch(), trees), root, placed);
  }

  private TreeId root(Step step, Map<Step.Output, TreeId> outputs) throws IOException {
    if (!(step.root() instanceof Step.OfTree tree)) {
      return known(request.roots().get(step.name()), "the root of " + step.name());
    }
    Layout.Placed placed = placed(tree.source(), outputs);
    if (placed.path().isRoot()) {
      return placed.tree();
    }
    if (placed.node() instanceof Node.Directory directory) {
      return directory.tree();
    }
    throw new StepFault(
        "the root of the step " + step.name() + " is " + tree.source() + ", which is no directory");
  }

  /** A single file is told from a directory that holds it. */
  private static String said(Layout.Placed placed) {
    if (placed.node() instanceof Node.File file) {
      return "file " + file.content() + " mode " + Integer.toOctalString(file.meta().mode());
    }
    return (placed.node() instanceof Node.Directory directory && !placed.path().isRoot()
            ? directory.tree()
            : placed.tree())
        .toString();
  }

  private Layout.Placed placed(Step.Source source, Map<Step.Output, TreeId> outputs)
      throws IOException {
    if (source instanceof Step.Local local) {
      return local(known(request.locals().get(local.path()), local.toString()), local);
    }
    TreeId tree =
        source instanceof Step.Named named
            ? known(request.named().get(named.name()), "the input " + named.name())
            : known(outputs.get(source), "the output " + source);
    return new Layout.Placed(tree, TreePath.ROOT, new Node.Directory(tree, PLAIN));
  }

  private Layout.Placed local(TreeId tree, Step.Local local) throws IOException {
    List<Map.Entry<dev.imgstore.model.Name, Node>> entries =
        List.copyOf(Trees.read(blobs, tree).entries().entrySet());
    Node node = entries.get(0).getValue();
    if (node instanceof Node.Directory directory) {
      return new Layout.Placed(
          directory.tree(), TreePath.ROOT, new Node.Directory(directory.tree(), PLAIN));
    }
    if (node instanceof Node.File) {
      return new Layout.Placed(tree, TreePath.ROOT.child(entries.get(0).getKey()), node);
    }
    throw new StepFault(local + " is a link; name the file or directory it leads to");
  }

  private static TreeId known(@org.jspecify.annotations.Nullable TreeId tree, String what) {
    if (tree == null) {
      throw new AssertionError("not made: " + what);
    }
    return tree;
  }
}
