package dev.imgstore.builder.steps;

import dev.imgstore.builder.pack.CanonicalTar;
import dev.imgstore.builder.pack.LayerContent;
import dev.imgstore.builder.pack.LayerSplit;
import dev.imgstore.builder.recipe.Step;
import dev.imgstore.builder.sandbox.SandboxIds;
import dev.imgstore.builder.sandbox.SecretFound;
import dev.imgstore.builder.sandbox.StepCell;
import dev.imgstore.builder.sandbox.StepSandbox;
import dev.imgstore.model.ActionKey;
import dev.imgstore.model.Bytes;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.TreeId;
import dev.imgstore.model.TreePath;
import dev.imgstore.store.BlobReader;
import dev.imgstore.store.BlobStore;
import dev.imgstore.store.Store;
import dev.imgstore.store.Transaction;
import dev.imgstore.store.Trees;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Runs actions, all in one sandbox that is made when the first one runs. Safe for many threads. The
 * caller closes it.
 */
final class StepRunner implements Closeable {
  private final Store store;
  private final Transaction transaction;
  private final StepResults results;
  private final StepPorts ports;
  private final SandboxIds ids;
  private final AtomicInteger started = new AtomicInteger();
  private @Nullable StepSandbox sandbox;

  StepRunner(
      Store store, Transaction transaction, StepResults results, StepPorts ports, SandboxIds ids) {
    this.store = store;
    this.transaction = transaction;
    this.results = results;
    this.ports = ports;
    this.ids = ids;
  }

  private synchronized StepSandbox sandbox() throws IOException, InterruptedException {
    StepSandbox open = sandbox;
    if (open == null) {
      open = StepSandbox.open(ids.get());
      sandbox = open;
    }
    return open;
  }

  /** How many have run. */
  int started() {
    return started.get();
  }

  /**
   * Runs an action.
   *
   * @param history where its run is remembered, also if it fails
   * @throws StepFailed if it fails, or gives away a secret
   */
  StepRecord run(Prepared action, ActionKey history) throws IOException, InterruptedException {
    Step step = action.step();
    SortedMap<String, Bytes> secrets = new TreeMap<>();
    for (Map.Entry<String, Step.Secret> each : step.secrets().entrySet()) {
      secrets.put(
          each.getKey(), ports.secrets().value(step.name(), each.getKey(), each.getValue()));
    }
    Layout layout = Layout.of(transaction, action.root(), action.placed());
    plant(action.root());
    for (Layout.Placed each : action.placed().values()) {
      plant(each.tree());
    }
    started.incrementAndGet();
    Ran ran =
        secrets.isEmpty()
            ? run(action, layout, secrets, transaction, history)
            : runApart(action, layout, secrets, history);
    if (!ran.failure().isEmpty()) {
      throw new StepFailed(ran.failure());
    }
    return ran.record();
  }

  /** What holds a secret must not even be in bytes that another step's flush makes durable. */
  private Ran runApart(
      Prepared action, Layout layout, SortedMap<String, Bytes> secrets, ActionKey history)
      throws IOException, InterruptedException {
    try (Transaction own = store.begin()) {
      Ran ran = run(action, layout, secrets, own, history);
      own.flush();
      return ran;
    }
  }

  /**
   * A run that gave no secret away.
   *
   * @param failure what to tell; empty if it went well
   */
  private record Ran(StepRecord record, String failure) {}

  private void plant(TreeId tree) throws IOException, InterruptedException {
    plant(sandbox(), transaction, tree);
  }

  /** Unpacks a tree in a sandbox unless it is there. */
  static void plant(StepSandbox sandbox, BlobReader blobs, TreeId tree)
      throws IOException, InterruptedException {
    sandbox.plant(tree.digest().hex(), out -> tar(blobs, tree, out));
  }

  /** A tree as a tar, without what a sandbox cannot make. */
  static void tar(BlobReader blobs, TreeId tree, OutputStream out) throws IOException {
    SortedMap<TreePath, Node> entries = LayerSplit.entries(blobs, tree);
    entries.values().removeIf(node -> node instanceof Node.Device || node instanceof Node.Fifo);
    try (InputStream tar = CanonicalTar.open(LayerContent.of("tree", entries), blobs)) {
      tar.transferTo(out);
    }
  }

  private Ran run(
      Prepared action,
      Layout layout,
      SortedMap<String, Bytes> secrets,
      BlobStore into,
      ActionKey history)
      throws IOException, InterruptedException {
    String name = action.step().name();
    AtomicReference<@Nullable StepTree> given = new AtomicReference<>();
    StepCell.Ended ended;
    try {
      ended =
          sandbox()
              .run(
                  cell(action, layout, secrets),
                  tar -> {
                    StepTree.read(action.step(), tar, into, given);
                    return given;
                  });
    } catch (SecretFound e) {
      throw new StepFailed("step " + name + " failed: " + e.getMessage());
    }
    if (!ended.secret().isEmpty()) {
      throw new StepFailed(
          "step "
              + name
              + " failed: it printed the value of the secret "
              + ended.secret()
              + "; its log is not kept");
    }
    results.remember(StepInputs.log(action.key()), into.put(ended.log().toArray()));
    StepTree all = given.get();
    SortedMap<String, TreeId> none = new TreeMap<>();
    if (all == null || !all.isGivenBy(ended)) {
      StepRecord record =
          new StepRecord(action.inputs(), Math.max(1, ended.exitCode()), none, kept(into, all));
      remember(action, record, into, history);
      return new Ran(record, FailureText.of(action, ended, record) + lost(all));
    }
    try {
      StepRecord record =
          new StepRecord(action.inputs(), 0, outputs(action.step(), into, all), none);
      results.result(action.key(), remember(action, record, into, history));
      return new Ran(record, "");
    } catch (StepFailed e) {
      StepRecord record = new StepRecord(action.inputs(), 1, none, none);
      remember(action, record, into, history);
      return new Ran(record, e.getMessage() + FailureText.logs(action, ended));
    }
  }

  private Digest remember(Prepared action, StepRecord record, BlobStore into, ActionKey history)
      throws IOException {
    Digest digest = into.putMetadata(record.encode());
    results.remember(history, digest);
    results.remember(StepInputs.attempt(action.key()), digest);
    return digest;
  }

  private static String lost(@Nullable StepTree all) {
    return all != null && all.remains() && all.tree().isEmpty()
        ? "\nwhat it had written is not kept: " + all.refused()
        : "";
  }

  private static SortedMap<String, TreeId> kept(BlobStore blobs, @Nullable StepTree all)
      throws IOException {
    SortedMap<String, TreeId> kept = new TreeMap<>();
    if (all != null && all.remains() && all.tree().isPresent()) {
      Trees.read(blobs, all.tree().get())
          .entries()
          .forEach(
              (name, node) -> {
                if (node instanceof Node.Directory directory) {
                  kept.put(name.toString(), directory.tree());
                }
              });
    }
    return kept;
  }

  static SortedMap<String, TreeId> outputs(Step step, BlobStore blobs, StepTree all)
      throws IOException {
    if (!all.refused().isEmpty() || all.tree().isEmpty()) {
      throw new StepFailed("step " + step.name() + " failed: " + all.refused());
    }
    SortedMap<String, TreeId> outputs = new TreeMap<>();
    SortedMap<Name, Node> entries = Trees.read(blobs, all.tree().get()).entries();
    for (String name : step.outputs()) {
      Optional<Node> node = Optional.ofNullable(entries.get(Name.of(name)));
      if (node.isEmpty() || !(node.get() instanceof Node.Directory directory)) {
        throw new StepFailed(
            "step "
                + step.name()
                + " failed: it removed the directory of its output "
                + name
                + ", or put something else there");
      }
      outputs.put(name, directory.tree());
    }
    return outputs;
  }

  StepCell cell(Prepared action, Layout layout, SortedMap<String, Bytes> secrets) {
    Step step = action.step();
    Bytes script = Bytes.EMPTY;
    List<String> command = List.of("/bin/sh", "-eu", StepCell.SCRIPT);
    if (step.run() instanceof Step.Script text) {
      script = Bytes.utf8(text.text());
    } else if (step.run() instanceof Step.Argv argv) {
      command = argv.words();
    }
    return new StepCell(
        layout.skeleton(),
        layout.mounts(),
        script,
        command,
        environment(step.env(), step.outputs(), action.inputs()),
        step.outputs(),
        secrets,
        limits(step.limits()),
        ports.onFail() == StepPorts.OnFail.KEEP);
  }

  static SortedMap<String, String> environment(
      SortedMap<String, String> env, List<String> outputs, StepInputs inputs) {
    SortedMap<String, String> environment = new TreeMap<>();
    environment.put("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    environment.put("HOME", StepCell.BUILD);
    environment.put("TMPDIR", "/tmp");
    environment.put("USER", "root");
    environment.put("LOGNAME", "root");
    environment.put("LC_ALL", "C.UTF-8");
    environment.put("TZ", "UTC");
    environment.put("TERM", "dumb");
    environment.put("SOURCE_DATE_EPOCH", inputs.values().getOrDefault("epoch", ""));
    environment.putAll(env);
    outputs.forEach(name -> environment.put(name, StepCell.OUTPUTS + "/" + name));
    return environment;
  }

  private StepCell.Limits limits(Step.Limits limits) {
    List<Integer> cpus = new ArrayList<>();
    if (limits.cpus() > 0 && limits.cpus() < ports.processors()) {
      int first = started.get() * limits.cpus();
      for (int i = 0; i < limits.cpus(); i++) {
        cpus.add((first + i) % ports.processors());
      }
    }
    return new StepCell.Limits(
        Duration.ofNanos(limits.nanos()),
        limits.memory(),
        limits.output(),
        cpus,
        limits.processes(),
        ports.jobs());
  }

  @Override
  public synchronized void close() {
    if (sandbox != null) {
      sandbox.close();
    }
  }
}
