package dev.imgstore.builder.check;

import dev.imgstore.builder.check.TreeCompare.Forgiven;
import dev.imgstore.builder.sandbox.Surroundings;
import dev.imgstore.model.Node;
import dev.imgstore.model.TreeId;
import dev.imgstore.model.TreePath;
import dev.imgstore.store.BlobReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/** The check of one action: first what varies by itself, then what it knows of the sandbox. */
final class ActionCheck {
  private static final int PAUSE_MILLIS = 1100;

  /** A user without a name in any distribution. */
  private static final int NOBODY = 54_321;

  /** Bits that are lost with an owner, and those that tar and cp leave to the umask. */
  private static final int ONLY_OF_ROOT = 06022;

  private final BlobReader blobs;
  private final Grade grade;
  private final RebuildCheck.Machine machine;
  private final Rerun action;
  private final Surroundings again;
  private final List<Finding> findings = new ArrayList<>();
  private final List<String> notices = new ArrayList<>();
  private final Set<String> tolerated = new TreeSet<>();
  private final Set<String> found = new HashSet<>();

  /** A difference and the output it is in. */
  private record In(String output, Difference difference) {
    String path() {
      return output + difference.path();
    }
  }

  ActionCheck(
      BlobReader blobs,
      Grade grade,
      RebuildCheck.Machine machine,
      Surroundings again,
      Rerun action) {
    this.blobs = blobs;
    this.grade = grade;
    this.machine = machine;
    this.action = action;
    this.again = again;
  }

  RebuildReport run() throws IOException, InterruptedException {
    long from = machine.seconds();
    Rerun.Given given = action.run(again);
    Clues clues =
        new Clues(
            from,
            machine.seconds(),
            machine.processors(),
            again.processors() > 0 ? again.processors() : machine.processors());
    if (!given.failure().isEmpty()) {
      fail(Grade.VARIES, "run again", given.failure());
      return report();
    }
    List<In> differences = differences(action.recorded(), given.outputs(), Forgiven.NOTHING);
    if (!differences.isEmpty()) {
      TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
      Set<String> unsteady = new HashSet<>();
      Rerun.Given third = action.run(again);
      differences(given.outputs(), third.outputs(), Forgiven.NOTHING)
          .forEach(each -> unsteady.add(each.path()));
      for (In each : differences) {
        varies(each, clues, third.failure().isEmpty() && !unsteady.contains(each.path()));
      }
    }
    if (grade == Grade.STRICT) {
      leaks(given.outputs());
      if (!action.needsRoot()) {
        user(given.outputs());
      }
    }
    return report();
  }

  private RebuildReport report() {
    List<String> may = tolerated.stream().map(path -> action.name() + ": " + path).toList();
    return new RebuildReport(1, findings, may, notices);
  }

  private void fail(Grade with, String how, String failure) {
    String what = "it fails when " + how + " (" + failure + ")";
    TreeFindings.Origin origin = new TreeFindings.Origin(action.name(), "", "");
    findings.add(Finding.of(with, action.platform(), origin, Kind.FAILURE, what, Optional.empty()));
  }

  /** All that may not differ. */
  private List<In> differences(
      SortedMap<String, TreeId> was, SortedMap<String, TreeId> is, Forgiven forgiven)
      throws IOException {
    List<In> differences = new ArrayList<>();
    for (Map.Entry<String, TreeId> each : was.entrySet()) {
      TreeId other = is.get(each.getKey());
      if (other != null) {
        for (Difference difference : TreeCompare.between(blobs, each.getValue(), other, forgiven)) {
          In in = new In(each.getKey(), difference);
          if (isTolerated(difference.path())) {
            tolerated.add(in.path());
          } else {
            differences.add(in);
          }
        }
      }
    }
    return differences;
  }

  private boolean isTolerated(TreePath path) {
    return action.tolerates().stream()
        .map(each -> TreePath.of(each.startsWith("./") ? each.substring(2) : each))
        .anyMatch(path::startsWith);
  }

  private void varies(In in, Clues clues, boolean steady) throws IOException {
    Optional<Node> was = in.difference().was().get();
    Optional<Node> is = in.difference().is().get();
    byte[] before;
    byte[] after;
    if (was.isEmpty() || is.isEmpty()) { // it is the name that differs
      before = was.isEmpty() ? new byte[0] : in.difference().path().bytes().toArray();
      after = is.isEmpty() ? new byte[0] : in.difference().path().bytes().toArray();
    } else {
      before = Bodies.all(blobs, was);
      after = Bodies.all(blobs, is);
    }
    add(Grade.VARIES, in, clues.kind(before, after, steady));
  }

  private void add(Grade with, In in, Kind kind) throws IOException {
    if (!found.add(in.path())) {
      return;
    }
    Difference difference = in.difference();
    boolean both = difference.was().get().isPresent() && difference.is().get().isPresent();
    Optional<Bodies.At> at =
        both
            ? Bodies.firstDifference(blobs, difference.was().get(), difference.is().get())
            : Optional.empty();
    String owner = action.owner(difference.path()).orElse("");
    TreeFindings.Origin origin = new TreeFindings.Origin(action.name(), owner, in.path());
    findings.add(Finding.of(with, action.platform(), origin, kind, difference.what(), at));
  }

  /**
   * All at once first: mostly nothing differs. Then each alone, to see which it was.
   *
   * @param base what the action gave with nothing of it varied
   */
  private void leaks(SortedMap<String, TreeId> base) throws IOException, InterruptedException {
    List<Variation> varied = new ArrayList<>(List.of(Variation.values()));
    if (machine.clockLibrary().isEmpty()) {
      varied.remove(Variation.CLOCK);
      notices.add("the clock was not varied: libfaketime is not installed here");
    }
    Together together = together(base, varied);
    if (!together.differs()) {
      return;
    }
    if (varied.contains(Variation.CLOCK) && !bearsTheLibrary(base)) {
      varied.remove(Variation.CLOCK);
      notices.add(
          action.name() + ": the clock was not varied: libfaketime itself is in the way there");
      together = together(base, varied);
    }
    if (together.differs()) {
      each(base, varied, together);
    }
  }

  /** What all variations at once give. */
  private record Together(String failure, Map<String, In> left) {
    boolean differs() {
      return !failure.isEmpty() || !left.isEmpty();
    }
  }

  private Together together(SortedMap<String, TreeId> base, List<Variation> varied)
      throws IOException, InterruptedException {
    Surroundings all = again;
    int forgiven = 0;
    for (Variation each : varied) {
      all = each.vary(all, machine.clockLibrary());
      forgiven |= each.forgiven();
    }
    Rerun.Given given = action.run(all);
    Map<String, In> left = new LinkedHashMap<>();
    differences(base, given.outputs(), new Forgiven(forgiven, 0)).stream()
        .filter(each -> !found.contains(each.path()))
        .forEach(each -> left.put(each.path(), each));
    return new Together(given.failure(), left);
  }

  /**
   * Whether the library that varies the clock changes nothing while it does not: it is linked with
   * others, which a small root may lack.
   */
  private boolean bearsTheLibrary(SortedMap<String, TreeId> base)
      throws IOException, InterruptedException {
    Rerun.Given given = action.run(Variation.still(again, machine.clockLibrary()));
    return given.failure().isEmpty()
        && differences(base, given.outputs(), Forgiven.NOTHING).stream()
            .allMatch(each -> found.contains(each.path()));
  }

  private void each(SortedMap<String, TreeId> base, List<Variation> varied, Together together)
      throws IOException, InterruptedException {
    int failures = findings.size();
    for (Variation each : varied) {
      leak(base, each, together.left());
    }
    if (!together.failure().isEmpty() && findings.size() == failures) {
      fail(Grade.STRICT, "all that the sandbox fixes is another at once", together.failure());
    }
    for (In each : together.left().values()) {
      add(Grade.STRICT, each, Kind.UNKNOWN);
    }
  }

  private void leak(SortedMap<String, TreeId> base, Variation variation, Map<String, In> left)
      throws IOException, InterruptedException {
    Rerun.Given given = action.run(variation.vary(again, machine.clockLibrary()));
    if (!given.failure().isEmpty()) {
      fail(Grade.STRICT, "the " + variation.what() + " is another", given.failure());
    }
    for (In each : differences(base, given.outputs(), new Forgiven(variation.forgiven(), 0))) {
      if (!found.contains(each.path())) {
        left.remove(each.path());
        add(Grade.STRICT, each, variation.kind());
      }
    }
  }

  /**
   * Nobody in particular, by himself: most of what fails then fails for lack of root, which tells
   * nothing about what comes out. What only root can keep in a copy is forgiven: owners,
   * attributes, and bits of modes.
   */
  private void user(SortedMap<String, TreeId> base) throws IOException, InterruptedException {
    Rerun.Given given = action.run(again.withUser(NOBODY));
    if (!given.failure().isEmpty()) {
      notices.add(action.name() + ": the user was not varied: it does not run as " + NOBODY);
      return;
    }
    for (In each : differences(base, given.outputs(), new Forgiven(ONLY_OF_ROOT, NOBODY))) {
      if (!found.contains(each.path())) {
        add(Grade.STRICT, each, Kind.USER);
      }
    }
  }
}
