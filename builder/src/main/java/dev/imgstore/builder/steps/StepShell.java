package dev.imgstore.builder.steps;

import dev.imgstore.builder.sandbox.SandboxIds;
import dev.imgstore.builder.sandbox.StepCell;
import dev.imgstore.builder.sandbox.StepSandbox;
import dev.imgstore.builder.tree.TreeEditor;
import dev.imgstore.model.Bytes;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.Tree;
import dev.imgstore.model.TreeId;
import dev.imgstore.model.TreePath;
import dev.imgstore.store.Transaction;
import dev.imgstore.store.Trees;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a step ran, to look around: its root and inputs, its environment, and what it had written
 * if that was kept. Its secrets are not there. Nothing is stored of what is done in it.
 */
public final class StepShell {
  private static final Pattern FILE = Pattern.compile("file (sha256:[0-9a-f]{64}) mode ([0-7]+)");
  private static final Name ENTRY = Name.of("entry");
  private static final StepCell.Limits LIMITS =
      new StepCell.Limits(Duration.ofDays(7), 0, 1L << 40, List.of(), 1 << 16, 1);

  private final Transaction transaction;
  private final StepRecord record;

  /**
   * Of one run.
   *
   * @param transaction reads the store; what it takes is not flushed
   */
  public StepShell(Transaction transaction, StepRecord record) {
    this.transaction = transaction;
    this.record = record;
  }

  /**
   * Enters it with a shell on this process's own terminal, and waits.
   *
   * @return the shell's exit code
   */
  public int enter(SandboxIds ids) throws IOException, InterruptedException {
    try (StepSandbox sandbox = StepSandbox.open(ids.get())) {
      StepCell cell = cell(List.of("/bin/sh", "-i"));
      plant(sandbox);
      return sandbox.shell(cell, kept());
    }
  }

  /** Runs one command there. */
  public StepCell.Ended run(SandboxIds ids, List<String> command)
      throws IOException, InterruptedException {
    try (StepSandbox sandbox = StepSandbox.open(ids.get())) {
      StepCell cell = cell(command);
      plant(sandbox);
      return sandbox.visit(cell, kept());
    }
  }

  private void plant(StepSandbox sandbox) throws IOException, InterruptedException {
    StepRunner.plant(sandbox, transaction, root());
    for (Layout.Placed each : placed().values()) {
      StepRunner.plant(sandbox, transaction, each.tree());
    }
  }

  private TreeId root() {
    return new TreeId(Digest.parse(record.inputs().values().getOrDefault("tree at /", "")));
  }

  private SortedMap<TreePath, Layout.Placed> placed() throws IOException {
    SortedMap<TreePath, Layout.Placed> placed = new TreeMap<>();
    for (Map.Entry<String, String> each : record.inputs().values().entrySet()) {
      if (each.getKey().startsWith("tree at /") && !each.getKey().equals("tree at /")) {
        placed.put(
            TreePath.of(each.getKey().substring("tree at ".length())), placed(each.getValue()));
      }
    }
    return placed;
  }

  private Layout.Placed placed(String said) throws IOException {
    Matcher file = FILE.matcher(said);
    if (file.matches()) {
      Digest content = Digest.parse(file.group(1));
      Node node =
          new Node.File(
              content,
              transaction.size(content),
              Meta.of(Integer.parseInt(file.group(2), 8), 0, 0));
      TreeId tree = Trees.put(transaction, new Tree(new TreeMap<>(Map.of(ENTRY, node))));
      return new Layout.Placed(tree, TreePath.ROOT.child(ENTRY), node);
    }
    TreeId tree = new TreeId(Digest.parse(said));
    return new Layout.Placed(
        tree, TreePath.ROOT, new Node.Directory(tree, TreeEditor.PLAIN_DIRECTORY));
  }

  private StepCell cell(List<String> command) throws IOException {
    SortedMap<String, String> values = record.inputs().values();
    SortedMap<String, String> env = new TreeMap<>();
    values.forEach(
        (name, value) -> {
          if (name.startsWith("env ")) {
            env.put(name.substring("env ".length()), value);
          }
        });
    List<String> outputs = List.of(values.getOrDefault("outputs", "out").split(" ", -1));
    Layout layout = Layout.of(transaction, root(), placed());
    return new StepCell(
        layout.skeleton(),
        layout.mounts(),
        Bytes.utf8(values.getOrDefault("run", "")),
        command,
        StepRunner.environment(env, outputs, record.inputs()),
        outputs,
        new TreeMap<>(),
        LIMITS,
        false);
  }

  /** What was kept, under the names it had. */
  private List<StepSandbox.Left> kept() {
    List<StepSandbox.Left> kept = new ArrayList<>();
    record
        .kept()
        .forEach(
            (name, tree) ->
                kept.add(
                    new StepSandbox.Left(name, out -> StepRunner.tar(transaction, tree, out))));
    return kept;
  }
}
