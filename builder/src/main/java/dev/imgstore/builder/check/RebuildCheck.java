package dev.imgstore.builder.check;

import dev.imgstore.builder.sandbox.Surroundings;
import dev.imgstore.store.BlobReader;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Runs actions again and says what differs, where, and why that may be. It changes nothing: what is
 * recorded stays. One thread calls.
 */
public final class RebuildCheck {
  /** Dates with a resolution of two seconds are seen to differ, too. */
  private static final Duration APART = Duration.ofMillis(2100);

  private final BlobReader blobs;
  private final Grade grade;
  private final Machine machine;
  private final Surroundings again;

  /**
   * Where it runs.
   *
   * @param clock the time that programs see
   * @param processors of this machine
   * @param clockLibrary libfaketime of this machine; empty if it has none
   * @param jobs how many actions run at once
   * @param pool runs them; has as many threads
   */
  public record Machine(
      Clock clock, int processors, String clockLibrary, int jobs, ExecutorService pool) {
    /** How many processors a program sees in the second run. */
    int otherProcessors() {
      return processors > 1 ? 1 : processors;
    }

    /** Since 1970. */
    public long seconds() {
      return clock.instant().getEpochSecond();
    }
  }

  /** Told how many of the actions are done. */
  public interface Watcher {
    /** Called from the calling thread. */
    void at(long done, long total);
  }

  /**
   * A check.
   *
   * @param blobs has what is recorded and what comes of every run
   */
  public RebuildCheck(BlobReader blobs, Grade grade, Machine machine) {
    this(
        blobs,
        grade,
        machine,
        Surroundings.FIXED.on(
            machine.processors() > 1 ? machine.otherProcessors() : 0, Surroundings.Order.REVERSED));
  }

  /**
   * A check in other surroundings.
   *
   * @param again what a program sees in the second run, before anything is varied that the sandbox
   *     fixes
   */
  public RebuildCheck(BlobReader blobs, Grade grade, Machine machine, Surroundings again) {
    this.blobs = blobs;
    this.grade = grade;
    this.machine = machine;
    this.again = again;
  }

  /**
   * Runs all of them again, at least two seconds after they ended, a few at once.
   *
   * @throws IOException if one cannot be run at all; that one fails is a finding
   */
  public RebuildReport check(List<? extends Rerun> actions, Watcher watcher)
      throws IOException, InterruptedException {
    if (actions.isEmpty()) {
      return RebuildReport.NONE;
    }
    TimeUnit.NANOSECONDS.sleep(APART.toNanos());
    RebuildReport report = RebuildReport.NONE;
    List<Future<RebuildReport>> running = new ArrayList<>();
    int next = 0;
    try {
      for (int done = 0; done < actions.size(); done++) {
        while (next < actions.size() && next - done < machine.jobs()) {
          ActionCheck check = new ActionCheck(blobs, grade, machine, again, actions.get(next++));
          running.add(machine.pool().submit(check::run));
        }
        watcher.at(done, actions.size());
        report = report.and(running.get(done).get());
      }
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
    } finally {
      running.forEach(each -> each.cancel(false)); // an interrupt would close files of the store
    }
    watcher.at(actions.size(), actions.size());
    return report;
  }
}
