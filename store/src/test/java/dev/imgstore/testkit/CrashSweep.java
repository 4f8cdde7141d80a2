package dev.imgstore.testkit;

import dev.imgstore.store.disk.Filesystem;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;

/**
 * Runs a scenario once to count its operations, then once per operation dying there, and looks at
 * what is left: after a kill, after a power cut (several times), and after a kill, a second run and
 * then a power cut. Each time the laws must hold, repeating the scenario must succeed, and the laws
 * must hold again with all that was acknowledged before and after.
 */
public final class CrashSweep {
  private final int seeds;
  private final MemoryFilesystem start;
  private int runs;

  /** Does something, and says what it acknowledged; run again, it must cope with what it did. */
  @FunctionalInterface
  public interface Scenario<T> {
    /** Opens the store anew, works, and hands over each fact once it was promised to someone. */
    void run(Filesystem files, Consumer<T> acknowledged) throws Exception;
  }

  /** What must hold whenever a store is opened. */
  @FunctionalInterface
  public interface Laws<T> {
    /** Throws if something acknowledged is missing or anything is wrong. */
    void check(Filesystem files, List<T> acknowledged) throws Exception;
  }

  /** What a sweep did: operations of one run, and crashes looked at. */
  public record Report(int operations, int crashes) {}

  /** Starts from an empty disk with four power cuts for each place. */
  public CrashSweep() {
    this(new MemoryFilesystem(), 4);
  }

  /**
   * Starts elsewhere.
   *
   * @param start is copied, not changed
   * @param seeds number of power cuts looked at for each place
   */
  public CrashSweep(MemoryFilesystem start, int seeds) {
    this.start = start;
    this.seeds = seeds;
  }

  /**
   * Sweeps.
   *
   * @throws AssertionError naming operation and seed where a law did not hold
   */
  public <T> Report run(Scenario<T> scenario, Laws<T> laws) {
    CrashFilesystem whole = new CrashFilesystem(start.afterKill());
    List<T> all = new ArrayList<>();
    attempt("without a crash", () -> scenario.run(whole, all::add));
    attempt("without a crash", () -> laws.check(whole, all));
    int operations = whole.operations().size();
    runs = 0;
    for (int seed = 0; seed < seeds; seed++) {
      after(
          "power cut after the end, seed " + seed,
          whole.afterPowerCut(new Random(seed)),
          all,
          scenario,
          laws);
    }
    for (int operation = 1; operation <= operations; operation++) {
      dieAt(operation, operations, scenario, laws);
    }
    return new Report(operations, runs);
  }

  private <T> void dieAt(int operation, int total, Scenario<T> scenario, Laws<T> laws) {
    CrashFilesystem dying = new CrashFilesystem(start.afterKill(), operation);
    List<T> acknowledged = runUntilDead(dying, scenario);
    List<String> operations = dying.operations();
    String place = "operation " + operation + " (" + operations.get(operations.size() - 1) + ")";
    after("killed at " + place, dying.afterKill(), acknowledged, scenario, laws);
    for (int seed = 0; seed < seeds; seed++) {
      Random random = new Random(1000L * operation + seed);
      String what = ", seed " + seed;
      after(
          "power cut at " + place + what,
          dying.afterPowerCut(random),
          acknowledged,
          scenario,
          laws);
      // a second run on what the kill left dies too, or ends, and then the power goes
      int second = 1 + random.nextInt(total + 4);
      CrashFilesystem again = new CrashFilesystem(dying.afterKill(), second);
      List<T> both = new ArrayList<>(acknowledged);
      both.addAll(runUntilDead(again, scenario));
      String where = "killed at " + place + ", run again, power cut at operation " + second + what;
      after(where, again.afterPowerCut(random), both, scenario, laws);
    }
  }

  private static <T> List<T> runUntilDead(CrashFilesystem dying, Scenario<T> scenario) {
    List<T> acknowledged = new ArrayList<>();
    try {
      scenario.run(
          dying,
          fact -> {
            if (!dying.isDead()) { // the dead promise nothing
              acknowledged.add(fact);
            }
          });
    } catch (Throwable e) {
      if (!dying.isDead()) {
        throw new AssertionError("the scenario failed before the planted crash", e);
      }
    }
    return acknowledged;
  }

  private <T> void after(
      String what, MemoryFilesystem left, List<T> before, Scenario<T> scenario, Laws<T> laws) {
    runs++;
    List<T> acknowledged = new ArrayList<>(before);
    attempt(what, () -> laws.check(left, List.copyOf(acknowledged)));
    attempt(what + ", then repeated", () -> scenario.run(left, acknowledged::add));
    attempt(what + ", then repeated", () -> laws.check(left, List.copyOf(acknowledged)));
  }

  @FunctionalInterface
  private interface Attempt {
    void run() throws Exception;
  }

  private static void attempt(String what, Attempt attempt) {
    try {
      attempt.run();
    } catch (Exception | AssertionError e) {
      throw new AssertionError(what + ": " + e.getMessage(), e);
    }
  }
}
