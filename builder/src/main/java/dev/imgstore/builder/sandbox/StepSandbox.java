package dev.imgstore.builder.sandbox;

import dev.imgstore.model.Bytes;
import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.TreePath;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Where the steps of one build run. Trees are unpacked once, into memory, and seen read-only by
 * every step that has them; each step writes into a file system of its own, of bounded size, that
 * is gone when it ends. Safe for many threads. The caller closes it, which ends whatever runs.
 */
public final class StepSandbox implements Closeable {
  /** Raised when the same step may give something else; part of every step's key. */
  public static final int VERSION = 3;

  /** Trees are what the recipe asks for; how large they are is not for us to say. */
  private static final long MOST_TREES = 1L << 42;

  private static final long FILES_PER_MIB = 64;
  private static final int LEAST_FILES = 4096;
  private static final int MOST_FILES = 4 << 20;

  /**
   * Enters namespaces of its own, whose first process dies with us and whose processes and mounts
   * end with that. Arguments: our process, and those of {@link #LAUNCH}.
   */
  private static final String ENTER =
      """
      [ "$PPID" = "$1" ] || exit 125
      shift
      exec unshare --mount --propagation private --pid --fork --kill-child -- sh "$@"
      """;

  /**
   * Makes the file system of a cell. It says first that it is there, and goes on when it is told
   * to: whoever was killed before cannot tell it, and later it dies with its parent. Arguments: the
   * cell's name, its bytes, its files.
   */
  private static final String LAUNCH =
      """
      set -e
      echo
      read -r go
      umask 022
      cell=/tmp/cell-$1
      mkdir "$cell"
      mount -t tmpfs -o "mode=0700,size=$2,nr_inodes=$3" cell "$cell"
      tar --extract --preserve-permissions --same-owner --numeric-owner --xattrs \
        --xattrs-include='*' --warning=no-timestamp --directory="$cell" --file=-
      cd /
      . "$cell/run"
      """;

  private final Sandbox sandbox;
  private final Surroundings.Order order;
  private final long us;
  private final ConcurrentMap<String, FutureTask<Void>> planted = new ConcurrentHashMap<>();
  private final AtomicInteger cells = new AtomicInteger();
  private final Set<Process> running = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  private final Optional<StepGroups> groups;

  private StepSandbox(Sandbox sandbox, Optional<StepGroups> groups, Surroundings.Order order) {
    this.sandbox = sandbox;
    this.groups = groups;
    this.order = order;
    this.us = sandbox.parent();
  }

  /**
   * Makes one.
   *
   * @throws SandboxException if the machine has no namespaces for us, naming what to change
   */
  public static StepSandbox open(IdRange ids) throws IOException, InterruptedException {
    return open(ids, Surroundings.Order.SORTED);
  }

  /** One whose trees list their directories in an order. */
  public static StepSandbox open(IdRange ids, Surroundings.Order order)
      throws IOException, InterruptedException {
    Sandbox sandbox = Sandbox.open(ids, MOST_TREES);
    try {
      return new StepSandbox(sandbox, StepGroups.open(Long.toString(sandbox.id())), order);
    } catch (IOException | RuntimeException e) {
      sandbox.close();
      throw e;
    }
  }

  /**
   * Unpacks a tree unless it is there.
   *
   * @param tree its name, one word
   */
  public void plant(String tree, Sandbox.TarWriter tar) throws IOException, InterruptedException {
    FutureTask<Void> task =
        new FutureTask<>(
            () -> {
              sandbox.makeDirectory("tree-" + tree);
              sandbox.extract("tree-" + tree, tar);
              if (order == Surroundings.Order.REVERSED) {
                sandbox.reverse("tree-" + tree);
              }
              return null;
            });
    FutureTask<Void> first = planted.putIfAbsent(tree, task);
    if (first == null) {
      task.run();
    }
    Spawn.got(first == null ? task : first);
  }

  /**
   * Runs a step.
   *
   * @param outputs reads the tar of {@code /outputs} if the step succeeded, of all it wrote if it
   *     failed and that is kept; else it is not asked. After a {@link ReadEnough} of its own the
   *     exit code of a step that succeeded is that of the end it made
   * @throws SecretFound if an output holds the value of a secret; then the reader had read no
   *     further than that
   */
  public StepCell.Ended run(StepCell cell, Sandbox.TarReader<?> outputs)
      throws IOException, InterruptedException {
    return run(cell, Surroundings.FIXED, outputs);
  }

  /**
   * Runs a step in other surroundings; the order of directories is that of {@link #open(IdRange,
   * Surroundings.Order)}, and its environment is the cell's.
   */
  public StepCell.Ended run(StepCell cell, Surroundings surroundings, Sandbox.TarReader<?> outputs)
      throws IOException, InterruptedException {
    Process process = Spawn.start(words(cell));
    running.add(process);
    if (closed) {
      Spawn.kill(process); // it began while the others were ended
    }
    try {
      SecretSearch printed = new SecretSearch(cell.secrets());
      FutureTask<Bytes> log = Spawn.later(() -> LogBuffer.of(process.getErrorStream(), printed));
      boolean there = process.getInputStream().read() >= 0 && !closed && process.isAlive();
      FutureTask<@Nullable IOException> result =
          Spawn.later(() -> read(process.getInputStream(), cell, outputs));
      FutureTask<@Nullable IOException> told =
          Spawn.later(
              () ->
                  tell(
                      process,
                      there ? Optional.of(control(cell, surroundings)) : Optional.empty()));
      long until = System.nanoTime() + cell.limits().time().toNanos();
      boolean inTime = process.waitFor(until - System.nanoTime(), TimeUnit.NANOSECONDS);
      if (!inTime) {
        Spawn.kill(process);
        process.waitFor();
      }
      Spawn.got(told);
      IOException failure = Spawn.got(result);
      StepCell.Ended ended =
          new StepCell.Ended(process.exitValue(), !inTime, Spawn.got(log), printed.found());
      if (failure != null && !(failure instanceof ReadEnough)) {
        throw failure;
      }
      return ended;
    } finally {
      process.destroyForcibly();
      running.remove(process);
    }
  }

  /**
   * What a step had left behind.
   *
   * @param name {@code build}, {@code outputs}, {@code tmp} or {@code shm}
   */
  public record Left(String name, Sandbox.TarWriter tar) {}

  /**
   * Runs a command where a step would run, over what one left behind, and takes what it prints.
   * Nothing of what it writes is kept.
   */
  public StepCell.Ended visit(StepCell cell, List<Left> left)
      throws IOException, InterruptedException {
    String place = visit(cell, CellScript.visit(cell), left);
    Process process = Spawn.builder(sandbox.inside(enter(place))).redirectErrorStream(true).start();
    try {
      process.getOutputStream().close();
      Bytes log = LogBuffer.of(process.getInputStream(), new SecretSearch(cell.secrets()));
      return new StepCell.Ended(process.waitFor(), false, log, "");
    } finally {
      process.destroyForcibly();
    }
  }

  /**
   * The same with an interactive shell on this process's own terminal.
   *
   * @return its exit code
   */
  public int shell(StepCell cell, List<Left> left) throws IOException, InterruptedException {
    String place = visit(cell, CellScript.shell(cell), left);
    String inside = new ShellText().words(sandbox.inside(enter(place))).toString();
    // Of its own terminal, so that Ctrl-C is the shell's; script(1) passes bytes and size on.
    String words =
        "if [ -t 0 ] && command -v script >/dev/null; then exec script --quiet --return --command \"$1\""
            + " /dev/null; else eval \"exec $1\"; fi";
    Process process = Spawn.builder(List.of("sh", "-c", words, "sh", inside)).inheritIO().start();
    try {
      return process.waitFor();
    } finally {
      process.destroyForcibly();
    }
  }

  private String visit(StepCell cell, String script, List<Left> left)
      throws IOException, InterruptedException {
    String place = "visit-" + cells.incrementAndGet();
    ControlFiles files = control(cell, Surroundings.FIXED);
    files.file("run", script.getBytes(StandardCharsets.UTF_8), 0600);
    sandbox.makeDirectory(place);
    sandbox.extract(place, files::writeTar);
    for (Left each : left) {
      sandbox.extract(place + "/" + each.name(), each.tar());
    }
    return place;
  }

  private static List<String> enter(String place) {
    return List.of(
        "sh", "-c", "umask 022; cd /; cell=/tmp/$1; . \"$cell/run\"", "imgstore-shell", place);
  }

  private static @Nullable IOException read(
      InputStream stream, StepCell cell, Sandbox.TarReader<?> outputs) {
    try (PushbackInputStream in = new PushbackInputStream(stream, 1)) {
      int first = in.read();
      if (first >= 0) {
        in.unread(first);
        InputStream searched = new SearchedStream(in, new SecretSearch(cell.secrets()));
        outputs.read(searched);
        searched.transferTo(java.io.OutputStream.nullOutputStream());
      }
      return null;
    } catch (IOException e) {
      return e;
    }
  }

  /** What came of writing; that the process ended early is told by its exit code. */
  private static @Nullable IOException tell(Process process, Optional<ControlFiles> files) {
    try (Pipe in = new Pipe(process.getOutputStream())) {
      if (files.isPresent()) {
        in.write("go\n".getBytes(StandardCharsets.US_ASCII));
        files.get().writeTar(in);
      }
      return null;
    } catch (IOException e) {
      return e;
    }
  }

  /** Whether the memory of a step is bounded in all, not only for each of its processes. */
  public boolean boundsMemoryInAll() {
    return groups.isPresent();
  }

  private List<String> words(StepCell cell) throws IOException {
    String name = Integer.toString(cells.incrementAndGet());
    List<String> words = new ArrayList<>();
    if (groups.isPresent() && cell.limits().bounded()) {
      words.addAll(groups.get().entering(name, cell.limits()));
    }
    words.addAll(sandbox.inside(inside(cell, name)));
    return words;
  }

  private List<String> inside(StepCell cell, String name) {
    long written = cell.limits().written();
    long files = Math.max(LEAST_FILES, Math.min(MOST_FILES, (written >> 20) * FILES_PER_MIB));
    return List.of(
        "setpriv",
        "--pdeathsig",
        "KILL",
        "sh",
        "-c",
        ENTER,
        "imgstore-step",
        Long.toString(us),
        "-c",
        LAUNCH,
        "imgstore-step",
        name,
        Long.toString(written),
        Long.toString(files));
  }

  /** All that the launcher needs, and the skeleton of the step's root. */
  static ControlFiles control(StepCell cell, Surroundings surroundings) {
    ControlFiles files = new ControlFiles(surroundings.user());
    files.file("run", CellScript.of(cell, surroundings).getBytes(StandardCharsets.UTF_8), 0600);
    for (String own : List.of("build", "shm", "tmp", "outputs")) {
      files.own(own, own.equals("build") || own.equals("outputs") ? 0755 : 01777);
    }
    cell.outputs().forEach(name -> files.own("outputs/" + name, 0755));
    files.file("nothing", new byte[0], 0444);
    files.file("uptime", "0.00 0.00\n".getBytes(StandardCharsets.UTF_8), 0444);
    files.file(
        "stat",
        "cpu  0 0 0 0 0 0 0 0 0 0\nbtime 315532800\n".getBytes(StandardCharsets.UTF_8),
        0444);
    files.directory("root", 0755);
    for (Map.Entry<TreePath, Node> entry : cell.skeleton().entrySet()) {
      files.add(below("root", entry.getKey()), entry.getValue());
    }
    for (String own : List.of("build", "dev", "outputs", "proc", "run", "tmp")) {
      files.directory("root/" + own, 0755);
    }
    files.directory("root" + surroundings.build(), 0755);
    if (!surroundings.preload().isEmpty()) {
      files.file("root" + Surroundings.PRELOADED, new byte[0], 0444);
    }
    files.secrets("root" + StepCell.SECRETS, cell.secrets());
    if (cell.script().length() > 0) {
      files.file("root" + StepCell.SCRIPT, cell.script().toArray(), 0555);
    }
    return files;
  }

  private static TreePath below(String directory, TreePath path) {
    List<Name> names = new ArrayList<>(List.of(Name.of(directory)));
    names.addAll(path.names());
    return new TreePath(names);
  }

  /** Ends all that runs inside. */
  @Override
  public void close() {
    closed = true;
    running.forEach(Spawn::kill);
    sandbox.close();
    try {
      if (groups.isPresent()) {
        groups.get().close();
      }
    } catch (IOException e) {
      // Its keeper has ended; then there is nothing to tell it.
    }
  }
}
